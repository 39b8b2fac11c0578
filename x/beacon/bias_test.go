package beacon

import (
	"flag"
	"math"
	"math/rand"
	"testing"
)

var biasDraws = flag.Int("bias-draws", 30_000, "how many draws TestACoalitionsGainIsBounded simulates for each case")

// lottery is a model of the beacon against a coalition with a part f of the power. It wants a draw of chance p. Its own
// tickets come as a stream of rate f, and the best honest one as the first of a stream of rate 1-f.
type lottery struct {
	*rand.Rand
	f, p float64
}

// hand is the coalition's own tickets of a height, from the best on, and which of them would give it what it wants.
type hand []struct {
	at   float64
	wins bool
}

func (l lottery) hand() (h hand) {
	for at := l.ExpFloat64() / l.f; at < 8/(1-l.f); at += l.ExpFloat64() / l.f {
		h = append(h, struct {
			at   float64
			wins bool
		}{at, l.Float64() < l.p})
	}
	return h
}

// ahead is the chance that a ticket is better than the best honest one.
func (l lottery) ahead(at float64) float64 { return math.Exp(-(1 - l.f) * at) }

// worth is what the coalition expects of a hand: of the last one to win, of one before it to have a choice.
func (l lottery) worth(h hand, last bool) (worth float64) {
	for _, t := range h {
		switch {
		case !last:
			worth += l.ahead(t.at)
		case t.wins:
			return l.ahead(t.at) + (1-l.ahead(t.at))*l.p
		}
	}
	if last {
		return l.p
	}
	return worth
}

// draw plays the heights of a draw. With j own tickets ahead of the honest ones the coalition shows any of j+1, and the
// tickets of a height depend on all heights up to the third before. What it shows for the last two of these it decides
// when it knows the tickets of both, so it has the best hand of (j+1)(k+1). That is more than it can have: here it may
// decide anew for each height.
func (l lottery) draw() bool {
	var ahead [Wait - 1]int
	for height := range ahead {
		choices := 1
		for _, back := range []int{3, 4} {
			if height >= back {
				choices *= 1 + ahead[height-back]
			}
		}
		last := height == len(ahead)-1
		best := l.hand()
		for range choices - 1 {
			if h := l.hand(); l.worth(h, last) > l.worth(best, last) {
				best = h
			}
		}
		honest := l.ExpFloat64() / (1 - l.f)
		for _, t := range best {
			if t.at > honest {
				break
			}
			if ahead[height]++; last && t.wins {
				return true
			}
		}
	}
	return l.Float64() < l.p
}

// A coalition multiplies the chance of what it wants by less than 1/(1-2f). -bias-draws 1000000 takes a minute.
func TestACoalitionsGainIsBounded(t *testing.T) {
	for _, f := range []float64{0.05, 0.1, 0.2, 0.3, 1.0 / 3} {
		for _, p := range []float64{0.3, 0.05} {
			l, wins := lottery{rand.New(rand.NewSource(1)), f, p}, 0.0
			for range *biasDraws {
				if l.draw() {
					wins++
				}
			}
			n := float64(*biasDraws)
			gain, deviation := wins/n/p, math.Sqrt(p*(1-p)/n)/p
			t.Logf("f = %.2f, p = %.2f: %.2f times the chance (deviation %.2f), bound %.2f", f, p, gain, deviation, 1/(1-2*f))
			if gain > 1/(1-2*f)+4*deviation {
				t.Errorf("f = %.2f, p = %.2f: %.2f times the chance, more than the bound", f, p, gain)
			}
			if f > 0.25 && gain < 1.3 {
				t.Errorf("f = %.2f, p = %.2f: %.2f times the chance: the coalition does not play", f, p, gain)
			}
		}
	}
}

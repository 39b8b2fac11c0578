package infer

import (
	"math"
	"testing"
)

func TestPickFollowsTheProbabilities(t *testing.T) {
	b := backend(t, "", 1)
	logits := []float32{1, 3, 2, float32(math.Inf(-1)), 2, 0}
	const draws = 20000
	for _, c := range []struct {
		name              string
		temperature, topP float32
		allowed           []int
	}{
		{"all", 1, 1, []int{0, 1, 2, 4, 5}},
		{"0 is all", 1, 0, []int{0, 1, 2, 4, 5}},
		{"flat", 5, 1, []int{0, 1, 2, 4, 5}},
		{"only the best", 1, 0.3, []int{1}},
		{"of equals the lower", 1, 0.6, []int{1, 2}},
		{"both equals", 1, 0.85, []int{1, 2, 4}},
		{"cold", 0.01, 1, []int{1}},
	} {
		s := newSampler(b, len(logits))
		want, total := make([]float64, len(logits)), 0.0
		for _, i := range c.allowed {
			want[i] = math.Exp(float64(logits[i]) / float64(c.temperature))
			total += want[i]
		}
		got := make([]float64, len(logits))
		for i := range draws {
			got[s.pick(logits, c.temperature, c.topP, 9, uint64(i))]++
		}
		for i := range got {
			p := want[i] / total
			// five standard deviations
			if math.Abs(got[i]/draws-p) > 5*math.Sqrt(p*(1-p)/draws)+1e-9 {
				t.Errorf("%s: token %d was drawn %v of %d times, want %.3f", c.name, i, got[i], draws, p)
			}
		}
	}
}

func TestGreedyTakesTheFirstOfTheBest(t *testing.T) {
	nan := float32(math.NaN())
	for _, c := range []struct {
		logits []float32
		want   int32
	}{{[]float32{1, 5, 5}, 1}, {[]float32{-3, -2, -9}, 1}, {[]float32{7}, 0}, {[]float32{1, nan, 2}, 2}, {[]float32{nan, nan}, 0}} {
		if got := newSampler(nil, len(c.logits)).pick(c.logits, 0, 1, 1, 1); got != c.want {
			t.Errorf("%v: %d, want %d", c.logits, got, c.want)
		}
	}
}

// TestBrokenLogitsStillGiveAToken: a model that was trained to pieces must not
// bring its worker down.
func TestBrokenLogitsStillGiveAToken(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, logits := range [][]float32{{nan, nan}, {nan, 1}, {inf, 1}, {inf, inf}, {-inf, -inf}, {math.MaxFloat32, -math.MaxFloat32}} {
		s := newSampler(backend(t, "", 1), len(logits))
		for _, topP := range []float32{0.5, 1} {
			for _, temperature := range []float32{math.SmallestNonzeroFloat32, 1, 100} {
				if id := s.pick(logits, temperature, topP, 1, 1); id < 0 || int(id) >= len(logits) {
					t.Errorf("%v: %d", logits, id)
				}
			}
		}
	}
}

func TestDrawTakesTheLastWhenRoundingFallsShort(t *testing.T) {
	s := &sampler{probs: []float32{0.5, 0.25, 0}}
	if got := s.draw([]int32{0, 1, 2}, 0.75); got != 1 {
		t.Errorf("%d, want the last that has any probability", got)
	}
}

func TestTopIsSortedAndAgreesWithLogprob(t *testing.T) {
	logits := []float32{0.5, 2, -1, 2, 3, float32(math.Inf(-1))}
	l := likelihood{b: backend(t, "", 1)}
	chosen := l.logprob(logits, 3)
	top := l.top(logits, 4)
	for i, want := range []int32{4, 1, 3, 0} {
		if top[i].ID != want {
			t.Fatalf("%v", top)
		}
	}
	if len(top) != 4 || top[2].Logprob != chosen {
		t.Errorf("top %v, chosen %v", top, chosen)
	}
	sum := 0.0
	for _, p := range l.top(logits, len(logits)) {
		sum += math.Exp(float64(p.Logprob))
	}
	if math.Abs(sum-1) > 1e-5 {
		t.Errorf("probabilities sum to %v", sum)
	}
}

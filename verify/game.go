package verify

import (
	"errors"
	"fmt"

	"github.com/minga-network/minga/blob"
)

// ErrMove marks a message that does not follow from the game so far. It changes
// nothing: whoever sent it has until the deadline to send a better one.
var ErrMove = errors.New("verify: the move does not follow")

// Claimed is what a worker says that a run gave: the root over the states that it
// began with and what every step committed to, and the blob that the run made.
type Claimed struct{ Trace, Result Hash }

// Target is what a challenger denies.
type Target uint8

const (
	Trace  Target = iota // a step's outcome
	Result               // the file, while the trace is right
	Sound                // that no step contradicts its inputs, while the trace is right
)

// Side is one of the two.
type Side uint8

const (
	Nobody Side = iota
	Claimant
	Challenger
)

// A Game is a dispute between a claimant and one challenger, as far as it has
// gone. Everything that the next move needs is in it, so that either side, and
// the chain, can go on from its encoding alone.
//
// Moves alternate. The claimant answers with what its claim stands for in the
// disputed part: hashes, words or registers, which must make up what it said
// before. The challenger denies the first of them that its own execution does not
// give, and so agrees to all before it. Its last denial carries the evidence for
// one step of the machine; that step is executed here, and it decides.
type Game struct {
	Target    Target
	Winner    Side
	Exchanges int // answers so far

	Levels []Level // from the steps of the run down to what is narrowed down now
	Due    bool    // all is narrowed down: the challenger owes the evidence

	// What the claimant says is in the disputed part, until one of it is denied.
	Shown  []Hash
	Data   []byte // the words of a kibibyte
	Points [][]uint32

	Correct []uint32 // what executing the step gave
}

// Open starts a game about what a worker claims.
func Open(t *Task, c Claimed, target Target) (*Game, error) {
	g, run, trace := &Game{Target: target}, t.Extent(), blob.Span{Top: c.Trace, Hi: t.Leaves()}
	if target == Trace {
		g.Levels = []Level{{At: trace}}
		return g, nil
	}
	agreed := Level{Agreed: []blob.Span{trace}}
	switch {
	case target == Result && run.Result > 0:
		g.Levels = []Level{agreed, *ValueLevel(Pieces, c.Result, run.Result/4)}
	case target == Result:
		return nil, fmt.Errorf("%w: this run makes no file", ErrMove)
	case target == Sound && run.Sound:
		steps := blob.Span{Lo: 1, Hi: t.Leaves()}
		g.Levels = []Level{agreed, {Stage: Contradiction, Sort: Free, At: steps, To: []uint32{0}}}
	case target == Sound:
		return nil, fmt.Errorf("%w: this run shows no contradictions", ErrMove)
	default:
		return nil, fmt.Errorf("%w: nothing is called target %d", ErrMove, target)
	}
	return g, nil
}

// Turn is whose move it is.
func (g *Game) Turn() Side {
	switch {
	case g.Winner != Nobody:
		return Nobody
	case g.Due || g.Last().Sort == Free || len(g.Shown)+len(g.Data)+len(g.Points) > 0:
		return Challenger
	}
	return Claimant
}

// Silent ends the game against whose turn it is.
func (g *Game) Silent() {
	switch g.Turn() {
	case Claimant:
		g.Winner = Challenger
	case Challenger:
		g.Winner = Claimant
	case Nobody: // the game has ended
	}
}

// descend goes on to the levels below while there is one part left to dispute.
func (g *Game) descend(t *Task) error {
	for g.Last().narrow() {
		below, err := t.Below(g)
		if err != nil {
			return err
		}
		if below == nil {
			g.Due = true
			return nil
		}
		g.Levels = append(g.Levels, *below)
	}
	return nil
}

// MaxExchanges is the most answers that a game can take, given the number of parts
// of each level: of a tree its leaves, of a value its words, of a line its steps.
func MaxExchanges(parts ...int) int {
	answers := 0
	for _, n := range parts {
		answers += 1 + log16(n)
	}
	return answers
}

func log16(n int) int {
	rounds := 0
	for reach := 1; reach < n; reach *= fan {
		rounds++
	}
	return rounds
}

// Points are the numbers of steps of a line after which registers are shown, the
// last being hi.
func Points(lo, hi int) []int {
	n := min(fan, hi-lo)
	ps := make([]int, n)
	for i := range ps {
		ps[i] = lo + (hi-lo)*(i+1)/n
	}
	return ps
}

// same compares registers with those claimed, which may be only the first ones.
func same(r, claimed []uint32) bool {
	if len(r) < len(claimed) {
		return false
	}
	for i, w := range claimed {
		if r[i] != w {
			return false
		}
	}
	return true
}

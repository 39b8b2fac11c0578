package verify

import (
	"errors"
	"fmt"

	"github.com/minga-network/minga/nn"
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

// Stage is what a game narrows down at the moment.
type Stage uint8

const (
	Steps         Stage = iota // which step of the run
	Nodes                      // which node of the step's Program
	Outputs                    // which output of the node
	Chunks                     // which kibibyte of the output
	Element                    // which element of the kibibyte: follows Chunks
	Position                   // which scalar step of the element's fold
	States                     // which state of the step is not what its node made
	Pieces                     // which kibibyte of the file
	Place                      // which word of the kibibyte: follows Pieces
	Contradiction              // which step contradicts its inputs
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
// Moves alternate. The claimant answers with the hashes (at last with the words
// and registers) that its claim stands for under what is disputed; they must
// make up what it said before. The challenger denies the first of them that its
// own execution does not give, and so agrees to all before it. Its last denial
// carries the operands of one scalar step, with proofs that lead to what both
// agree on; then that step is executed here, and it decides.
type Game struct {
	Target    Target
	Stage     Stage
	Winner    Side
	Exchanges int // answers so far

	At    span   // the subtree that is disputed
	Named int64  // if At.Top is a blob's name: the blob's size in bytes
	Shown []Hash // what the claimant says is below At, until one is denied
	Data  []byte // the chunk that it showed

	Step   int  // of the run; before the first step it is -1
	Before span // agreed: a span with the leaf before, or the whole trace
	Leaf   Hash // what the step committed to, denied

	Node   int       // or, before the first step, the state
	Agreed []span    // agreed: the nodes before
	Proof  *nn.Proof // of it
	Outs   []Hash    // agreed: the outputs before, in the node's order
	Output int       // by place in the node's order
	Chunk  int
	Word   int // the element in its output, or the word in the file

	Lo, Hi   int        // scalar steps done when the registers were From and To
	From, To []uint32   // agreed and denied
	Points   [][]uint32 // registers shown between them, until one is denied
	Correct  []uint32   // what executing the step gave
}

// Open starts a game about what a worker claims.
func Open(t *Task, c Claimed, target Target) (*Game, error) {
	g := &Game{Target: target}
	switch target {
	case Trace:
		g.Stage, g.At = Steps, span{c.Trace, 0, t.Leaves()}
	case Result:
		if t.Header.Size == 0 {
			return nil, fmt.Errorf("%w: this run makes no file", ErrMove)
		}
		g.Stage, g.Before = Pieces, span{c.Trace, 0, t.Leaves()}
		g.At, g.Named = span{c.Result, 0, chunks(t.ResultSize() / 4)}, t.ResultSize()
		g.arriveAtChunk()
	case Sound:
		if !t.Sound {
			return nil, fmt.Errorf("%w: this run shows no contradictions", ErrMove)
		}
		g.Stage, g.Before = Contradiction, span{c.Trace, 0, t.Leaves()}
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
	case g.Stage == Contradiction || len(g.Shown)+len(g.Data)+len(g.Points) > 0:
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
	}
}

// MaxExchanges is the most answers that a game about the task can take, given
// the largest output of a node in words and the longest fold.
func MaxExchanges(steps, nodes, words, fold int) int {
	return 2 + log16(steps) + log16(nodes) + log16(words) + log16(fold) + 2
}

func log16(n int) int {
	rounds := 0
	for reach := 1; reach < n; reach *= fan {
		rounds++
	}
	return rounds
}

// arrive goes on to the next stage when the disputed subtree is a single leaf.
func (g *Game) arrive(t *Task) {
	if g.At.leaves() > 1 {
		return
	}
	switch g.Stage {
	case Steps:
		g.arriveAtStep(t)
	case Nodes:
		phase, _ := t.phase(g.Step)
		if g.At.Lo == phase.Nodes {
			g.Stage, g.At = States, span{g.Leaf, 0, t.width(g.Step + 1)}
			return
		}
		g.Node = g.At.Lo
		g.Stage, g.At = Outputs, span{Top: g.At.Top}
	case States:
		if g.Step < 0 {
			g.Node = g.At.Lo
			g.Stage, g.At = Outputs, span{Top: g.At.Top}
		}
	case Chunks, Pieces:
		g.arriveAtChunk()
	}
}

// arriveAtStep goes on to the nodes of a step, or to the states before the first.
func (g *Game) arriveAtStep(t *Task) {
	g.Step, g.Leaf = g.At.Lo-1, g.At.Top
	if g.Step >= 0 {
		phase, _ := t.phase(g.Step)
		g.Stage, g.At = Nodes, span{Hi: phase.Nodes + 1}
		return
	}
	g.Stage, g.At = States, span{g.Leaf, 0, t.States}
	g.arrive(t)
}

// arriveAtChunk goes on to the words of a chunk when only one is disputed.
func (g *Game) arriveAtChunk() {
	if g.At.leaves() > 1 {
		return
	}
	g.Chunk = g.At.Lo
	g.Stage++ // Element after Chunks, Place after Pieces
}

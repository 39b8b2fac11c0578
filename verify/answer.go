package verify

import (
	"fmt"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/nn"
)

// An Answer is a claimant's move: what is below that which is disputed. Each
// stage wants some of it and refuses the rest.
type Answer struct {
	// Root is the root over the nodes of the step and what the step committed to,
	// and Last the path of the latter, when the nodes are first asked for.
	Root Hash
	Last []Hash
	// Node is the proof of the disputed node, when its outputs are first asked for.
	Node *nn.Proof
	// Children are the hashes of the parts of the disputed subtree, at most 16.
	Children []Hash
	// Chunk is the disputed kibibyte.
	Chunk []byte
	// Registers are those at (at most 16) points of the disputed part of a fold,
	// the last at its end.
	Registers [][]uint32
}

// Answer makes the claimant's move. An error, which wraps ErrMove, says why the
// move is refused; the game is as before then.
func (g *Game) Answer(t *Task, a *Answer) error {
	if g.Turn() != Claimant {
		return fmt.Errorf("%w: it is not the claimant's turn", ErrMove)
	}
	next := *g
	if err := next.answer(t, a); err != nil {
		return err
	}
	next.Exchanges++
	*g = next
	return nil
}

func (g *Game) answer(t *Task, a *Answer) error {
	if g.Stage == Position {
		return g.showRegisters(a)
	}
	if len(a.Registers) > 0 {
		return fmt.Errorf("%w: registers are not asked for", ErrMove)
	}
	if err := g.showRoot(t, a); err != nil {
		return err
	}
	if err := g.showNode(t, a); err != nil {
		return err
	}
	if g.Stage == Element || g.Stage == Place {
		return g.showChunk(t, a)
	}
	if len(a.Chunk) > 0 {
		return fmt.Errorf("%w: a chunk is not asked for", ErrMove)
	}
	return g.showChildren(a)
}

// showRoot takes the root over the step's nodes, of which the denied outcome of
// the step must be the last leaf: whoever computed the nodes right then shows
// that the outcome is not theirs.
func (g *Game) showRoot(t *Task, a *Answer) error {
	if g.Stage != Nodes || g.At.Top != (Hash{}) {
		if a.Root != (Hash{}) || len(a.Last) > 0 {
			return fmt.Errorf("%w: the root over the nodes is not asked for", ErrMove)
		}
		return nil
	}
	g.At.Top = a.Root
	if !g.At.holds(g.Leaf, g.At.Hi-1, a.Last) {
		return fmt.Errorf("%w: what the step committed to is not the last leaf under the root over its nodes", ErrMove)
	}
	return nil
}

// showNode takes the proof of the disputed node, from which the chain learns its
// operator and shapes. A node with one output goes on with that.
func (g *Game) showNode(t *Task, a *Answer) error {
	if g.Stage != Outputs || g.Proof != nil {
		if a.Node != nil {
			return fmt.Errorf("%w: a node is not asked for", ErrMove)
		}
		return nil
	}
	if a.Node == nil || a.Node.Index != g.Node {
		return fmt.Errorf("%w: show node (or state) %d of the Program", ErrMove, g.Node)
	}
	g.Proof, g.At.Hi = a.Node, 1
	if g.Step >= 0 {
		n, err := g.node(t)
		if err != nil {
			return err
		}
		g.At.Hi = len(n.out)
	}
	return g.arriveAtOutput(t)
}

// arriveAtOutput goes on to the chunks of an output when only one is disputed.
func (g *Game) arriveAtOutput(t *Task) error {
	if g.At.leaves() > 1 {
		return nil
	}
	g.Output = g.At.Lo
	words, err := g.words(t)
	if err != nil {
		return err
	}
	g.Stage, g.Named, g.At = Chunks, 4*words, span{g.At.Top, 0, chunks(words)}
	g.arriveAtChunk()
	return nil
}

// words is the size of the disputed value: a node's output, or a state before
// the first step.
func (g *Game) words(t *Task) (int64, error) {
	if g.Step < 0 {
		_, v, _, err := checkState(t, t.Phases[0], g.Proof, g.Node)
		return int64(v.Size()), err
	}
	n, err := g.node(t)
	if err != nil {
		return 0, err
	}
	return int64(n.output(g.Output).Size()), nil
}

func (g *Game) showChildren(a *Answer) error {
	if g.Named > 0 {
		if want := len(split(g.At.Lo, g.At.Hi)); len(a.Children) != want {
			return fmt.Errorf("%w: %d hashes for %d parts", ErrMove, len(a.Children), want)
		}
		top := join(g.At.Lo, g.At.Hi, a.Children)
		if root(g.Named, top) != g.At.Top {
			return fmt.Errorf("%w: the hashes shown do not make up the blob disputed", ErrMove)
		}
		g.At.Top, g.Named = top, 0
	}
	if _, err := g.At.under(a.Children); err != nil {
		return err
	}
	g.Shown = a.Children
	return nil
}

func (g *Game) showChunk(t *Task, a *Answer) error {
	size, err := g.chunkSize(t)
	if err != nil {
		return err
	}
	if len(a.Children) > 0 || len(a.Chunk) != size {
		return fmt.Errorf("%w: show the %d bytes of the chunk and nothing else", ErrMove, size)
	}
	top := blob.Leaf(a.Chunk)
	if g.Named > 0 { // the only chunk of its blob
		top = root(g.Named, top)
	}
	if top != g.At.Top {
		return fmt.Errorf("%w: the chunk shown is not the one disputed", ErrMove)
	}
	g.Data = a.Chunk
	return nil
}

// chunkSize is the number of bytes in the disputed chunk.
func (g *Game) chunkSize(t *Task) (int, error) {
	size := t.ResultSize()
	if g.Stage == Element {
		words, err := g.words(t)
		if err != nil {
			return 0, err
		}
		size = 4 * words
	}
	return int(min(blob.LeafSize, size-blob.LeafSize*int64(g.Chunk))), nil
}

func (g *Game) showRegisters(a *Answer) error {
	points := points(g.Lo, g.Hi)
	switch {
	case a.Root != (Hash{}) || len(a.Last)+len(a.Children)+len(a.Chunk) > 0 || a.Node != nil:
		return fmt.Errorf("%w: only registers are asked for", ErrMove)
	case len(a.Registers) != len(points):
		return fmt.Errorf("%w: registers at %d points, show them at %d", ErrMove, len(a.Registers), len(points))
	}
	for _, r := range a.Registers {
		if len(r) != len(g.From) {
			return fmt.Errorf("%w: %d registers, the fold has %d", ErrMove, len(r), len(g.From))
		}
	}
	if last := a.Registers[len(points)-1]; !same(last, g.To) {
		return fmt.Errorf("%w: the registers at the end are not those claimed before", ErrMove)
	}
	g.Points = a.Registers
	return nil
}

// same compares registers with those claimed: at the end of a fold only register
// 0 was claimed, which is the element.
func same(r, claimed []uint32) bool {
	for i, w := range claimed {
		if r[i] != w {
			return false
		}
	}
	return true
}

// points are the numbers of scalar steps after which registers are shown, the
// last being hi.
func points(lo, hi int) []int {
	n := min(fan, hi-lo)
	ps := make([]int, n)
	for i := range ps {
		ps[i] = lo + (hi-lo)*(i+1)/n
	}
	return ps
}

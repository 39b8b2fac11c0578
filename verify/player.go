package verify

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/nn"
)

// A Run is one's own execution of a task. It is asked again after a restart, so
// it answers from what can be computed again.
type Run interface {
	// Leaves are those of the trace: the states before the first step, and what
	// each step committed to.
	Leaves() ([]Hash, error)
	// Pass executes one step (from 0) once more and keeps everything.
	Pass(step int) (Pass, error)
	// File is the file that the run made.
	File() ([]byte, error)
	// Input is the whole blob of an input of the task, and Start of the file that
	// the states come from, if they do.
	Input(i int) ([]uint32, error)
	Start() ([]uint32, error)
}

// A Pass is one step with all that it read and made.
type Pass interface {
	Program() *nn.Program
	// Words are a value's elements: int32, or float32 with every NaN as 7fc00000. They
	// are only read, by several goroutines at once.
	Words(id nn.ID) []uint32
}

// A Player makes the moves of one side from its own execution. It keeps nothing
// that it cannot make again, so the same game goes on after a restart.
type Player struct {
	task   *Task
	run    Run
	leaves []Hash
	step   int // of the pass that is kept
	pass   *executed
}

// NewPlayer prepares for games about a task of which this is one's own run.
func NewPlayer(t *Task, run Run) *Player { return &Player{task: t, run: run, step: -1} }

// executed is a pass with its hashes.
type executed struct {
	program *nn.Program
	words   [][]uint32 // of each value
	roots   []Hash     // of each value
	nodes   []Hash     // leaf of each node, then what the step committed to
	outs    [][]Hash   // value roots of each node, in its order
	commits []Hash     // value roots that the step committed to
	trees   map[nn.ID][]Hash
}

// at returns the pass of a step, executed again unless it is the last one kept.
func (p *Player) at(step int) (*executed, error) {
	if p.step == step {
		return p.pass, nil
	}
	pass, err := p.run.Pass(step)
	if err != nil {
		return nil, fmt.Errorf("verify: executing step %d again: %w", step, err)
	}
	phase, _ := p.task.phase(step)
	x := hashed(pass)
	for _, n := range x.program.Nodes {
		var outs []Hash
		for _, o := range n.Order() {
			outs = append(outs, x.root(n.Out[o]))
		}
		x.outs = append(x.outs, outs)
		x.nodes = append(x.nodes, blob.Root(outs))
	}
	for _, s := range x.program.States {
		x.commits = append(x.commits, x.root(s.Next))
	}
	for _, o := range x.program.Outputs[:phase.Outputs] {
		x.commits = append(x.commits, x.root(o.ID))
	}
	x.nodes = append(x.nodes, blob.Root(x.commits))
	p.step, p.pass = step, x
	return x, nil
}

// hashed reads all values of a pass and hashes them, with as many goroutines as run
// at a time: a step of training is tens of megabytes.
func hashed(pass Pass) *executed {
	program := pass.Program()
	n := len(program.Values)
	x := &executed{program: program, words: make([][]uint32, n), roots: make([]Hash, n), trees: map[nn.ID][]Hash{}}
	var next atomic.Int64
	var wait sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wait.Go(func() {
			for {
				id := int(next.Add(1)) - 1
				if id >= n {
					return
				}
				x.words[id] = pass.Words(nn.ID(id))
				x.roots[id] = blob.SumWords(x.words[id])
			}
		})
	}
	wait.Wait()
	return x
}

// Words are the elements of a value.
func (x *executed) Words(id nn.ID) []uint32 { return x.words[id] }

// root is the name of the blob that a value makes.
func (x *executed) root(id nn.ID) Hash { return x.roots[id] }

// tree is the leaves of a value's tree.
func (x *executed) tree(id nn.ID) []Hash {
	if t, ok := x.trees[id]; ok {
		return t
	}
	x.trees[id] = leavesOf(x.words[id])
	return x.trees[id]
}

func leavesOf(words []uint32) []Hash {
	leaves := blob.WordLeaves(words)
	hs := make([]Hash, len(leaves))
	for i := range leaves {
		hs[i] = Hash(leaves[i])
	}
	return hs
}

// Trace is the root over all steps of one's own run.
func (p *Player) Trace() (Hash, error) {
	leaves, err := p.steps()
	return blob.Root(leaves), err
}

func (p *Player) steps() ([]Hash, error) {
	if p.leaves == nil {
		leaves, err := p.run.Leaves()
		if err != nil {
			return nil, err
		}
		p.leaves = leaves
	}
	return p.leaves, nil
}

// disputed is the leaves of the tree that the game is in, as one's own run has
// them.
func (p *Player) disputed(g *Game) ([]Hash, error) {
	if g.Stage == Steps {
		return p.steps()
	}
	if g.Stage == Pieces || g.Stage == Place {
		file, err := p.run.File()
		return leavesOf(wordsOf(file)), err
	}
	x, err := p.at(max(g.Step, 0))
	if err != nil {
		return nil, err
	}
	switch {
	case g.Stage == Nodes:
		return x.nodes, nil
	case g.Stage == States && g.Step < 0:
		return p.commits(0, x)
	case g.Stage == States:
		return x.commits, nil
	case g.Stage == Outputs:
		return x.outs[g.Node], nil
	}
	return x.tree(p.value(x, g)), nil
}

// value is the disputed output, or the disputed state before the first step.
func (p *Player) value(x *executed, g *Game) nn.ID {
	if g.Step < 0 {
		return nn.ID(len(p.task.Inputs) + 1 + g.Node)
	}
	n := x.program.Nodes[g.Node]
	return n.Out[n.Order()[g.Output]]
}

func wordsOf(b []byte) []uint32 {
	words := make([]uint32, 0, len(b)/4)
	for ; len(b) >= 4; b = b[4:] {
		words = append(words, binary.LittleEndian.Uint32(b))
	}
	return words
}

// tops are the hashes of the parts of a subtree.
func tops(leaves []Hash, lo, hi int) []Hash {
	var hs []Hash
	for _, s := range split(lo, hi) {
		hs = append(hs, blob.Root(leaves[s.Lo:s.Hi]))
	}
	return hs
}

// Answer makes the claimant's next move from its own run, true or not.
func (p *Player) Answer(g *Game) (*Answer, error) {
	if g.Turn() != Claimant {
		return nil, fmt.Errorf("%w: it is not the claimant's turn", ErrMove)
	}
	if g.Stage == Position {
		return p.registers(g)
	}
	a, g := &Answer{}, ahead(g)
	if g.Stage == Nodes && g.At.Top == (Hash{}) {
		leaves, err := p.disputed(g)
		if err != nil {
			return nil, err
		}
		a.Root, a.Last = blob.Root(leaves), blob.Path(leaves, len(leaves)-1)
	}
	if g.Stage == Outputs && g.Proof == nil {
		if err := p.showNode(g, a); err != nil {
			return nil, err
		}
	}
	if g.Stage == Element || g.Stage == Place {
		chunk, err := p.chunk(g)
		a.Chunk = bytesOf(chunk)
		return a, err
	}
	leaves, err := p.disputed(g)
	if err != nil {
		return nil, err
	}
	a.Children = tops(leaves, g.At.Lo, g.At.Hi)
	return a, nil
}

// showNode adds the proof of the disputed node, or of the state before the first
// step, and looks ahead to what must be shown with it.
func (p *Player) showNode(g *Game, a *Answer) error {
	x, err := p.at(max(g.Step, 0))
	if err != nil {
		return err
	}
	if g.Step < 0 {
		a.Node, err = x.program.ProveState(g.Node)
	} else {
		a.Node, err = x.program.ProveNode(g.Node)
	}
	if err != nil {
		return err
	}
	return g.showNode(p.task, a)
}

// ahead is a copy to look ahead with.
func ahead(g *Game) *Game {
	next := *g
	return &next
}

// chunk is the disputed kibibyte as one's own run has it.
func (p *Player) chunk(g *Game) ([]uint32, error) {
	var words []uint32
	if g.Stage == Place {
		file, err := p.run.File()
		if err != nil {
			return nil, err
		}
		words = wordsOf(file)
	} else {
		x, err := p.at(max(g.Step, 0))
		if err != nil {
			return nil, err
		}
		words = x.Words(p.value(x, g))
	}
	return cut(words, g.Chunk), nil
}

// cut is a kibibyte of a value; fewer words at its end.
func cut(words []uint32, chunk int) []uint32 {
	lo := min(chunk*leafWords, len(words))
	return words[lo:min(lo+leafWords, len(words))]
}

// registers computes those at the points that the game asks for. A liar's fold
// would not end in what it claims; so that its lie is in the last step, the
// claimed end is shown whatever the fold gives.
func (p *Player) registers(g *Game) (*Answer, error) {
	points, err := p.walk(g)
	if err != nil {
		return nil, err
	}
	copy(points[len(points)-1], g.To)
	return &Answer{Registers: points}, nil
}

// walk executes the disputed part of the fold on one's own values and returns
// the registers at its points.
func (p *Player) walk(g *Game) ([][]uint32, error) {
	x, err := p.at(g.Step)
	if err != nil {
		return nil, err
	}
	n, fold, err := g.fold(p.task)
	if err != nil {
		return nil, err
	}
	read := &recall{x: x, n: n}
	r := slices.Clone(g.From)
	var shown [][]uint32
	at := g.Lo
	for _, to := range points(g.Lo, g.Hi) {
		for ; at < to; at++ {
			fold.Step(at, r, read)
		}
		shown = append(shown, slices.Clone(r))
	}
	return shown, nil
}

package player

import (
	"fmt"
	"math"
	"slices"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/verify"
)

// An Execution is one's own run of Programs. It is asked again after a restart, so it
// answers from what can be computed again.
type Execution interface {
	// Leaves are those of the trace: the states before the first step, and what
	// each step committed to.
	Leaves() ([]verify.Hash, error)
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

// programs is the run of an execution.
type programs struct {
	Execution
	task   *verify.Programs
	leaves []verify.Hash
	kept   []*executed // the passes used last
}

// MostPasses is how many steps of a run are in memory with all their values at a time:
// disputes about one run are seldom about more than two.
const MostPasses = 2

// Programs prepares an execution of a task for games about it.
func Programs(t *verify.Programs, e Execution) Run { return newPrograms(t, e) }

func newPrograms(t *verify.Programs, e Execution) *programs { return &programs{Execution: e, task: t} }

// Leaves are those of the trace, computed once.
func (p *programs) Leaves() (leaves []verify.Hash, err error) {
	if p.leaves == nil {
		p.leaves, err = p.Execution.Leaves()
	}
	return p.leaves, err
}

// Contradiction is the first step whose first output is not zero, or -1. An execution
// may know it without showing every step.
func (p *programs) Contradiction() (int, error) {
	if c, ok := p.Execution.(interface{ Contradiction() (int, error) }); ok {
		return c.Contradiction()
	}
	for step := range p.task.Extent().Steps {
		pass, err := p.Pass(step)
		if err != nil {
			return -1, err
		}
		if pass.Words(pass.Program().Outputs[0].ID)[0] != 0 {
			return step, nil
		}
	}
	return -1, nil
}

// Open proves the disputed node, or the state before the first step; or shows what leads
// from what the step committed to, to the root over its nodes.
func (p *programs) Open(g *verify.Game) ([]byte, error) {
	x, err := p.disputed(g)
	if err != nil {
		return nil, err
	}
	var proof *nn.Proof
	switch g.Last().Stage {
	case verify.Nodes:
		return verify.PathOf(blob.Path(x.nodes, len(x.nodes)-1)), nil
	case verify.First:
		proof, err = x.program.ProveState(part(g, verify.States))
	default:
		proof, err = x.program.ProveNode(part(g, verify.Nodes))
	}
	if err != nil {
		return nil, err
	}
	return verify.PartOf(proof), nil
}

// Tree is the leaves of the nodes of a step, the outputs of a node, what a step committed
// to, or a value.
func (p *programs) Tree(g *verify.Game) ([]verify.Hash, error) {
	x, err := p.disputed(g)
	if err != nil {
		return nil, err
	}
	switch g.Last().Stage {
	case verify.Nodes:
		return x.nodes, nil
	case verify.Outputs:
		return x.outs[part(g, verify.Nodes)], nil
	case verify.States:
		if step(g) < 0 {
			return p.before(0, x)
		}
		return x.commits, nil
	}
	return x.tree(p.value(g, x)), nil
}

// Value is the words of the disputed output, or of a state before the first step.
func (p *programs) Value(g *verify.Game) ([]uint32, error) {
	x, err := p.disputed(g)
	if err != nil {
		return nil, err
	}
	return x.words[p.value(g, x)], nil
}

// value is the disputed output, or the disputed state before the first step.
func (p *programs) value(g *verify.Game, x *executed) nn.ID {
	if step(g) < 0 {
		return p.state(part(g, verify.States))
	}
	n := x.program.Nodes[part(g, verify.Nodes)]
	return n.Out[n.Order()[part(g, verify.Outputs)]]
}

// state is the value that a step reads a state as.
func (p *programs) state(i int) nn.ID { return nn.ID(len(p.task.Inputs) + 1 + i) }

// Line executes the disputed part of the fold on one's own values.
func (p *programs) Line(g *verify.Game) ([][]uint32, error) {
	x, err := p.disputed(g)
	if err != nil {
		return nil, err
	}
	f, err := p.fold(g, x)
	if err != nil {
		return nil, err
	}
	var shown [][]uint32
	l, read := g.Last(), &reads{x: x, n: x.program.Nodes[part(g, verify.Nodes)]}
	r, done := slices.Clone(l.From), l.Lo
	for _, to := range verify.Points(l.Lo, l.Hi) {
		for ; done < to; done++ {
			f.Step(done, r, read)
		}
		shown = append(shown, slices.Clone(r))
	}
	return shown, nil
}

// fold is the definition of the disputed element.
func (p *programs) fold(g *verify.Game, x *executed) (nn.Fold, error) {
	n := x.program.Nodes[part(g, verify.Nodes)]
	in, out := x.shapes(n.In), x.shapes(n.Out)
	return n.Fold(in, out, n.Order()[part(g, verify.Outputs)], g.Level(verify.Chunks).Word)
}

// part is the one that a level has come to, and step the step of the run, from 0; before
// the first it is -1.
func part(g *verify.Game, s verify.Stage) int { return g.Level(s).At.Lo }
func step(g *verify.Game) int                 { return part(g, verify.Steps) - 1 }

// disputed is the pass of the disputed step; before the first step that of the first, which
// has read the states.
func (p *programs) disputed(g *verify.Game) (*executed, error) { return p.at(max(step(g), 0)) }

// at is the pass of a step, executed again unless it is kept.
func (p *programs) at(step int) (*executed, error) {
	for _, x := range p.kept {
		if x.step == step {
			return x, nil
		}
	}
	if len(p.kept) == MostPasses { // before the next one is made, so that there are never more
		p.kept = slices.Delete(p.kept, 0, 1)
	}
	pass, err := p.Pass(step)
	if err != nil {
		return nil, fmt.Errorf("player: executing step %d again: %w", step, err)
	}
	x := p.execute(step, pass)
	p.kept = append(p.kept, x)
	return x, nil
}

// place is a kibibyte of an operand's blob.
type place struct {
	nn.Operand
	chunk int
}

// reads gives a scalar step the operands of one's own pass, and notes which kibibytes it
// reads, in their order.
type reads struct {
	x     *executed
	n     nn.Node
	shift func(nn.Operand) int // words of the operand's blob before it; nil: nothing is noted
	order []place
}

func (r *reads) Float(v nn.Operand, at int) float32 { return math.Float32frombits(r.word(v, at)) }
func (r *reads) Int(v nn.Operand, at int) int32     { return int32(r.word(v, at)) }

func (r *reads) word(v nn.Operand, at int) uint32 {
	if r.shift != nil {
		if p := (place{v, (r.shift(v) + at) / leafWords}); !slices.Contains(r.order, p) {
			r.order = append(r.order, p)
		}
	}
	return r.x.words[operand(r.n, v)][at]
}

// operand is the value that an operand is.
func operand(n nn.Node, v nn.Operand) nn.ID {
	if v.Own {
		return n.Out[v.Index]
	}
	return n.In[v.Index]
}

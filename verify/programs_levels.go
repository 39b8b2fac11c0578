package verify

import (
	"fmt"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/nn"
)

// The levels below a step of a Program.
const (
	Nodes    = Own + iota // which node of the Program; behind them, what the step committed to
	Outputs               // which output of the node, in the node's order
	Chunks                // which kibibyte of the output, and which element
	Position              // which scalar step of the element's fold
	States                // which state is not what its node made, or not what the run begins with
	First                 // which kibibyte of a state that the run begins with, and which element
)

// The registers of a fold are those of a line.
const _ = uint(MaxRegisters - nn.MaxRegisters)

// Levels names them.
func (p *Programs) Levels() []Name {
	words := Name{"chunks", "element"}
	return []Name{{Parts: "nodes"}, {Parts: "outputs"}, words, {Parts: "position"}, {Parts: "states"}, words}
}

// Below goes on from a step to its nodes, from a node to its outputs, and so on. What
// the step committed to stands behind its nodes: where all of them are agreed, it is
// not what they made. Before the first step there are states only.
func (p *Programs) Below(g *Game) (*Level, error) {
	l, step := g.Last(), g.step()
	switch l.Stage {
	case Steps:
		if step < 0 {
			return p.states(g), nil
		}
		return &Level{Stage: Nodes, Closed: true, At: blob.Span{Hi: p.Phase(step).Nodes + 1}}, nil
	case Nodes:
		if l.At.Lo == p.Phase(step).Nodes {
			return p.states(g), nil
		}
		return &Level{Stage: Outputs, Closed: true, At: blob.Span{Top: l.At.Top}}, nil
	case Outputs:
		n, err := p.node(g)
		if err != nil {
			return nil, err
		}
		return ValueLevel(Chunks, l.At.Top, int64(n.output(l.At.Lo).Size())), nil
	case Chunks:
		_, f, err := p.fold(g)
		return &Level{Stage: Position, Sort: Line, Hi: f.Steps, From: f.Start, To: l.To}, err
	case States:
		if step < 0 {
			return &Level{Stage: First, Closed: true, At: blob.Span{Top: l.At.Top}}, nil
		}
	}
	return nil, nil
}

// states is the tree of what a step committed to, or of the states before the first.
func (p *Programs) states(g *Game) *Level {
	leaf := g.Level(Steps).At
	return &Level{Stage: States, At: blob.Span{Top: leaf.Top, Hi: p.width(leaf.Lo)}}
}

// Open takes the path from what the step committed to up to the root over its nodes; the
// proof of a node, from which its operator and shapes are known; or that of a state.
// Whoever computed the nodes right and committed to something else, shows with the path
// that this is not what the nodes made.
func (p *Programs) Open(g *Game, part []byte) (Level, error) {
	l := *g.Last()
	switch l.Stage {
	case Nodes:
		path, err := decodePath(part)
		if err != nil {
			return l, err
		}
		top, ok := blob.Climb(g.Level(Steps).At.Top, l.At.Hi-1, l.At.Hi, path)
		if !ok {
			return l, fmt.Errorf("%w: the path to the root over the nodes has a wrong length", ErrMove)
		}
		l.At.Top = top
	case Outputs:
		n, err := p.readNode(part, p.Phase(g.step()))
		if err != nil {
			return l, err
		}
		l.Part, l.At.Hi = part, len(n.out)
		return l, shows("node", n.index, g.Level(Nodes).At.Lo)
	case First:
		s, err := p.readState(part, p.Phases[0])
		if err != nil {
			return l, err
		}
		l = *ValueLevel(First, l.At.Top, int64(s.value.Size()))
		l.Part = part
		return l, shows("state", s.index, g.Level(States).At.Lo)
	}
	return l, nil
}

// step is the disputed step of the run, from 0; before the first it is -1.
func (g *Game) step() int { return g.Level(Steps).At.Lo - 1 }

// node is the disputed one.
func (p *Programs) node(g *Game) (*node, error) {
	return p.readNode(g.Level(Outputs).Part, p.Phase(g.step()))
}

// fold is the disputed node with the definition of the disputed element.
func (p *Programs) fold(g *Game) (*node, nn.Fold, error) {
	n, err := p.node(g)
	if err != nil {
		return nil, nn.Fold{}, err
	}
	f, err := n.Fold(n.in, n.out, n.order[g.Level(Outputs).At.Lo], g.Level(Chunks).Word)
	if err != nil {
		err = fmt.Errorf("%w: %w", ErrMove, err)
	}
	return n, f, err
}

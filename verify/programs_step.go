package verify

import (
	"fmt"
	"math"
	"slices"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/nn"
)

// Execute does the one scalar step that is left. Where the dispute is about something
// else than a node, it finds what the disputed part should be by the evidence alone.
func (p *Programs) Execute(g *Game, d *Denial) ([]uint32, error) {
	switch g.Last().Stage {
	case Position:
		return p.scalar(g, d)
	case States:
		return p.made(g, d)
	case First:
		return p.begun(g, d)
	case Pieces:
		return p.filed(g, d)
	}
	return p.contradicts(g, d)
}

// scalar does a scalar step of a fold, on operands that both sides agree on.
func (p *Programs) scalar(g *Game, d *Denial) ([]uint32, error) {
	n, f, err := p.fold(g)
	if err != nil {
		return nil, err
	}
	l := g.Last()
	if len(l.From) != len(f.Start) || l.Lo < 0 || l.Lo >= f.Steps {
		return nil, fmt.Errorf("%w: the fold has %d registers and %d steps", ErrMove, len(f.Start), f.Steps)
	}
	read := &witness{p: p, g: g, n: n, chunks: map[place][]uint32{}}
	for i := range d.Evidence {
		e := &d.Evidence[i]
		if err := read.admit(e); err != nil {
			return nil, err
		}
		read.chunks[place{OperandOf(e.Of), e.Chunk}] = e.Words
	}
	r := slices.Clone(l.From)
	f.Step(l.Lo, r, read)
	return r, read.missing
}

// OperandNumber is an operand of a node as evidence names it, and OperandOf the operand that
// has a number.
func OperandNumber(v nn.Operand) int {
	if v.Own {
		return 2*v.Index + 1
	}
	return 2 * v.Index
}

func OperandOf(number int) nn.Operand { return nn.Operand{Own: number%2 == 1, Index: number / 2} }

// witness gives a scalar step the operands that were shown.
type witness struct {
	p       *Programs
	g       *Game
	n       *node
	chunks  map[place][]uint32
	missing error // the first element that the step read and nobody showed
}

// place is a kibibyte of an operand.
type place struct {
	of    nn.Operand
	chunk int
}

// admit follows evidence from its words up to what both sides agree on.
func (w *witness) admit(e *Evidence) error {
	v := OperandOf(e.Of)
	words, err := w.n.words(v)
	if err != nil {
		return err
	}
	if v.Own {
		return w.own(e, slices.Index(w.n.order, v.Index), words)
	}
	id := int(w.n.In[v.Index])
	switch inputs := len(w.p.Inputs); {
	case id < inputs:
		in := w.p.Inputs[id]
		if in.Each {
			words = in.Words * int64(w.p.Extent().Steps)
		}
		return e.Within(in.Root, words)
	case id == inputs:
		return fmt.Errorf("%w: the number of the step needs no evidence", ErrMove)
	case id <= inputs+w.p.States:
		return w.p.committed(w.g, w.g.step(), id-inputs-1, e, words)
	}
	return w.p.makes(w.g, nn.ID(id), e, words)
}

// own checks that a value is an output of the node that is agreed already.
func (w *witness) own(e *Evidence, place int, words int64) error {
	value, err := e.Value(words)
	if err == nil && !w.g.Agrees(Outputs, value, place, e.Path) {
		err = fmt.Errorf("%w: evidence of the node's own output does not lead to what is agreed", ErrMove)
	}
	return err
}

// makes checks that a value is the one called id of the disputed step, by the agreed nodes.
func (p *Programs) makes(g *Game, id nn.ID, e *Evidence, words int64) error {
	maker, err := p.readNode(e.Part, p.Phase(g.step()))
	if err != nil {
		return err
	}
	place := slices.IndexFunc(maker.order, func(o int) bool { return maker.Out[o] == id })
	if place < 0 {
		return fmt.Errorf("%w: node %d does not make value %d", ErrMove, maker.index, id)
	}
	value, err := e.Value(words)
	if err != nil {
		return err
	}
	leaf, ok := blob.Climb(value, place, len(maker.out), e.Among)
	if !ok || !g.Agrees(Nodes, leaf, maker.index, e.Path) {
		return fmt.Errorf("%w: evidence of value %d does not lead to what is agreed", ErrMove, id)
	}
	return nil
}

// committed checks that a value is one of those that an agreed leaf of the trace commits to.
func (p *Programs) committed(g *Game, leaf, place int, e *Evidence, words int64) error {
	value, err := e.Value(words)
	if err != nil {
		return err
	}
	top, ok := blob.Climb(value, place, p.width(leaf), e.Among)
	if !ok || !g.Agrees(Steps, top, leaf, e.Path) {
		return fmt.Errorf("%w: evidence does not lead to what is agreed after %d steps", ErrMove, leaf)
	}
	return nil
}

func (w *witness) Float(v nn.Operand, at int) float32 { return math.Float32frombits(w.word(v, at)) }
func (w *witness) Int(v nn.Operand, at int) int32     { return int32(w.word(v, at)) }

// word finds an element: by itself where the task says it, else in evidence.
func (w *witness) word(v nn.Operand, at int) uint32 {
	if size, err := w.n.words(v); err != nil || at < 0 || int64(at) >= size {
		w.miss(v, at)
		return 0
	}
	if !v.Own {
		id, inputs := int(w.n.In[v.Index]), len(w.p.Inputs)
		switch {
		case id == inputs:
			_, step := w.p.phase(w.g.step())
			return uint32(step)
		case id < inputs && w.p.Inputs[id].Each:
			at += int(w.p.Inputs[id].Words) * w.g.step()
		}
	}
	chunk, ok := w.chunks[place{v, at / leafWords}]
	if !ok {
		w.miss(v, at)
		return 0
	}
	return chunk[at%leafWords]
}

func (w *witness) miss(v nn.Operand, at int) {
	if w.missing == nil {
		w.missing = fmt.Errorf("%w: the step reads element %d of operand %v: show it", ErrMove, at, v)
	}
}

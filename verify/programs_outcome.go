package verify

import (
	"fmt"

	"github.com/minga-network/minga/nn"
)

// This file finds what is right where a dispute does not end in a scalar step: values
// that are right in one place and others in another.

// made is the name of the value that an outcome of the step should be, where all nodes
// are agreed and still the step committed to something else.
func (p *Programs) made(g *Game, d *Denial) ([]uint32, error) {
	e, err := d.Only()
	if err != nil {
		return nil, err
	}
	id, words, err := p.becomes(g, d, e)
	if err != nil {
		return nil, err
	}
	switch state := int(id) - len(p.Inputs) - 1; {
	case state < 0:
		err = fmt.Errorf("%w: an input is no outcome", ErrMove)
	case state >= p.States:
		err = p.makes(g, id, e, words)
	default:
		err = p.committed(g, g.step(), state, e, words)
	}
	if err != nil {
		return nil, err
	}
	name, err := e.Value(words)
	return HashWords(name), err
}

// becomes finds which value the disputed outcome is, and its size.
func (p *Programs) becomes(g *Game, d *Denial, e *Evidence) (nn.ID, int64, error) {
	phase := p.Phase(g.step())
	at := g.Last().At.Lo
	if at >= p.States {
		return p.outputs(phase, at-p.States, d, e)
	}
	s, err := p.readState(d.Part, phase)
	if err != nil {
		return 0, 0, err
	}
	return s.Next, int64(s.value.Size()), shows("state", s.index, at)
}

// outputs finds which value an output of a Program is, and its size.
func (p *Programs) outputs(phase Phase, at int, d *Denial, e *Evidence) (nn.ID, int64, error) {
	outputs, err := p.readOutputs(d.Part, phase)
	if err != nil {
		return 0, 0, err
	}
	maker, err := p.readNode(e.Part, phase)
	if err != nil {
		return 0, 0, err
	}
	for o, id := range maker.Out {
		if at < len(outputs) && id == outputs[at].ID {
			return id, int64(maker.out[o].Size()), nil
		}
	}
	return 0, 0, fmt.Errorf("%w: node %d does not make output %d", ErrMove, maker.index, at)
}

// begun is a word of the states before the first step: they are what a file says, and
// zeros where there is none or it has ended.
func (p *Programs) begun(g *Game, d *Denial) ([]uint32, error) {
	l := g.Last()
	s, err := p.readState(l.Part, p.Phases[0])
	if err != nil {
		return nil, err
	}
	at := p.Start.From/4 + s.before + int64(l.Word)
	if p.Start.Root == (Hash{}) || at >= p.Start.Size/4 {
		return []uint32{0}, nil
	}
	e, err := d.Only()
	if err != nil {
		return nil, err
	}
	if err := e.Within(p.Start.Root, p.Start.Size/4); err != nil {
		return nil, err
	}
	return e.Word(at)
}

// filed is a word of the file that the run makes, from the header or from the last state.
// The trace is not disputed, so all that lies under it is agreed.
func (p *Programs) filed(g *Game, d *Denial) ([]uint32, error) {
	e, err := d.Only()
	if err != nil {
		return nil, err
	}
	at, header := int64(g.Last().Word), p.Header.Size/4
	if at < header {
		if err := e.Within(p.Header.Root, header); err != nil {
			return nil, err
		}
		return e.Word(at)
	}
	s, err := p.readState(d.Part, p.Phases[len(p.Phases)-1])
	if err != nil {
		return nil, err
	}
	if err := p.committed(g, p.Extent().Steps, s.index, e, int64(s.value.Size())); err != nil {
		return nil, err
	}
	return e.Word(at - header - s.before)
}

// contradicts is the first output of a step, which counts contradictions.
func (p *Programs) contradicts(g *Game, d *Denial) ([]uint32, error) {
	e, err := d.Only()
	if err != nil {
		return nil, err
	}
	if err := p.committed(g, g.Last().At.Lo, p.States, e, 1); err != nil {
		return nil, err
	}
	return e.Word(0)
}

package verify

import (
	"encoding/binary"
	"fmt"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/nn"
)

// This file decides the games that do not end in a scalar step: values that are
// right in one place and others in another.

// link ends a game in which all nodes are agreed and still the step committed to
// something else: its evidence shows what the value should have been.
func (g *Game) link(t *Task, d *Denial) error {
	if len(d.Evidence) != 1 {
		return fmt.Errorf("%w: show the one value that was made", ErrMove)
	}
	e := &d.Evidence[0]
	id, words, err := g.becomes(t, d)
	if err != nil {
		return err
	}
	made, err := e.top(words)
	if err != nil {
		return err
	}
	switch state := int(id) - len(t.Inputs) - 1; {
	case state < 0:
		return fmt.Errorf("%w: an input is no outcome", ErrMove)
	case state >= t.States:
		err = g.outputIs(t, made, id, e)
	default:
		err = g.committed(t, g.Step, state, made, e)
	}
	if err != nil {
		return err
	}
	g.decide(made == g.At.Top)
	return nil
}

// becomes finds which value the disputed outcome is, and its size.
func (g *Game) becomes(t *Task, d *Denial) (nn.ID, int64, error) {
	phase, _ := t.phase(g.Step)
	if g.At.Lo < t.States {
		s, v, _, err := checkState(t, phase, d.State, g.At.Lo)
		return s.Next, int64(v.Size()), err
	}
	if d.Head == nil {
		return 0, 0, fmt.Errorf("%w: show the Program's outputs", ErrMove)
	}
	_, outputs, err := d.Head.Head(phase.Program, t.States, phase.Nodes)
	at := g.At.Lo - t.States
	if err != nil {
		return 0, 0, fmt.Errorf("%w: %w", ErrMove, err)
	}
	if at >= len(outputs) || d.Evidence[0].Maker == nil {
		return 0, 0, fmt.Errorf("%w: show the node that makes output %d", ErrMove, at)
	}
	maker, err := checkNode(t, phase, d.Evidence[0].Maker)
	if err != nil {
		return 0, 0, err
	}
	for o, id := range maker.Out {
		if id == outputs[at].ID {
			return id, int64(maker.out[o].Size()), nil
		}
	}
	return 0, 0, fmt.Errorf("%w: node %d does not make output %d", ErrMove, d.Evidence[0].Maker.Index, at)
}

func checkState(t *Task, phase Phase, p *nn.Proof, state int) (nn.State, nn.Value, int64, error) {
	if p == nil || p.Index != state {
		return nn.State{}, nn.Value{}, 0, fmt.Errorf("%w: show state %d of the Program", ErrMove, state)
	}
	s, v, before, err := p.State(phase.Program, t.States, phase.Nodes)
	if err != nil {
		return s, v, 0, fmt.Errorf("%w: %w", ErrMove, err)
	}
	return s, v, int64(before), nil
}

// begin ends a game about the states before the first step: they are what a file
// says, and zeros where there is none or it has ended.
func (g *Game) begin(t *Task, d *Denial) error {
	_, _, before, err := checkState(t, t.Phases[0], g.Proof, g.Node)
	if err != nil {
		return err
	}
	var want uint32
	if at := t.Start.From/4 + before + int64(g.Word); t.Start.Root != (Hash{}) && at < t.Start.Size/4 {
		if len(d.Evidence) != 1 {
			return fmt.Errorf("%w: show the word of the file that the states begin with", ErrMove)
		}
		e := &d.Evidence[0]
		if err := e.within(t.Start.Root, t.Start.Size/4); err != nil {
			return err
		}
		if want, err = e.word(at); err != nil {
			return err
		}
	}
	g.Correct, g.Data = []uint32{want}, nil
	g.decide(want == g.To[0])
	return nil
}

// denyPlace ends a game about the file: evidence shows what the word should be,
// from the header or from the last state. The trace is not disputed, so all that
// lies under it is agreed.
func (g *Game) denyPlace(t *Task, d *Denial) error {
	if d.Pick < 0 || d.Pick >= len(g.Data)/4 || len(d.Evidence) != 1 {
		return fmt.Errorf("%w: pick a word of the chunk and show what it should be", ErrMove)
	}
	g.Word = g.Chunk*leafWords + d.Pick
	g.To = []uint32{binary.LittleEndian.Uint32(g.Data[4*d.Pick:])}
	want, err := g.fileWord(t, d, int64(g.Word))
	if err != nil {
		return err
	}
	g.Correct, g.Data = []uint32{want}, nil
	g.decide(want == g.To[0])
	return nil
}

// fileWord is a word of the file that the run makes.
func (g *Game) fileWord(t *Task, d *Denial, at int64) (uint32, error) {
	e := &d.Evidence[0]
	if header := t.Header.Size / 4; at < header {
		if err := e.within(t.Header.Root, header); err != nil {
			return 0, err
		}
		return e.word(at)
	}
	at -= t.Header.Size / 4
	last := t.Phases[len(t.Phases)-1]
	if d.State == nil {
		return 0, fmt.Errorf("%w: show the state that the word comes from", ErrMove)
	}
	_, v, before, err := checkState(t, last, d.State, d.State.Index)
	if err != nil {
		return 0, err
	}
	value, err := e.top(int64(v.Size()))
	if err != nil {
		return 0, err
	}
	if err := g.committed(t, t.Steps(), d.State.Index, value, e); err != nil {
		return 0, err
	}
	return e.word(at - before)
}

// committed checks that a value is one of those that an agreed leaf of the trace
// commits to.
func (g *Game) committed(t *Task, leaf, place int, value Hash, e *Evidence) error {
	top, ok := blob.Climb(value, place, t.width(leaf), e.Among)
	if !ok || !g.Before.holds(top, leaf, e.Path) {
		return fmt.Errorf("%w: evidence does not lead to what is agreed after %d steps", ErrMove, leaf)
	}
	return nil
}

// word is an element of the value, if the evidence shows it.
func (e *Evidence) word(at int64) (uint32, error) {
	i := at - int64(e.Chunk)*leafWords
	if i < 0 || i >= int64(len(e.Words)) {
		return 0, fmt.Errorf("%w: chunk %d does not have word %d", ErrMove, e.Chunk, at)
	}
	return e.Words[i], nil
}

// contradict ends a game about a trace that is right and shows by itself that
// the claim is not: the first output of a step counts contradictions.
func (g *Game) contradict(t *Task, d *Denial) error {
	if len(d.Evidence) != 1 {
		return fmt.Errorf("%w: show the first output of a step", ErrMove)
	}
	e := &d.Evidence[0]
	value, err := e.top(1)
	if err != nil {
		return err
	}
	if d.Pick < 0 || d.Pick >= t.Steps() {
		return fmt.Errorf("%w: step %d of %d", ErrMove, d.Pick, t.Steps())
	}
	if err := g.committed(t, d.Pick+1, t.States, value, e); err != nil {
		return err
	}
	g.Step, g.To, g.Correct = d.Pick, []uint32{0}, e.Words
	g.decide(e.Words[0] == 0)
	return nil
}

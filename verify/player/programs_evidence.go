package player

import (
	"fmt"
	"slices"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/verify"
)

// This file makes a challenger's evidence from its own run. Every path ends in
// something that the claimant has shown and the challenger agreed to, so that
// it needs none of the claimant's values.

// Evidence adds what decides.
func (p *programs) Evidence(g *verify.Game, d *verify.Denial) error {
	switch g.Last().Stage {
	case verify.Position:
		return p.showOperands(g, d)
	case verify.States:
		return p.showMade(g, d)
	case verify.First:
		return p.showStart(g, d)
	case verify.Pieces:
		return p.showFile(g, d)
	}
	return p.showContradiction(g, d)
}

// showOperands shows all that a scalar step reads.
func (p *programs) showOperands(g *verify.Game, d *verify.Denial) error {
	x, err := p.disputed(g)
	if err != nil {
		return err
	}
	f, err := p.fold(g, x)
	if err != nil {
		return err
	}
	l, n := g.Last(), x.program.Nodes[part(g, verify.Nodes)]
	read := &reads{x: x, n: n, shift: func(v nn.Operand) int { return p.shift(operand(n, v), v, x.step) }}
	f.Step(l.Lo, slices.Clone(l.From), read)
	for _, at := range read.order {
		id := operand(n, at.Operand)
		if int(id) == len(p.task.Inputs) && !at.Operand.Own {
			continue // the number of the step
		}
		e := verify.Evidence{Of: verify.OperandNumber(at.Operand), Chunk: at.chunk}
		if err := p.show(g, x, id, at, &e); err != nil {
			return err
		}
		d.Evidence = append(d.Evidence, e)
	}
	return nil
}

// shift says how many words of its blob lie before an operand: an input that
// advances with the step begins within it.
func (p *programs) shift(id nn.ID, v nn.Operand, step int) int {
	if !v.Own && int(id) < len(p.task.Inputs) && p.task.Inputs[id].Each {
		return int(p.task.Inputs[id].Words) * step
	}
	return 0
}

// show shows one kibibyte of an operand.
func (p *programs) show(g *verify.Game, x *executed, id nn.ID, at place, e *verify.Evidence) error {
	inputs := len(p.task.Inputs)
	if !at.Own && int(id) < inputs {
		words, err := p.Input(int(id))
		e.Words, e.Up = cut(words, e.Chunk), blob.Path(blob.WordLeaves(words), e.Chunk)
		return err
	}
	e.Words, e.Up = cut(x.words[id], e.Chunk), blob.Path(x.tree(id), e.Chunk)
	switch {
	case at.Own:
		i := part(g, verify.Nodes)
		place := slices.Index(x.program.Nodes[i].Order(), at.Index)
		return p.lead(g, verify.Outputs, x.outs[i], place, e)
	case int(id) <= inputs+p.task.States:
		return p.ofState(g, x, int(id)-inputs-1, e)
	}
	return p.ofNode(g, x, id, e)
}

// lead adds the path from a leaf of a tree to what is agreed of it.
func (p *programs) lead(g *verify.Game, s verify.Stage, leaves []verify.Hash, i int, e *verify.Evidence) error {
	for _, a := range g.Level(s).Agreed {
		if a.Lo <= i && i < a.Hi {
			e.Path = blob.Path(leaves[a.Lo:a.Hi], i-a.Lo)
			return nil
		}
	}
	return fmt.Errorf("%w: part %d is not agreed", verify.ErrMove, i)
}

// ofState adds the paths from a state, as the disputed step read it, to the trace's leaf
// before the step and on to what is agreed.
func (p *programs) ofState(g *verify.Game, x *executed, state int, e *verify.Evidence) error {
	commits, err := p.before(x.step, x)
	if err != nil {
		return err
	}
	return p.ofCommitted(g, commits, x.step, state, e)
}

// ofCommitted adds the paths from one of the values that a leaf of the trace commits to.
func (p *programs) ofCommitted(g *verify.Game, commits []verify.Hash, leaf, i int, e *verify.Evidence) error {
	leaves, err := p.Leaves()
	if err != nil {
		return err
	}
	e.Among = blob.Path(commits, i)
	return p.lead(g, verify.Steps, leaves, leaf, e)
}

// before are the value roots under the trace's leaf before a step. The states
// are those that the step reads; only outputs need the step before once more.
func (p *programs) before(step int, x *executed) ([]verify.Hash, error) {
	if step > 0 && p.task.Phase(step-1).Outputs > 0 {
		before, err := p.at(step - 1)
		if err != nil {
			return nil, err
		}
		return before.commits, nil
	}
	var roots []verify.Hash
	for i := range p.task.States {
		roots = append(roots, x.roots[p.state(i)])
	}
	return roots, nil
}

// ofNode adds the paths from a value to the agreed node that made it.
func (p *programs) ofNode(g *verify.Game, x *executed, id nn.ID, e *verify.Evidence) error {
	i := slices.IndexFunc(x.program.Nodes, func(n nn.Node) bool { return slices.Contains(n.Out, id) })
	if i < 0 {
		return fmt.Errorf("%w: no node makes value %d", verify.ErrMove, id)
	}
	maker, err := x.program.ProveNode(i)
	if err != nil {
		return err
	}
	e.Part = verify.PartOf(maker)
	n := x.program.Nodes[i]
	e.Among = blob.Path(x.outs[i], slices.IndexFunc(n.Order(), func(o int) bool { return n.Out[o] == id }))
	return p.lead(g, verify.Nodes, x.nodes, i, e)
}

// showMade shows what the node made that the disputed outcome should be.
func (p *programs) showMade(g *verify.Game, d *verify.Denial) error {
	x, err := p.disputed(g)
	if err != nil {
		return err
	}
	var id nn.ID
	var proof *nn.Proof
	if i := g.Last().At.Lo; i < p.task.States {
		id = x.program.States[i].Next
		proof, err = x.program.ProveState(i)
	} else {
		id, proof = x.program.Outputs[i-p.task.States].ID, x.program.ProveHead()
	}
	if err != nil {
		return err
	}
	e := verify.Evidence{Words: cut(x.words[id], 0), Up: blob.Path(x.tree(id), 0)}
	if state := int(id) - len(p.task.Inputs) - 1; state >= p.task.States {
		err = p.ofNode(g, x, id, &e)
	} else {
		err = p.ofState(g, x, state, &e)
	}
	d.Part, d.Evidence = verify.PartOf(proof), []verify.Evidence{e}
	return err
}

// showStart shows the word of the file that the states begin with.
func (p *programs) showStart(g *verify.Game, d *verify.Denial) error {
	file, err := p.Start()
	if err != nil || p.task.Start.Root == (verify.Hash{}) {
		return err
	}
	x, err := p.disputed(g)
	if err != nil {
		return err
	}
	at := int(p.task.Start.From/4) + statesBefore(x.program, part(g, verify.States)) + g.Last().Word
	if at < len(file) {
		d.Evidence = []verify.Evidence{of(file, blob.WordLeaves(file), at)}
	}
	return nil
}

// of shows the kibibyte of some words that has one of them.
func of(words []uint32, leaves []verify.Hash, at int) verify.Evidence {
	chunk := at / leafWords
	return verify.Evidence{Chunk: chunk, Words: cut(words, chunk), Up: blob.Path(leaves, chunk)}
}

// statesBefore is how many words the states before one have.
func statesBefore(program *nn.Program, state int) (words int) {
	for i := range state {
		words += program.Values[len(program.Inputs)+i].Size()
	}
	return words
}

// showFile shows what a word of the file should be.
func (p *programs) showFile(g *verify.Game, d *verify.Denial) error {
	at, header := g.Last().Word, int(p.task.Header.Size/4)
	if at < header {
		file, err := p.File()
		own := blob.Words[uint32](file)[:header]
		d.Evidence = []verify.Evidence{of(own, blob.WordLeaves(own), at)}
		return err
	}
	last := p.task.Extent().Steps - 1
	x, err := p.at(last)
	if err != nil {
		return err
	}
	at -= header
	state := len(x.program.States) - 1
	for statesBefore(x.program, state) > at {
		state--
	}
	id := x.program.States[state].Next
	proof, err := x.program.ProveState(state)
	if err != nil {
		return err
	}
	e := of(x.words[id], x.tree(id), at-statesBefore(x.program, state))
	err = p.ofCommitted(g, x.commits, last+1, state, &e)
	d.Part, d.Evidence = verify.PartOf(proof), []verify.Evidence{e}
	return err
}

// showContradiction shows the output of a step that counts contradictions.
func (p *programs) showContradiction(g *verify.Game, d *verify.Denial) error {
	leaf := g.Last().At.Lo
	x, err := p.at(leaf - 1)
	if err != nil {
		return err
	}
	id := x.program.Outputs[0].ID
	e := of(x.words[id], x.tree(id), 0)
	err = p.ofCommitted(g, x.commits, leaf, p.task.States, &e)
	d.Evidence = []verify.Evidence{e}
	return err
}

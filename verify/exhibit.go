package verify

import (
	"fmt"
	"slices"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/nn"
)

// This file makes a challenger's evidence from its own run. Every path ends in
// something that the claimant has shown and the challenger agreed to, so that
// it needs none of the claimant's values.

// evidence shows one kibibyte of an operand; nil if the chain knows it.
func (p *Player) evidence(g *Game, x *executed, n *node, at place) (*Evidence, error) {
	e := &Evidence{Of: at.of, Chunk: at.chunk}
	id := n.id(at.of)
	inputs := len(p.task.Inputs)
	switch {
	case int(id) == inputs && !at.of.Own:
		return nil, nil
	case int(id) < inputs && !at.of.Own:
		return e, p.ofInput(int(id), e)
	case int(id) <= inputs+p.task.States && !at.of.Own:
		return e, p.ofState(g, x, int(id)-inputs-1, e)
	}
	e.Words, e.Up = cut(x.Words(id), e.Chunk), blob.Path(x.tree(id), e.Chunk)
	if at.of.Own {
		return e, nil
	}
	return e, p.ofNode(g, x, id, e)
}

// ofInput shows a kibibyte of a task's input.
func (p *Player) ofInput(i int, e *Evidence) error {
	words, err := p.run.Input(i)
	if err != nil {
		return err
	}
	e.Words, e.Up = cut(words, e.Chunk), blob.Path(leavesOf(words), e.Chunk)
	return nil
}

// ofState shows a kibibyte of a state before the step.
func (p *Player) ofState(g *Game, x *executed, state int, e *Evidence) error {
	id := nn.ID(len(p.task.Inputs) + 1 + state)
	e.Words, e.Up = cut(x.Words(id), e.Chunk), blob.Path(x.tree(id), e.Chunk)
	return p.before(g, x, state, e)
}

// before adds the paths from a state, as the step read it, to the trace's leaf
// before the step and on to what is agreed.
func (p *Player) before(g *Game, x *executed, state int, e *Evidence) error {
	leaves, err := p.steps()
	if err != nil {
		return err
	}
	commits, err := p.commits(g.Step, x)
	if err != nil {
		return err
	}
	e.Among = blob.Path(commits, state)
	e.Path = blob.Path(leaves[g.Before.Lo:g.Before.Hi], g.Step-g.Before.Lo)
	return nil
}

// commits are the value roots under the trace's leaf before a step. The states
// are those that the step reads; only outputs need the step before once more.
func (p *Player) commits(step int, x *executed) ([]Hash, error) {
	if p.task.width(step) > p.task.States {
		before, err := NewPlayer(p.task, p.run).at(step - 1)
		if err != nil {
			return nil, err
		}
		return before.commits, nil
	}
	var roots []Hash
	for i := range p.task.States {
		roots = append(roots, x.root(nn.ID(len(p.task.Inputs)+1+i)))
	}
	return roots, nil
}

// ofNode adds the paths from a value to the agreed node that made it.
func (p *Player) ofNode(g *Game, x *executed, id nn.ID, e *Evidence) error {
	j := slices.IndexFunc(x.program.Nodes, func(n nn.Node) bool { return slices.Contains(n.Out, id) })
	if j < 0 {
		return fmt.Errorf("%w: no node makes value %d", ErrMove, id)
	}
	var err error
	if e.Maker, err = x.program.ProveNode(j); err != nil {
		return err
	}
	n := x.program.Nodes[j]
	e.Among = blob.Path(x.outs[j], slices.IndexFunc(n.Order(), func(o int) bool { return n.Out[o] == id }))
	for _, s := range g.Agreed {
		if s.Lo <= j && j < s.Hi {
			e.Path = blob.Path(x.nodes[s.Lo:s.Hi], j-s.Lo)
			return nil
		}
	}
	return fmt.Errorf("%w: node %d is not agreed", ErrMove, j)
}

// link shows what the node made that the disputed outcome should be.
func (p *Player) link(g *Game, d *Denial) error {
	x, err := p.at(g.Step)
	if err != nil {
		return err
	}
	var id nn.ID
	if state := g.At.Lo; state < p.task.States {
		id = x.program.States[state].Next
		if d.State, err = x.program.ProveState(state); err != nil {
			return err
		}
	} else {
		id = x.program.Outputs[state-p.task.States].ID
		d.Head = x.program.ProveHead()
	}
	e := &Evidence{Words: cut(x.Words(id), 0), Up: blob.Path(x.tree(id), 0)}
	if state := int(id) - len(p.task.Inputs) - 1; state >= p.task.States {
		err = p.ofNode(g, x, id, e)
	} else {
		err = p.before(g, x, state, e)
	}
	d.Evidence = []Evidence{*e}
	return err
}

// showFileWord shows what a word of the file should be.
func (p *Player) showFileWord(g *Game, d *Denial) error {
	at := g.Chunk*leafWords + d.Pick
	header := int(p.task.Header.Size / 4)
	if at < header {
		words, err := p.run.File()
		if err != nil {
			return err
		}
		own := wordsOf(words)[:header]
		chunk := at / leafWords
		d.Evidence = []Evidence{{Chunk: chunk, Words: cut(own, chunk), Up: blob.Path(leavesOf(own), chunk)}}
		return nil
	}
	at -= header
	last := p.task.Steps() - 1
	x, err := p.at(last)
	if err != nil {
		return err
	}
	state := 0
	for s := range x.program.States {
		if size := x.program.Values[len(x.program.Inputs)+s].Size(); at >= size {
			at -= size
			continue
		}
		state = s
		break
	}
	id := x.program.States[state].Next
	if d.State, err = x.program.ProveState(state); err != nil {
		return err
	}
	e := Evidence{Chunk: at / leafWords, Words: cut(x.Words(id), at/leafWords), Up: blob.Path(x.tree(id), at/leafWords)}
	d.Evidence = []Evidence{e}
	return p.committed(last, state, x, &d.Evidence[0])
}

// committed adds the paths from one of the values that a step committed to up to
// the trace.
func (p *Player) committed(step, place int, x *executed, e *Evidence) error {
	leaves, err := p.steps()
	e.Among, e.Path = blob.Path(x.commits, place), blob.Path(leaves, step+1)
	return err
}

// contradict shows the output of a step that counts contradictions.
func (p *Player) contradict() (*Denial, error) {
	step, err := p.contradiction()
	if err != nil {
		return nil, err
	}
	d := &Denial{Pick: max(step, 0)}
	x, err := p.at(d.Pick)
	if err != nil {
		return nil, err
	}
	id := x.program.Outputs[0].ID
	d.Evidence = []Evidence{{Words: x.Words(id), Up: blob.Path(x.tree(id), 0)}}
	return d, p.committed(d.Pick, p.task.States, x, &d.Evidence[0])
}

// showStart shows the word of the file that the states begin with.
func (p *Player) showStart(g *Game, d *Denial) error {
	words, err := p.run.Start()
	if err != nil || p.task.Start.Root == (Hash{}) {
		return err
	}
	_, _, before, err := checkState(p.task, p.task.Phases[0], g.Proof, g.Node)
	if err != nil {
		return err
	}
	at := int(p.task.Start.From/4+before) + g.Chunk*leafWords + d.Pick
	if at >= len(words) {
		return nil
	}
	chunk := at / leafWords
	d.Evidence = []Evidence{{Chunk: chunk, Words: cut(words, chunk), Up: blob.Path(leavesOf(words), chunk)}}
	return nil
}

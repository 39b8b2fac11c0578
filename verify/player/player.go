package player

import (
	"fmt"
	"slices"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/verify"
)

// A Run is one's own execution of a task, as games ask about it. It is asked again
// after a restart, so it answers from what can be computed again. Whatever a game has
// come to, it tells of one's own execution, also where that is not what was claimed.
type Run interface {
	// Leaves are those of the trace: what the run begins with, and what each step
	// committed to. They are asked for often, so they are kept.
	Leaves() ([]verify.Hash, error)
	// File is the file that the run made.
	File() ([]byte, error)
	// Contradiction is the first step (from 0) that contradicts its inputs, or -1. It is
	// asked only of runs that count contradictions.
	Contradiction() (int, error)

	// Open is what opens the last level of a game.
	Open(g *verify.Game) ([]byte, error)
	// Tree is the leaves of the tree that the game is in, and Value the words if that is the
	// tree of a value.
	Tree(g *verify.Game) ([]verify.Hash, error)
	Value(g *verify.Game) ([]uint32, error)
	// Line is the registers at the points of the line that the game is in, from the agreed
	// ones on.
	Line(g *verify.Game) ([][]uint32, error)
	// Evidence adds to the last denial what decides.
	Evidence(g *verify.Game, d *verify.Denial) error
}

// A Player makes the moves of one side.
type Player struct {
	task *verify.Task
	run  Run
}

// New prepares for games about a task of which this is one's own run.
func New(t *verify.Task, run Run) *Player { return &Player{task: t, run: run} }

// Trace is the root over all steps of one's own run.
func (p *Player) Trace() (verify.Hash, error) {
	leaves, err := p.run.Leaves()
	return blob.Root(leaves), err
}

// Compare says what there is to deny about a claim. ok is false when one's own
// run gives the same.
func (p *Player) Compare(c verify.Claimed) (target verify.Target, ok bool, err error) {
	trace, err := p.Trace()
	if err != nil {
		return 0, false, err
	}
	if trace != c.Trace {
		return verify.Trace, true, nil
	}
	if p.task.Extent().Sound {
		step, err := p.run.Contradiction()
		return verify.Sound, step >= 0, err
	}
	if p.task.Extent().Result == 0 {
		return 0, false, nil
	}
	file, err := p.run.File()
	return verify.Result, blob.Sum(file) != c.Result, err
}

// tree is the leaves of the tree that the game is in, as one's own run has them.
func (p *Player) tree(g *verify.Game) ([]verify.Hash, error) {
	switch g.Last().Stage {
	case verify.Steps:
		return p.run.Leaves()
	case verify.Pieces:
		file, err := p.run.File()
		return blob.WordLeaves(blob.Words[uint32](file)), err
	}
	return p.run.Tree(g)
}

// chunk is the disputed kibibyte as one's own run has it.
func (p *Player) chunk(g *verify.Game) ([]uint32, error) {
	if g.Last().Stage == verify.Pieces {
		file, err := p.run.File()
		return cut(blob.Words[uint32](file), g.Last().At.Lo), err
	}
	words, err := p.run.Value(g)
	return cut(words, g.Last().At.Lo), err
}

// Answer makes the claimant's next move from its own run, true or not.
func (p *Player) Answer(g *verify.Game) (*verify.Answer, error) {
	if g.Turn() != verify.Claimant {
		return nil, fmt.Errorf("%w: it is not the claimant's turn", verify.ErrMove)
	}
	a := &verify.Answer{}
	if g.Last().Closed {
		var err error
		if a.Part, err = p.run.Open(g); err != nil {
			return nil, err
		}
	}
	next, err := g.Opened(p.task, a.Part)
	if err != nil || next.Turn() != verify.Claimant || next.Last().Closed {
		return a, err
	}
	return a, p.show(next, a)
}

// show adds what is in the disputed part.
func (p *Player) show(g *verify.Game, a *verify.Answer) error {
	l := g.Last()
	switch {
	case l.Sort == verify.Line:
		points, err := p.run.Line(g)
		if err != nil {
			return err
		}
		// A liar's line would not end in what it claims; so that its lie is in the last step, the
		// claimed end is shown whatever the line gives.
		copy(points[len(points)-1], l.To)
		a.Registers = points
	case l.Words > 0 && l.At.Len() == 1:
		words, err := p.chunk(g)
		if err != nil {
			return err
		}
		a.Chunk = blob.AppendWords(nil, words)
	default:
		leaves, err := p.tree(g)
		if err != nil {
			return err
		}
		a.Children = verify.Tops(leaves, l.At)
	}
	return nil
}

// Deny makes the challenger's next move: the first of what was shown that its own run
// does not give, and the evidence if nothing is left to narrow down.
func (p *Player) Deny(g *verify.Game) (*verify.Denial, error) {
	if g.Turn() != verify.Challenger {
		return nil, fmt.Errorf("%w: it is not the challenger's turn", verify.ErrMove)
	}
	pick, err := p.pick(g)
	if err != nil {
		return nil, err
	}
	d := &verify.Denial{Pick: pick}
	next, err := g.Denied(p.task, pick)
	if err != nil || !next.Due {
		return d, err
	}
	return d, p.run.Evidence(next, d)
}

// pick is the first part that one's own run does not give.
func (p *Player) pick(g *verify.Game) (int, error) {
	l := g.Last()
	switch {
	case g.Due:
		return 0, nil
	case l.Sort == verify.Free:
		step, err := p.run.Contradiction()
		return max(step, 0), err
	case l.Sort == verify.Line:
		points, err := p.run.Line(g)
		return firstOther(g.Points, points, slices.Equal), err
	case len(g.Data) > 0:
		own, err := p.chunk(g)
		return firstOther(blob.Words[uint32](g.Data), own, equal), err
	}
	leaves, err := p.tree(g)
	if err != nil {
		return 0, err
	}
	return firstOther(g.Shown, verify.Tops(leaves, l.At), equal), nil
}

// firstOther is the first place where two lists of one length differ. Where they
// do not, there was nothing to deny; the last is as good as any.
func firstOther[T any](shown, own []T, same func(a, b T) bool) int {
	for i := range own {
		if i >= len(shown) || !same(shown[i], own[i]) {
			return i
		}
	}
	return len(own) - 1
}

func equal[T comparable](a, b T) bool { return a == b }

// leafWords is how many words make a leaf of a value's tree.
const leafWords = blob.LeafSize / 4

// cut is a kibibyte of a value; fewer words at its end.
func cut(words []uint32, chunk int) []uint32 {
	lo := min(chunk*leafWords, len(words))
	return words[lo:min(lo+leafWords, len(words))]
}

package verify

import (
	"fmt"

	"github.com/minga-network/minga/blob"
)

// An Answer is a claimant's move: what its claim stands for in the disputed part.
// Each level wants some of it and refuses the rest.
type Answer struct {
	// Part opens a level that is closed: what the machine asks for.
	Part []byte
	// Children are the hashes of the parts of the disputed subtree, at most 16.
	Children []Hash
	// Chunk is the disputed kibibyte.
	Chunk []byte
	// Registers are those at (at most) 16 points of the disputed part of a line,
	// the last at its end.
	Registers [][]uint32
}

// Answer makes the claimant's move. An error, which wraps ErrMove, says why the
// move is refused; the game is as before then.
func (g *Game) Answer(t *Task, a *Answer) error {
	if g.Turn() != Claimant {
		return fmt.Errorf("%w: it is not the claimant's turn", ErrMove)
	}
	next, err := g.Opened(t, a.Part)
	if err != nil {
		return err
	}
	if err := next.show(a); err != nil {
		return err
	}
	next.Exchanges++
	*g = *next
	return nil
}

// Opened is the game once the claimant has opened its last level with a part, if
// that is closed.
func (g *Game) Opened(t *Task, part []byte) (*Game, error) {
	next := g.clone()
	if l := next.Last(); l.Closed {
		opened, err := t.Open(g, part)
		if err != nil {
			return nil, err
		}
		*l = opened
		l.Closed = false
		return next, next.descend(t)
	}
	if len(part) > 0 {
		return nil, fmt.Errorf("%w: there is nothing to open", ErrMove)
	}
	return next, nil
}

// clone is a copy that can be changed without changing the game.
func (g *Game) clone() *Game {
	next := *g
	next.Levels = append([]Level(nil), g.Levels...)
	return &next
}

// show takes what the answer shows of the last level.
func (g *Game) show(a *Answer) error {
	l := g.Last()
	switch {
	case g.Due || l.Closed:
		return a.only(0, 0, 0)
	case l.Sort == Line:
		return g.showRegisters(l, a)
	case l.Words > 0 && l.At.Len() == 1:
		return g.showChunk(l, a)
	}
	return g.showChildren(l, a)
}

// only refuses an answer that does not have so many hashes, bytes and registers.
func (a *Answer) only(children, bytes, points int) error {
	if len(a.Children) != children || len(a.Chunk) != bytes || len(a.Registers) != points {
		return fmt.Errorf("%w: the answer has %d hashes, %d bytes and registers at %d points: show %d, %d and %d",
			ErrMove, len(a.Children), len(a.Chunk), len(a.Registers), children, bytes, points)
	}
	return nil
}

func (g *Game) showChildren(l *Level, a *Answer) error {
	if err := a.only(len(l.At.Split(levels)), 0, 0); err != nil {
		return err
	}
	if l.top(blob.Root(a.Children)) != l.At.Top {
		return fmt.Errorf("%w: the hashes shown do not make up the one disputed", ErrMove)
	}
	g.Shown = a.Children
	return nil
}

func (g *Game) showChunk(l *Level, a *Answer) error {
	size := min(leafWords, l.Words-leafWords*int64(l.At.Lo))
	if err := a.only(0, int(4*size), 0); err != nil {
		return err
	}
	if l.top(blob.Leaf(a.Chunk)) != l.At.Top {
		return fmt.Errorf("%w: the chunk shown is not the one disputed", ErrMove)
	}
	g.Data = a.Chunk
	return nil
}

func (g *Game) showRegisters(l *Level, a *Answer) error {
	points := Points(l.Lo, l.Hi)
	if err := a.only(0, 0, len(points)); err != nil {
		return err
	}
	for _, r := range a.Registers {
		if len(r) != len(l.From) {
			return fmt.Errorf("%w: %d registers, the line has %d", ErrMove, len(r), len(l.From))
		}
	}
	if !same(a.Registers[len(points)-1], l.To) {
		return fmt.Errorf("%w: the registers at the end are not those claimed before", ErrMove)
	}
	g.Points = a.Registers
	return nil
}

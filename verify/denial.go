package verify

import (
	"encoding/binary"
	"fmt"
)

// A Denial is a challenger's move: which of the things shown is the first that
// its own execution does not give. Where nothing is left to narrow down, it
// carries what decides.
type Denial struct {
	Pick int
	// Part is of what the machine executes, as the machine encodes it.
	Part []byte
	// Evidence is what the last step reads.
	Evidence []Evidence
}

// Deny makes the challenger's move. An error, which wraps ErrMove, says why the
// move is refused; the game is as before then.
func (g *Game) Deny(t *Task, d *Denial) error {
	next, err := g.Denied(t, d.Pick)
	if err != nil {
		return err
	}
	if next.Due {
		err = next.decide(t, d)
	} else if len(d.Part)+len(d.Evidence) > 0 {
		err = fmt.Errorf("%w: there is more to narrow down before evidence", ErrMove)
	}
	if err != nil {
		return err
	}
	*g = *next
	return nil
}

// Denied is the game once the challenger has denied one of the parts shown. If
// evidence is due then, it belongs to the same denial.
func (g *Game) Denied(t *Task, pick int) (*Game, error) {
	if g.Turn() != Challenger {
		return nil, fmt.Errorf("%w: it is not the challenger's turn", ErrMove)
	}
	next := g.clone()
	l := next.Last()
	if n := g.choices(l); pick < 0 || pick >= n {
		return nil, fmt.Errorf("%w: part %d of %d", ErrMove, pick, n)
	}
	if g.Due {
		return next, nil
	}
	next.Shown, next.Data, next.Points = nil, nil, nil
	switch {
	case l.Sort == Free:
		l.At.Lo += pick
		l.At.Hi = l.At.Lo + 1
	case l.Sort == Line:
		l.denyPoint(g.Points, pick)
	case len(g.Data) > 0:
		l.Word, l.To = leafWords*l.At.Lo+pick, []uint32{binary.LittleEndian.Uint32(g.Data[4*pick:])}
	default:
		l.denyChild(g.Shown, pick)
	}
	return next, next.descend(t)
}

// choices is how many parts a challenger can deny.
func (g *Game) choices(l *Level) int {
	switch {
	case g.Due:
		return 1
	case l.Sort == Free:
		return l.At.Len()
	}
	return len(g.Shown) + len(g.Data)/4 + len(g.Points)
}

// denyChild goes on with a subtree. What stands before it is agreed from now on; of a
// value's words that is not kept, for no step reads the value that it makes.
func (l *Level) denyChild(shown []Hash, pick int) {
	at, before := descend(l.At, shown, pick)
	l.At = at
	if l.Words == 0 {
		l.Agreed = append(l.Agreed[:len(l.Agreed):len(l.Agreed)], before...)
	}
}

// denyPoint goes on with the steps up to a point.
func (l *Level) denyPoint(points [][]uint32, pick int) {
	at := Points(l.Lo, l.Hi)
	if pick > 0 {
		l.Lo, l.From = at[pick-1], points[pick-1]
	}
	l.Hi, l.To = at[pick], points[pick]
}

// decide executes the step that is left and compares with what was claimed.
func (g *Game) decide(t *Task, d *Denial) (err error) {
	if g.Correct, err = t.Execute(g, d); err != nil {
		return err
	}
	g.Winner = Challenger
	if same(g.Correct, g.claimed()) {
		g.Winner = Claimant
	}
	return nil
}

// claimed is what the claimant said of the part that is left: words, or a hash.
func (g *Game) claimed() []uint32 {
	if l := g.Last(); len(l.To) > 0 {
		return l.To
	}
	return HashWords(g.Last().At.Top)
}

// HashWords is a hash as 8 words.
func HashWords(h Hash) []uint32 {
	words := make([]uint32, len(h)/4)
	for i := range words {
		words[i] = binary.LittleEndian.Uint32(h[4*i:])
	}
	return words
}

package verify

import (
	"encoding/binary"
	"fmt"

	"github.com/minga-network/minga/nn"
)

// A Denial is a challenger's move: which of the things shown is the first that
// its own execution does not give. Where nothing is left to narrow, it carries
// what decides.
type Denial struct {
	Pick int
	// Evidence is the values that decide: the operands of the scalar step, what
	// the node made that a state should be, or what the file should say.
	Evidence []Evidence
	// State and Head show a part of the Program: what a state becomes, or which
	// values are outputs.
	State *nn.Proof
	Head  *nn.Proof
}

// Deny makes the challenger's move. An error, which wraps ErrMove, says why the
// move is refused; the game is as before then.
func (g *Game) Deny(t *Task, d *Denial) error {
	if g.Turn() != Challenger {
		return fmt.Errorf("%w: it is not the challenger's turn", ErrMove)
	}
	next := *g
	if err := next.deny(t, d); err != nil {
		return err
	}
	if next.Winner == Nobody && (len(d.Evidence) > 0 || d.State != nil || d.Head != nil) {
		return fmt.Errorf("%w: there is more to narrow down before evidence", ErrMove)
	}
	*g = next
	return nil
}

func (g *Game) deny(t *Task, d *Denial) error {
	switch g.Stage {
	case Element:
		return g.denyElement(t, d)
	case Position:
		return g.denyPosition(t, d)
	case Place:
		return g.denyPlace(t, d)
	case Contradiction:
		return g.contradict(t, d)
	}
	return g.denyChild(t, d)
}

// denyChild picks a subtree. What stands before it is agreed from now on.
func (g *Game) denyChild(t *Task, d *Denial) error {
	spans, err := g.At.under(g.Shown)
	if err != nil {
		return err
	}
	if d.Pick < 0 || d.Pick >= len(spans) {
		return fmt.Errorf("%w: part %d of %d", ErrMove, d.Pick, len(spans))
	}
	switch before := spans[:d.Pick]; g.Stage {
	case Steps:
		if d.Pick > 0 {
			g.Before = before[d.Pick-1]
		}
	case Nodes:
		g.Agreed = append(g.Agreed, before...)
	case Outputs:
		for _, s := range before {
			g.Outs = append(g.Outs, s.Top)
		}
	}
	g.At, g.Shown = spans[d.Pick], nil
	if g.Stage == Outputs {
		return g.arriveAtOutput(t)
	}
	if g.arrive(t); g.Stage == States && g.At.leaves() == 1 {
		return g.link(t, d)
	}
	return nil
}

// denyElement picks an element of the chunk shown, and so its fold.
func (g *Game) denyElement(t *Task, d *Denial) error {
	if d.Pick < 0 || d.Pick >= len(g.Data)/4 {
		return fmt.Errorf("%w: element %d of a chunk of %d", ErrMove, d.Pick, len(g.Data)/4)
	}
	g.Word = g.Chunk*leafWords + d.Pick
	g.To = []uint32{binary.LittleEndian.Uint32(g.Data[4*d.Pick:])}
	if g.Step < 0 {
		return g.begin(t, d)
	}
	n, err := g.node(t)
	if err != nil {
		return err
	}
	fold, err := n.fold(g.Output, g.Word)
	if err != nil {
		return err
	}
	g.Stage, g.Data, g.Lo, g.Hi, g.From = Position, nil, 0, fold.Steps, fold.Start
	if g.Hi > 1 {
		return nil
	}
	return g.execute(t, n, d)
}

// denyPosition picks the first registers shown that are wrong.
func (g *Game) denyPosition(t *Task, d *Denial) error {
	if d.Pick < 0 || d.Pick >= len(g.Points) {
		return fmt.Errorf("%w: registers %d of %d", ErrMove, d.Pick, len(g.Points))
	}
	ps := points(g.Lo, g.Hi)
	if d.Pick > 0 {
		g.Lo, g.From = ps[d.Pick-1], g.Points[d.Pick-1]
	}
	g.Hi, g.To, g.Points = ps[d.Pick], g.Points[d.Pick], nil
	if g.Hi-g.Lo > 1 {
		return nil
	}
	n, err := g.node(t)
	if err != nil {
		return err
	}
	return g.execute(t, n, d)
}

// execute does the one scalar step that is left, on operands that both sides
// agree on, and compares.
func (g *Game) execute(t *Task, n *node, d *Denial) error {
	fold, err := n.fold(g.Output, g.Word)
	if err != nil {
		return err
	}
	if len(g.From) != len(fold.Start) || len(g.To) > len(g.From) || g.Lo >= fold.Steps {
		return fmt.Errorf("%w: the fold has %d registers and %d steps", ErrMove, len(fold.Start), fold.Steps)
	}
	operands := &exhibits{chunks: map[nn.Operand]map[int][]uint32{}}
	for i := range d.Evidence {
		if err := operands.admit(t, g, n, &d.Evidence[i]); err != nil {
			return err
		}
	}
	r := append([]uint32(nil), g.From...)
	fold.Step(g.Lo, r, operands.of(t, g, n))
	if operands.missing != nil {
		return operands.missing
	}
	g.Correct = r
	g.decide(same(r, g.To))
	return nil
}

// decide ends the game.
func (g *Game) decide(claimantIsRight bool) {
	g.Winner = Challenger
	if claimantIsRight {
		g.Winner = Claimant
	}
}

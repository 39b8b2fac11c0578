package verify

import (
	"fmt"
	"math"
	"slices"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/nn"
)

// Compare says what there is to deny about a claim. ok is false when one's own
// run gives the same.
func (p *Player) Compare(c Claimed) (target Target, ok bool, err error) {
	trace, err := p.Trace()
	if err != nil {
		return 0, false, err
	}
	if trace != c.Trace {
		return Trace, true, nil
	}
	if p.task.Sound {
		step, err := p.contradiction()
		return Sound, step >= 0, err
	}
	file, err := p.run.File()
	if err != nil || p.task.Header.Size == 0 {
		return 0, false, err
	}
	return Result, root(int64(len(file)), blob.Root(leavesOf(wordsOf(file)))) != c.Result, nil
}

// counter is a Run that knows its first step whose first output is not zero, or -1,
// without showing every step.
type counter interface{ Contradiction() (int, error) }

// contradiction is the first step whose first output is not zero, or -1.
func (p *Player) contradiction() (int, error) {
	if c, ok := p.run.(counter); ok {
		return c.Contradiction()
	}
	for step := range p.task.Steps() {
		pass, err := p.run.Pass(step)
		if err != nil {
			return -1, err
		}
		if pass.Words(pass.Program().Outputs[0].ID)[0] != 0 {
			return step, nil
		}
	}
	return -1, nil
}

// Deny makes the challenger's next move: the first of what was shown that its
// own run does not give.
func (p *Player) Deny(g *Game) (*Denial, error) {
	if g.Turn() != Challenger {
		return nil, fmt.Errorf("%w: it is not the challenger's turn", ErrMove)
	}
	switch g.Stage {
	case Contradiction:
		return p.contradict()
	case Element, Place:
		return p.denyWord(g)
	case Position:
		return p.denyRegisters(g)
	}
	leaves, err := p.disputed(g)
	if err != nil {
		return nil, err
	}
	d := &Denial{Pick: firstOther(g.Shown, tops(leaves, g.At.Lo, g.At.Hi))}
	next := ahead(g)
	next.At, next.Shown = split(g.At.Lo, g.At.Hi)[d.Pick], nil
	if next.Stage != Outputs {
		next.arrive(p.task)
	}
	if next.Stage == States && next.At.leaves() == 1 {
		return d, p.link(next, d)
	}
	return d, nil
}

// firstOther is the first place where two lists of one length differ. Where they
// do not, there was nothing to deny; the last is as good as any.
func firstOther[T comparable](shown, own []T) int {
	for i := range own {
		if i >= len(shown) || shown[i] != own[i] {
			return i
		}
	}
	return len(own) - 1
}

// denyWord picks a word of the chunk; with it the fold begins, or the file's
// word is shown.
func (p *Player) denyWord(g *Game) (*Denial, error) {
	own, err := p.chunk(g)
	if err != nil {
		return nil, err
	}
	d := &Denial{Pick: firstOther(wordsOf(g.Data), own)}
	if g.Stage == Place {
		return d, p.showFileWord(g, d)
	}
	if g.Step < 0 {
		return d, p.showStart(g, d)
	}
	next := ahead(g)
	next.Stage, next.Word = Position, g.Chunk*leafWords+d.Pick
	n, err := g.node(p.task)
	if err != nil {
		return nil, err
	}
	fold, err := n.fold(g.Output, next.Word)
	if err != nil || fold.Steps > 1 {
		return d, err
	}
	next.Lo, next.Hi, next.From = 0, 1, fold.Start
	return d, p.show(next, n, fold, d)
}

// denyRegisters picks the first wrong registers; when they are one step apart
// from right ones, the operands of that step are shown.
func (p *Player) denyRegisters(g *Game) (*Denial, error) {
	own, err := p.walk(g)
	if err != nil {
		return nil, err
	}
	d := &Denial{Pick: len(own) - 1}
	for i := range own {
		if !same(own[i], g.Points[i]) && (i < len(own)-1 || !same(own[i], g.To)) {
			d.Pick = i
			break
		}
	}
	next, ps := ahead(g), points(g.Lo, g.Hi)
	if d.Pick > 0 {
		next.Lo, next.From = ps[d.Pick-1], g.Points[d.Pick-1]
	}
	next.Hi = ps[d.Pick]
	if next.Hi-next.Lo > 1 {
		return d, nil
	}
	n, fold, err := g.fold(p.task)
	if err != nil {
		return nil, err
	}
	return d, p.show(next, n, fold, d)
}

// show adds the evidence of all that a scalar step reads.
func (p *Player) show(g *Game, n *node, fold nn.Fold, d *Denial) error {
	x, err := p.at(g.Step)
	if err != nil {
		return err
	}
	read := &recall{x: x, n: n, note: map[place]bool{}, shift: p.shift(g, n)}
	fold.Step(g.Lo, slices.Clone(g.From), read)
	for _, at := range read.order {
		e, err := p.evidence(g, x, n, at)
		if err != nil {
			return err
		}
		if e != nil {
			d.Evidence = append(d.Evidence, *e)
		}
	}
	return nil
}

// shift says how many words of its blob lie before an operand: an input that
// advances with the step begins within it.
func (p *Player) shift(g *Game, n *node) func(nn.Operand) int {
	return func(v nn.Operand) int {
		if id := int(n.id(v)); !v.Own && id < len(p.task.Inputs) && p.task.Inputs[id].Each {
			return int(p.task.Inputs[id].Words) * g.Step
		}
		return 0
	}
}

// place is a kibibyte of an operand's blob.
type place struct {
	of    nn.Operand
	chunk int
}

// recall reads operands from one's own pass, and notes which kibibytes.
type recall struct {
	x     *executed
	n     *node
	shift func(nn.Operand) int
	note  map[place]bool
	order []place
}

func (r *recall) Float(v nn.Operand, at int) float32 { return math.Float32frombits(r.word(v, at)) }
func (r *recall) Int(v nn.Operand, at int) int32     { return int32(r.word(v, at)) }

func (r *recall) word(v nn.Operand, at int) uint32 {
	if r.note != nil {
		if p := (place{v, (r.shift(v) + at) / leafWords}); !r.note[p] {
			r.note[p] = true
			r.order = append(r.order, p)
		}
	}
	return r.x.Words(r.n.id(v))[at]
}

// id is the value that an operand is.
func (n *node) id(v nn.Operand) nn.ID {
	if v.Own {
		return n.Out[v.Index]
	}
	return n.In[v.Index]
}

package nn

import (
	"fmt"
	mathbits "math/bits"

	"github.com/minga-network/minga/kernel"
)

// windowStream sets the draws of windows apart from those of initial weights,
// which are keyed by the same seed with a smaller stream.
const windowStream = 1 << 31

// windowsShape checks a batch and a context, the last two attributes: so many
// windows of so many tokens, with the one token after each.
func windowsShape(batch, context uint64) (Value, error) {
	if batch < 1 || batch > maxElements || context < 1 || context > maxElements/batch {
		return Value{}, fmt.Errorf("%w: %d windows of %d tokens", ErrProgram, batch, context)
	}
	return ints(int(batch * context)), nil
}

// windows draws the windows of a training step: window r starts at a place drawn
// from the seed, the step and r alone. Places has a row for each dataset: where
// it begins in the corpus, and in how many places a window may start; each
// place of all datasets is as likely as another.
var windows = operator{
	name:  "windows",
	attrs: 3, // seed, batch, context
	shape: func(a []uint64, in []Value) ([]Value, error) {
		v, err := windowsShape(a[1], a[2])
		if err != nil {
			return nil, err
		}
		return []Value{ints(int(a[1])), v, v}, want(in, ints(0), ints(0, 2), ints(1))
	},
	run: func(_ *kernel.Backend, c *call) {
		places, step := c.in[1].i, c.in[2].i[0]
		for row := range c.out[0].i {
			c.out[0].i[row] = drawWindow(c.attr[0], step, row, places)
		}
		fillWindows(c, int(c.attr[2]))
	},
	fold: func(c *folding, output, e int) Fold {
		if output == 0 {
			return foldWindow(c.attr[0], e, c.in[1].Shape[0])
		}
		return foldToken(c, output, e)
	},
}

// fillWindows reads tokens and targets of the windows that begin at the first
// output from the first input.
func fillWindows(c *call, context int) {
	corpus := c.in[0].i
	for row, start := range c.out[0].i {
		for i := range context {
			c.out[1].i[row*context+i] = tokenAt(corpus, int(start)+i)
			c.out[2].i[row*context+i] = tokenAt(corpus, int(start)+i+1)
		}
	}
}

// foldToken is an element of what fillWindows makes; the context is the third
// attribute.
func foldToken(c *folding, output, e int) Fold {
	n, context := c.in[0].Size(), int(c.attr[2])
	return integer(func(read Reader) int32 {
		at := int(read.Int(Own(0), e/context)) + e%context + output - 1
		if at < 0 || at >= n {
			return 0
		}
		return read.Int(In(0), at)
	})
}

// tokenAt is 0 outside the corpus: a place may be anything.
func tokenAt(corpus []int32, at int) int32 {
	if at < 0 || at >= len(corpus) {
		return 0
	}
	return corpus[at]
}

// drawWindow returns where a window starts: the search is foldWindow's.
func drawWindow(seed uint64, step int32, row int, places []int32) int32 {
	s := search{}
	for d := 0; d < len(places); d += 2 {
		s.at += uint32(places[d+1])
	}
	s.draw(seed, step, row)
	for d := 0; d < len(places); d += 2 {
		s.visit(uint32(places[d]), uint32(places[d+1]))
	}
	return int32(s.start)
}

// search finds a place among those of all datasets, one after the other.
// Numbers wrap around, as places can be anything.
type search struct{ start, at, found uint32 }

// draw turns at, the number of places, into one of them.
func (s *search) draw(seed uint64, step int32, row int) { s.at = drawPlace(seed, step, row, s.at) }

// drawPlace draws one of so many places for the window of a row.
func drawPlace(seed uint64, step int32, row int, places uint32) uint32 {
	r := kernel.Philox(seed, [4]uint32{uint32(step), uint32(row), 0, windowStream})
	// The high word of a product maps 64 bits to [0, places) evenly.
	place, _ := mathbits.Mul64(uint64(r[0])|uint64(r[1])<<32, uint64(places))
	return uint32(place)
}

// visit looks whether the place is in a dataset that begins at offset.
func (s *search) visit(offset, starts uint32) {
	switch {
	case s.found == 1:
	case s.at < starts:
		s.start, s.found = offset+s.at, 1
	default:
		s.at -= starts
	}
}

// foldWindow adds up the places, draws one, and searches for it.
func foldWindow(seed uint64, row, datasets int) Fold {
	return Fold{Start: make([]uint32, 3), Steps: 2*datasets + 1, Step: func(p int, r []uint32, read Reader) {
		s := search{r[0], r[1], r[2]}
		switch {
		case p < datasets:
			s.at += uint32(read.Int(In(1), 2*p+1))
		case p == datasets:
			s.draw(seed, read.Int(In(2), 0), row)
		default:
			d := p - datasets - 1
			s.visit(uint32(read.Int(In(1), 2*d)), uint32(read.Int(In(1), 2*d+1)))
		}
		r[0], r[1], r[2] = s.start, s.at, s.found
	}}
}

// batch takes windows of context+1 tokens in their order: step 0 the first ones.
var batch = operator{
	name:  "batch",
	attrs: 2, // batch, context
	shape: func(a []uint64, in []Value) ([]Value, error) {
		v, err := windowsShape(a[0], a[1])
		if err != nil {
			return nil, err
		}
		return []Value{v, v}, want(in, ints(0), ints(1))
	},
	run: func(_ *kernel.Backend, c *call) {
		for o, out := range c.out {
			for e := range out.i {
				out.i[e] = tokenAt(c.in[0].i, batchAt(c.attr, c.in[1].i[0], o, e))
			}
		}
	},
	fold: func(c *folding, output, e int) Fold {
		n := c.in[0].Size()
		return integer(func(read Reader) int32 {
			at := batchAt(c.attr, read.Int(In(1), 0), output, e)
			if at < 0 || at >= n {
				return 0
			}
			return read.Int(In(0), at)
		})
	},
}

// batchAt is where an element of an output of batch stands among the windows.
func batchAt(a []uint64, step int32, output, e int) int {
	rows, context := int(a[0]), int(a[1])
	return (int(step)*rows+e/context)*(context+1) + e%context + output
}

// integer is a fold of one step that gives an int32.
func integer(f func(read Reader) int32) Fold {
	return Fold{Start: []uint32{0}, Steps: 1, Step: func(_ int, r []uint32, read Reader) { r[0] = uint32(f(read)) }}
}

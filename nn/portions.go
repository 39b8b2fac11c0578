package nn

import (
	"fmt"
	mathbits "math/bits"

	"github.com/minga-network/minga/kernel"
)

// portionStream sets the draws of windows of portions apart from windowStream's.
const portionStream = windowStream + 1

// portionWindows draws windows of some portions of a corpus, the same number of each.
// Portions has a row for each that is present: where it begins in the corpus, in
// how many places a window may start, and its number. A window depends on the
// seed, the step, the portion's number and the window's number within the portion, so
// that it is the same whichever other portions are present.
var portionWindows = operator{
	name:  "portion_windows",
	attrs: 3, // seed, windows of each portion, context
	shape: func(a []uint64, in []Value) ([]Value, error) {
		if err := want(in, ints(0), ints(0, 3), ints(1)); err != nil {
			return nil, err
		}
		portions := uint64(in[1].Shape[0])
		if a[1] < 1 || a[1] > maxElements/portions {
			return nil, fmt.Errorf("%w: %d windows of each of %d portions", ErrProgram, a[1], portions)
		}
		v, err := windowsShape(a[1]*portions, a[2])
		return []Value{ints(int(a[1] * portions)), v, v}, err
	},
	run: func(_ *kernel.Backend, c *call) {
		rows := int(c.attr[1])
		for row := range c.out[0].i {
			portion := c.in[1].i[row/rows*3:]
			c.out[0].i[row] = drawOfPortion(c.attr[0], c.in[2].i[0], row%rows, portion[0], portion[1], portion[2])
		}
		fillWindows(c, int(c.attr[2]))
	},
	fold: func(c *folding, output, e int) Fold {
		if output > 0 {
			return foldToken(c, output, e)
		}
		rows := int(c.attr[1])
		return integer(func(read Reader) int32 {
			at := func(i int) int32 { return read.Int(In(1), e/rows*3+i) }
			return drawOfPortion(c.attr[0], read.Int(In(2), 0), e%rows, at(0), at(1), at(2))
		})
	},
}

// drawOfPortion returns where a window of a portion starts. Numbers wrap around, as
// they can be anything.
func drawOfPortion(seed uint64, step int32, row int, offset, starts, portion int32) int32 {
	r := kernel.Philox(seed, [4]uint32{uint32(step), uint32(row), uint32(portion), portionStream})
	place, _ := mathbits.Mul64(uint64(r[0])|uint64(r[1])<<32, uint64(uint32(starts)))
	return int32(uint32(offset) + uint32(place))
}

// cycle takes windows that are spread evenly over all, each one further with each
// step, and from the last to the first: a text that changes its subject has all
// of them in every step.
var cycle = operator{
	name:  "cycle",
	attrs: 2, // batch, context
	shape: func(a []uint64, in []Value) ([]Value, error) {
		v, err := windowsShape(a[0], a[1])
		if err != nil {
			return nil, err
		}
		if err := want(in, ints(0), ints(1)); err != nil {
			return nil, err
		}
		if n := uint64(in[0].Shape[0]); n%(a[1]+1) != 0 {
			return nil, fmt.Errorf("%w: %d tokens are no windows of %d and one", ErrProgram, n, a[1])
		}
		return []Value{v, v}, nil
	},
	run: func(_ *kernel.Backend, c *call) {
		for o, out := range c.out {
			for e := range out.i {
				out.i[e] = c.in[0].i[cycleAt(c.attr, len(c.in[0].i), c.in[1].i[0], o, e)]
			}
		}
	},
	fold: func(c *folding, output, e int) Fold {
		n := c.in[0].Size()
		return integer(func(read Reader) int32 {
			return read.Int(In(0), cycleAt(c.attr, n, read.Int(In(1), 0), output, e))
		})
	},
}

// cycleAt is where an element of an output of cycle stands among n tokens.
func cycleAt(a []uint64, n int, step int32, output, e int) int {
	rows, context := int64(a[0]), int(a[1])
	windows, row := int64(n/(context+1)), int64(e/context)
	window := (int64(uint32(step)) + row*windows/rows) % windows
	return int(window)*(context+1) + e%context + output
}

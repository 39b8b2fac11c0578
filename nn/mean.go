package nn

import (
	"fmt"
	"math"

	"github.com/minga-network/minga/kernel"
)

// record draws the curve of the training loss: point i is the mean over the
// steps from i·interval on, so each step adds its part to one point. The last
// point may have fewer steps.
var record = operator{
	name:  "record",
	attrs: 2, // interval, steps
	shape: func(a []uint64, in []Value) ([]Value, error) {
		if a[0] < 1 || a[0] > math.MaxInt32 || a[1] < 1 || a[1] > math.MaxInt32 {
			return nil, fmt.Errorf("%w: a curve of %d steps with a point for every %d", ErrProgram, a[1], a[0])
		}
		curve := floats(int((a[1] + a[0] - 1) / a[0]))
		return []Value{curve}, want(in, curve, floats(1), ints(1))
	},
	run: func(_ *kernel.Backend, c *call) {
		y, curve := c.out[0].f, c.in[0].f
		copy(y, curve)
		if i, steps := recordAt(c.attr, len(y), c.in[2].i[0]); i >= 0 {
			y[i] = addPart(y[i], c.in[1].f[0], steps)
		}
	},
	fold: func(c *folding, _, e int) Fold {
		return expression(func(read Reader) float32 {
			x := read.Float(In(0), e)
			if i, steps := recordAt(c.attr, c.in[0].Size(), read.Int(In(2), 0)); i == e {
				return addPart(x, read.Float(In(1), 0), steps)
			}
			return x
		})
	},
	over: [][2]int{{0, 0}},
}

// recordAt returns the point that a step is part of, and how many steps are.
// Steps that should not be count for the last point; none does before step 0.
func recordAt(a []uint64, points int, step int32) (i, steps int) {
	if step < 0 {
		return -1, 1
	}
	interval := int(a[0])
	i = min(int(step)/interval, points-1)
	return i, min(interval, int(a[1])-i*interval)
}

// addPart adds one of n values to their mean.
func addPart(mean, value float32, n int) float32 { return mean + value/float32(n) }

// accumulate adds one of count values to their mean, which is one element.
var accumulate = operator{
	name:  "accumulate",
	attrs: 2, // element, count
	shape: func(a []uint64, in []Value) ([]Value, error) {
		if err := want(in, floats(0), floats(1)); err != nil {
			return nil, err
		}
		if a[0] >= uint64(in[0].Size()) || a[1] < 1 || a[1] > math.MaxInt32 {
			return nil, fmt.Errorf("%w: accumulate %d values in element %d of %d", ErrProgram, a[1], a[0], in[0].Size())
		}
		return in[:1], nil
	},
	run: func(_ *kernel.Backend, c *call) {
		y, i := c.out[0].f, c.attr[0]
		copy(y, c.in[0].f)
		y[i] = addPart(y[i], c.in[1].f[0], int(c.attr[1]))
	},
	fold: func(c *folding, _, e int) Fold {
		return expression(func(read Reader) float32 {
			x := read.Float(In(0), e)
			if e == int(c.attr[0]) {
				return addPart(x, read.Float(In(1), 0), int(c.attr[1]))
			}
			return x
		})
	},
	over: [][2]int{{0, 0}},
}

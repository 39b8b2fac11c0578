package nn

import (
	"fmt"

	"github.com/minga-network/minga/kernel"
)

// attrShape reads the shape of a float that stands in the last attributes.
func attrShape(dims []uint64) (Value, error) {
	shape := make([]int, len(dims))
	for i, d := range dims {
		if d > maxElements {
			return Value{}, fmt.Errorf("%w: a dimension of %d", ErrProgram, d)
		}
		shape[i] = int(d)
	}
	v := floats(shape...)
	return v, v.check()
}

// dimensions are the attributes that say a shape.
func dimensions(v Value) []uint64 {
	dims := make([]uint64, len(v.Shape))
	for i, d := range v.Shape {
		dims[i] = uint64(d)
	}
	return dims
}

var normal = operator{
	name:   "normal",
	attrs:  3, // seed, stream, standard deviation
	shaped: true,
	shape: func(a []uint64, in []Value) ([]Value, error) {
		v, err := attrShape(a[3:])
		if err != nil {
			return nil, err
		}
		return []Value{v}, want(in)
	},
	run: func(b *kernel.Backend, c *call) {
		b.Normal(c.out[0].f, c.attr[0], c.attr[1], float(c.attr[2]))
	},
	fold: func(c *folding, _, e int) Fold {
		return expression(func(Reader) float32 { return kernel.Normal(c.attr[0], c.attr[1], e, float(c.attr[2])) })
	},
}

var fill = operator{
	name:   "fill",
	attrs:  1, // value
	shaped: true,
	shape: func(a []uint64, in []Value) ([]Value, error) {
		v, err := attrShape(a[1:])
		if err != nil {
			return nil, err
		}
		return []Value{v}, want(in)
	},
	run: func(_ *kernel.Backend, c *call) {
		for i := range c.out[0].f {
			c.out[0].f[i] = float(c.attr[0])
		}
	},
	fold: func(c *folding, _, _ int) Fold {
		return expression(func(Reader) float32 { return float(c.attr[0]) })
	},
}

package nn

import (
	"fmt"
	"math"

	"github.com/minga-network/minga/kernel"
)

var crossEntropy = operator{
	name: "cross_entropy",
	shape: func(_ []uint64, in []Value) ([]Value, error) {
		rows, vocab := matrix(in, 0)
		row := floats(rows)
		return []Value{row, row, row}, want(in, floats(rows, vocab), ints(rows))
	},
	run: func(b *kernel.Backend, c *call) {
		rows, vocab := c.in[0].shape[0], c.in[0].shape[1]
		b.CrossEntropy(c.out[0].f, c.out[1].f, c.out[2].f, c.in[0].f, c.in[1].i, rows, vocab)
	},
	// Reverse mode starts here: the loss of a Program is the mean over the
	// rows, so this rule reads no gradient from above.
	grad: func(b *builder, n Node, _ ID) {
		b.flow(n.In[0], b.one(OpCrossEntropyGrad, nil, n.In[0], n.Out[1], n.Out[2], n.In[1]))
	},
}

var crossEntropyGrad = operator{
	name: "cross_entropy_grad",
	shape: func(_ []uint64, in []Value) ([]Value, error) {
		rows, vocab := matrix(in, 0)
		x := floats(rows, vocab)
		return []Value{x}, want(in, x, floats(rows), floats(rows), ints(rows))
	},
	run: func(b *kernel.Backend, c *call) {
		rows, vocab := c.in[0].shape[0], c.in[0].shape[1]
		b.CrossEntropyGrad(c.out[0].f, c.in[0].f, c.in[1].f, c.in[2].f, c.in[3].i, rows, vocab, 1/float32(rows))
	},
	over: [][2]int{{0, 0}},
}

// toScalar is the shape rule of whole-array reductions.
func toScalar(_ []uint64, in []Value) ([]Value, error) {
	if len(in) != 1 || in[0].Kind != Float {
		return nil, fmt.Errorf("%w: a reduction wants one float", ErrProgram)
	}
	return []Value{floats(1)}, nil
}

var mean = operator{
	name:  "mean",
	shape: toScalar,
	run:   func(b *kernel.Backend, c *call) { b.Mean(c.out[0].f, c.in[0].f) },
}

var sumSquares = operator{
	name:  "sum_squares",
	shape: toScalar,
	run:   func(b *kernel.Backend, c *call) { b.SumSquares(c.out[0].f, c.in[0].f) },
}

var clipScale = operator{
	name:  "clip_scale",
	attrs: 1, // limit
	shape: func(_ []uint64, in []Value) ([]Value, error) {
		for _, v := range in {
			if !v.equal(floats(1)) {
				return nil, fmt.Errorf("%w: clip_scale wants sums", ErrProgram)
			}
		}
		return []Value{floats(1)}, nil
	},
	run: func(b *kernel.Backend, c *call) {
		for i, in := range c.in {
			c.gather[i] = in.f[0]
		}
		b.ClipScale(c.out[0].f, c.gather, float(c.attr[0]))
	},
}

var schedule = operator{
	name:  "schedule",
	attrs: 6, // peak, floor, warmup, steps, beta1, beta2
	shape: func(a []uint64, in []Value) ([]Value, error) {
		if a[2] > math.MaxInt32 || a[3] > math.MaxInt32 {
			return nil, fmt.Errorf("%w: schedule of %d steps", ErrProgram, a[3])
		}
		return []Value{floats(3)}, want(in, ints(1))
	},
	run: func(b *kernel.Backend, c *call) {
		b.Schedule(c.out[0].f, int(c.in[0].i[0]), kernel.Schedule{
			Peak: float(c.attr[0]), Floor: float(c.attr[1]),
			Warmup: int(c.attr[2]), Steps: int(c.attr[3]),
			Beta1: float(c.attr[4]), Beta2: float(c.attr[5]),
		})
	},
}

var adamW = operator{
	name:  "adamw",
	attrs: 4, // beta1, beta2, eps, decay
	shape: func(_ []uint64, in []Value) ([]Value, error) {
		if len(in) == 0 {
			return nil, fmt.Errorf("%w: adamw has no inputs", ErrProgram)
		}
		p := in[0]
		p.Kind = Float
		return []Value{p, p, p}, want(in, p, p, p, p, floats(3), floats(1))
	},
	// The plan puts p, m and v over the inputs of the same name; where
	// something else still reads those, they are copied first.
	run: func(b *kernel.Backend, c *call) {
		for i := range 3 {
			if &c.out[i].f[0] != &c.in[i].f[0] {
				copy(c.out[i].f, c.in[i].f)
			}
		}
		b.AdamW(c.out[0].f, c.out[1].f, c.out[2].f, c.in[3].f, c.in[4].f, c.in[5].f,
			float(c.attr[0]), float(c.attr[1]), float(c.attr[2]), float(c.attr[3]))
	},
	over: [][2]int{{0, 0}, {1, 1}, {2, 2}},
}

// Optimizer holds the constants of AdamW (Loshchilov and Hutter 2019) with
// linear warm-up to Rate and a cosine from there to Floor over Steps.
type Optimizer struct {
	Rate, Floor  float32
	Warmup       int // steps
	Steps        int
	Beta1, Beta2 float32
	Eps          float32
	Decay        float32 // decoupled; applies to matrices, not to gains
	Clip         float32 // limit of the gradient's norm; 0 does not clip
}

// Validate returns a *FieldError that names the field out of range.
func (o Optimizer) Validate() error {
	for _, f := range []struct {
		name string
		v    float32
		ok   bool
		want string
	}{
		{"rate", o.Rate, o.Rate > 0 && o.Rate <= 10, "more than 0 and at most 10"},
		{"floor", o.Floor, o.Floor >= 0 && o.Floor <= o.Rate, "0 up to rate"},
		{"warmup", float32(o.Warmup), o.Warmup >= 0 && o.Warmup <= math.MaxInt32, "0 to 2147483647"},
		{"steps", float32(o.Steps), o.Steps > 0 && o.Steps <= math.MaxInt32, "1 to 2147483647"},
		{"beta1", o.Beta1, o.Beta1 >= 0 && o.Beta1 < 1, "0 up to, not including, 1"},
		{"beta2", o.Beta2, o.Beta2 >= 0 && o.Beta2 < 1, "0 up to, not including, 1"},
		{"eps", o.Eps, o.Eps > 0 && o.Eps <= 1, "more than 0 and at most 1"},
		{"decay", o.Decay, o.Decay >= 0 && o.Decay <= 1, "0 to 1"},
		{"clip", o.Clip, o.Clip >= 0 && o.Clip <= 1e6, "0 (off) to 1e6"},
	} {
		if !f.ok {
			return wrong(f.name, "is %v, want %s", f.v, f.want)
		}
	}
	return nil
}

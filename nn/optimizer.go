package nn

import (
	"fmt"
	"math"

	"github.com/minga-network/minga/blob"
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
	fold:  crossEntropyFold,
	order: []int{1, 2, 0}, // max, sum, loss
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
	fold: func(c *folding, _, e int) Fold {
		rows, vocab := c.in[0].Shape[0], c.in[0].Shape[1]
		r := e / vocab
		return expression(func(read Reader) float32 {
			isTarget := int(read.Int(In(3), r)) == e%vocab
			return kernel.LossGrad(read.Float(In(0), e), read.Float(In(1), r), read.Float(In(2), r), isTarget, 1/float32(rows))
		})
	},
	over: [][2]int{{0, 0}},
}

// crossEntropyFold gives the loss of a target outside of the vocabulary as 0.
func crossEntropyFold(c *folding, output, e int) Fold {
	vocab := c.in[0].Shape[1]
	switch output {
	case 0:
		return expression(func(read Reader) float32 {
			if target := int(read.Int(In(1), e)); target >= 0 && target < vocab {
				return kernel.Loss(read.Float(In(0), e*vocab+target), read.Float(Own(1), e), read.Float(Own(2), e))
			}
			return 0
		})
	case 1:
		return maximum(vocab, func(p int, read Reader) float32 { return read.Float(In(0), e*vocab+p) })
	}
	return laneSum(vocab, func(p int, read Reader) float32 {
		return kernel.Exp(read.Float(In(0), e*vocab+p) - read.Float(Own(1), e))
	})
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
	fold: func(c *folding, _, _ int) Fold {
		n := c.in[0].Size()
		all := laneSum(n, func(p int, read Reader) float32 { return read.Float(In(0), p) })
		return then(all, func(x float32, _ Reader) float32 { return x / float32(n) })
	},
}

var sumSquares = operator{
	name:  "sum_squares",
	shape: toScalar,
	run:   func(b *kernel.Backend, c *call) { b.SumSquares(c.out[0].f, c.in[0].f) },
	fold: func(c *folding, _, _ int) Fold {
		return laneSum(c.in[0].Size(), func(p int, read Reader) float32 { return square(read.Float(In(0), p)) })
	},
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
	fold: func(c *folding, _, _ int) Fold {
		all := laneSum(len(c.in), func(p int, read Reader) float32 { return read.Float(In(p), 0) })
		return then(all, func(x float32, _ Reader) float32 { return kernel.Clip(x, float(c.attr[0])) })
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
		b.Schedule(c.out[0].f, int(c.in[0].i[0]), scheduleOf(c.attr))
	},
	fold: func(c *folding, _, e int) Fold {
		s := scheduleOf(c.attr)
		return expression(func(read Reader) float32 {
			step := int(read.Int(In(0), 0))
			switch e {
			case 0:
				return s.Rate(step)
			case 1:
				return kernel.BiasCorrection(s.Beta1, step)
			}
			return kernel.BiasCorrection(s.Beta2, step)
		})
	},
}

func scheduleOf(attr []uint64) kernel.Schedule {
	return kernel.Schedule{
		Peak: float(attr[0]), Floor: float(attr[1]),
		Warmup: int(attr[2]), Steps: int(attr[3]),
		Beta1: float(attr[4]), Beta2: float(attr[5]),
	}
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
	over:  [][2]int{{0, 0}, {1, 1}, {2, 2}},
	fold:  adamWFold,
	order: []int{1, 2, 0}, // the moments, then where they lead
}

// adamWFold takes two steps for each output: a moment clips the gradient first,
// a parameter finds its direction first.
func adamWFold(c *folding, output, e int) Fold {
	beta := [...]float32{0, float(c.attr[0]), float(c.attr[1])}[output]
	eps, decay := float(c.attr[2]), float(c.attr[3])
	return Fold{Start: []uint32{0}, Steps: 2, Step: func(p int, r []uint32, read Reader) {
		x := unword(r[0])
		switch {
		case p == 0 && output == 0:
			x = kernel.Direction(read.Float(Own(1), e), read.Float(Own(2), e), read.Float(In(4), 1), read.Float(In(4), 2), eps)
		case p == 0:
			x = read.Float(In(3), e) * read.Float(In(5), 0)
		case output == 0:
			x = kernel.Moved(read.Float(In(0), e), x, read.Float(In(4), 0), decay)
		case output == 1:
			x = kernel.FirstMoment(read.Float(In(1), e), x, beta)
		default:
			x = kernel.SecondMoment(read.Float(In(2), e), x, beta)
		}
		r[0] = blob.Word(x)
	}}
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

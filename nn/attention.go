package nn

import (
	"fmt"

	"github.com/minga-network/minga/kernel"
)

var ropeTable = operator{
	name:  "rope_table",
	attrs: 4, // start, rows, width of a head, theta
	shape: func(a []uint64, in []Value) ([]Value, error) {
		if a[0] > maxElements || a[1] > maxElements || a[2] > maxElements || a[2]%2 != 0 {
			return nil, fmt.Errorf("%w: rope_table of %v", ErrProgram, a)
		}
		angles := floats(int(a[1]), int(a[2]/2))
		return []Value{angles, angles}, want(in)
	},
	run: func(b *kernel.Backend, c *call) {
		start, rows, width := int(c.attr[0]), int(c.attr[1]), int(c.attr[2])
		b.RopeTable(c.out[0].f, c.out[1].f, start, rows, width, float(c.attr[3]))
	},
	fold: func(c *folding, output, e int) Fold {
		start, width, half := int(c.attr[0]), int(c.attr[2]), c.out[0].Shape[1]
		table := [...]func(float32) float32{kernel.Cos, kernel.Sin}[output]
		return expression(func(Reader) float32 {
			return table(kernel.RopeAngle(start+e/half, e%half, width, float(c.attr[3])))
		})
	},
}

// ropeShape: x is (batch·t, heads·width), the tables are (t, width/2).
func ropeShape(_ []uint64, in []Value) ([]Value, error) {
	rows, d := matrix(in, 0)
	t, half := matrix(in, 1)
	if err := want(in, floats(rows, d), floats(t, half), floats(t, half)); err != nil {
		return nil, err
	}
	if rows%t != 0 || d%(2*half) != 0 {
		return nil, fmt.Errorf("%w: rope of %v by a table of %v", ErrProgram, in[0].Shape, in[1].Shape)
	}
	return in[:1], nil
}

// ropeSizes returns batch, t, heads and the width of a head.
func ropeSizes(c *call) (batch, t, heads, width int) {
	t, width = c.in[1].shape[0], 2*c.in[1].shape[1]
	return c.in[0].shape[0] / t, t, c.in[0].shape[1] / width, width
}

var rope = operator{
	name:  "rope",
	shape: ropeShape,
	run: func(b *kernel.Backend, c *call) {
		batch, t, heads, width := ropeSizes(c)
		b.Rope(c.out[0].f, c.in[0].f, c.in[1].f, c.in[2].f, batch, t, heads, width)
	},
	fold: func(c *folding, _, e int) Fold { return rotation(c, e, 1) },
	grad: func(b *builder, n Node, dy ID) {
		b.flow(n.In[0], b.one(OpRopeGrad, nil, dy, n.In[1], n.In[2]))
	},
}

var ropeGrad = operator{
	name:  "rope_grad",
	shape: ropeShape,
	run: func(b *kernel.Backend, c *call) {
		batch, t, heads, width := ropeSizes(c)
		b.RopeGrad(c.out[0].f, c.in[0].f, c.in[1].f, c.in[2].f, batch, t, heads, width)
	},
	fold: func(c *folding, _, e int) Fold { return rotation(c, e, -1) },
}

// rotation is an element of rope, or of its gradient with sign −1.
func rotation(c *folding, e int, sign float32) Fold {
	d, t, half := c.in[0].Shape[1], c.in[1].Shape[0], c.in[1].Shape[1]
	angle := e/d%t*half + e%(2*half)/2
	return expression(func(read Reader) float32 {
		x0, x1 := read.Float(In(0), e&^1), read.Float(In(0), e|1)
		y0, y1 := kernel.Rotate(x0, x1, read.Float(In(1), angle), sign*read.Float(In(2), angle))
		return [...]float32{y0, y1}[e&1]
	})
}

var attention = operator{
	name:  "attention",
	attrs: 2, // t, heads
	shape: func(a []uint64, in []Value) ([]Value, error) {
		rows, d := matrix(in, 0)
		x := floats(rows, d)
		if err := want(in, x, x, x); err != nil {
			return nil, err
		}
		if a[0] < 1 || a[0] > uint64(rows) || a[1] < 1 || a[1] > uint64(d) {
			return nil, fmt.Errorf("%w: attention of %v with t, heads = %v", ErrProgram, x.Shape, a)
		}
		t, heads := int(a[0]), int(a[1])
		if rows%t != 0 || d%heads != 0 {
			return nil, fmt.Errorf("%w: attention of %v with t, heads = %v", ErrProgram, x.Shape, a)
		}
		inner := floats(rows * heads)
		return []Value{x, floats(rows/t, heads, t, t), inner, inner}, nil
	},
	run: func(b *kernel.Backend, c *call) {
		batch, t, heads, width := attentionSizes(c.out[1].shape, c.in[0].shape)
		b.Attention(c.out[0].f, c.out[1].f, c.out[2].f, c.out[3].f,
			c.in[0].f, c.in[1].f, c.in[2].f, batch, t, heads, width)
	},
	fold:  attentionFold,
	order: []int{2, 3, 1, 0}, // max, sum, prob, y
	grad: func(b *builder, n Node, dy ID) {
		d := b.apply(OpAttentionGrad, nil, dy, n.In[0], n.In[1], n.In[2], n.Out[1])
		for i, x := range n.In {
			b.flow(x, d[i])
		}
	},
}

// attentionSizes reads them from prob (batch, heads, t, t) and q (batch·t, d).
func attentionSizes(prob, q []int) (batch, t, heads, width int) {
	return prob[0], prob[2], prob[1], q[1] / prob[1]
}

var attentionGrad = operator{
	name: "attention_grad",
	shape: func(_ []uint64, in []Value) ([]Value, error) {
		rows, d := matrix(in, 0)
		x := floats(rows, d)
		if err := want(in, x, x, x, x, floats(0, 0, 0, 0)); err != nil {
			return nil, err
		}
		p := in[4].Shape
		if p[2] != p[3] || rows%p[2] != 0 || rows/p[2] != p[0] || d%p[1] != 0 {
			return nil, fmt.Errorf("%w: attention_grad of %v with prob %v", ErrProgram, x.Shape, p)
		}
		return []Value{x, x, x, in[4], in[4], floats(rows * p[1])}, nil
	},
	run: func(b *kernel.Backend, c *call) {
		batch, t, heads, width := attentionSizes(c.in[4].shape, c.in[0].shape)
		b.AttentionGrad(c.out[0].f, c.out[1].f, c.out[2].f, c.out[3].f, c.out[4].f, c.out[5].f,
			c.in[0].f, c.in[1].f, c.in[2].f, c.in[3].f, c.in[4].f, batch, t, heads, width)
	},
	fold:  attentionGradFold,
	order: []int{3, 5, 4, 0, 1, 2}, // dprob, dot, dscore, dq, dk, dv
}

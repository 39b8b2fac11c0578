package nn

import (
	"fmt"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/kernel"
)

var matMul = operator{
	name: "matmul",
	shape: func(_ []uint64, in []Value) ([]Value, error) {
		m, k := matrix(in, 0)
		_, n := matrix(in, 1)
		return []Value{floats(m, n)}, want(in, floats(m, k), floats(k, n))
	},
	run: func(b *kernel.Backend, c *call) {
		m, n, k := c.out[0].shape[0], c.out[0].shape[1], c.in[0].shape[1]
		b.MatMul(c.out[0].f, c.in[0].f, c.in[1].f, m, n, k)
	},
	fold: func(c *folding, _, e int) Fold {
		n, k := c.out[0].Shape[1], c.in[0].Shape[1]
		i, j := e/n, e%n
		return chain(k, In(0), In(1), func(p int) (a, b int) { return i*k + p, p*n + j })
	},
	grad: func(b *builder, n Node, dc ID) {
		x, w := n.In[0], n.In[1]
		if b.wanted(x) {
			b.flow(x, b.one(OpMatMulNT, nil, dc, w))
		}
		if b.wanted(w) {
			b.flow(w, b.one(OpMatMulTN, nil, x, dc))
		}
	},
}

var matMulNT = operator{
	name: "matmul_nt",
	shape: func(_ []uint64, in []Value) ([]Value, error) {
		m, k := matrix(in, 0)
		n, _ := matrix(in, 1)
		return []Value{floats(m, n)}, want(in, floats(m, k), floats(n, k))
	},
	run: func(b *kernel.Backend, c *call) {
		m, n, k := c.out[0].shape[0], c.out[0].shape[1], c.in[0].shape[1]
		b.MatMulNT(c.out[0].f, c.in[0].f, c.in[1].f, m, n, k)
	},
	fold: func(c *folding, _, e int) Fold {
		n, k := c.out[0].Shape[1], c.in[0].Shape[1]
		i, j := e/n, e%n
		return chain(k, In(0), In(1), func(p int) (a, b int) { return i*k + p, j*k + p })
	},
	grad: func(b *builder, n Node, dc ID) {
		x, w := n.In[0], n.In[1]
		if b.wanted(x) {
			b.flow(x, b.one(OpMatMul, nil, dc, w))
		}
		if b.wanted(w) {
			b.flow(w, b.one(OpMatMulTN, nil, dc, x))
		}
	},
}

// matMulTN appears in gradients only, so it has none itself.
var matMulTN = operator{
	name: "matmul_tn",
	shape: func(_ []uint64, in []Value) ([]Value, error) {
		k, m := matrix(in, 0)
		_, n := matrix(in, 1)
		return []Value{floats(m, n)}, want(in, floats(k, m), floats(k, n))
	},
	run: func(b *kernel.Backend, c *call) {
		m, n, k := c.out[0].shape[0], c.out[0].shape[1], c.in[0].shape[0]
		b.MatMulTN(c.out[0].f, c.in[0].f, c.in[1].f, m, n, k)
	},
	fold: func(c *folding, _, e int) Fold {
		m, n, k := c.out[0].Shape[0], c.out[0].Shape[1], c.in[0].Shape[0]
		i, j := e/n, e%n
		return chain(k, In(0), In(1), func(p int) (a, b int) { return p*m + i, p*n + j })
	},
}

var add = operator{
	name: "add",
	shape: func(_ []uint64, in []Value) ([]Value, error) {
		if len(in) != 2 || in[0].Kind != Float || !in[0].equal(in[1]) {
			return nil, fmt.Errorf("%w: add wants two floats of one shape", ErrProgram)
		}
		return in[:1], nil
	},
	run: func(b *kernel.Backend, c *call) {
		b.Add(c.out[0].f, c.in[0].f, c.in[1].f)
	},
	fold: func(_ *folding, _, e int) Fold {
		return expression(func(read Reader) float32 { return read.Float(In(0), e) + read.Float(In(1), e) })
	},
	grad: func(b *builder, n Node, dy ID) {
		b.flow(n.In[0], dy)
		b.flow(n.In[1], dy)
	},
	over: [][2]int{{0, 0}, {0, 1}},
}

var embed = operator{
	name: "embed",
	shape: func(_ []uint64, in []Value) ([]Value, error) {
		_, d := matrix(in, 0)
		if err := want(in, floats(0, d), ints(0)); err != nil {
			return nil, err
		}
		return []Value{floats(in[1].Shape[0], d)}, nil
	},
	run: func(b *kernel.Backend, c *call) {
		b.Embed(c.out[0].f, c.in[0].f, c.in[1].i, c.out[0].shape[1])
	},
	// The row of a token outside of the table is 0.
	fold: func(c *folding, _, e int) Fold {
		vocab, d := c.in[0].Shape[0], c.in[0].Shape[1]
		return expression(func(read Reader) float32 {
			if token := int(read.Int(In(1), e/d)); token >= 0 && token < vocab {
				return read.Float(In(0), token*d+e%d)
			}
			return 0
		})
	},
	grad: func(b *builder, n Node, dy ID) {
		vocab := uint64(b.p.Values[n.In[0]].Shape[0])
		b.flow(n.In[0], b.one(OpEmbedGrad, []uint64{vocab}, dy, n.In[1]))
	},
}

var embedGrad = operator{
	name:  "embed_grad",
	attrs: 1, // vocab
	shape: func(a []uint64, in []Value) ([]Value, error) {
		rows, d := matrix(in, 0)
		if a[0] > maxElements {
			return nil, fmt.Errorf("%w: embed_grad over %d tokens", ErrProgram, a[0])
		}
		return []Value{floats(int(a[0]), d)}, want(in, floats(rows, d), ints(rows))
	},
	run: func(b *kernel.Backend, c *call) {
		vocab, d := c.out[0].shape[0], c.out[0].shape[1]
		b.EmbedGrad(c.out[0].f, c.in[0].f, c.in[1].i, vocab, d)
	},
	// One step for each row, which reads no more than the token unless the row
	// is of this one.
	fold: func(c *folding, _, e int) Fold {
		rows, d := c.in[0].Shape[0], c.in[0].Shape[1]
		return Fold{Start: []uint32{0}, Steps: rows, Step: func(p int, r []uint32, read Reader) {
			if int(read.Int(In(1), p)) == e/d {
				addTo(&r[0], read.Float(In(0), p*d+e%d))
			}
		}}
	},
}

var rmsNorm = operator{
	name:  "rmsnorm",
	attrs: 1, // eps
	shape: func(_ []uint64, in []Value) ([]Value, error) {
		rows, d := matrix(in, 0)
		return []Value{floats(rows, d), floats(rows)}, want(in, floats(rows, d), floats(d))
	},
	run: func(b *kernel.Backend, c *call) {
		rows, d := c.out[0].shape[0], c.out[0].shape[1]
		b.RMSNorm(c.out[0].f, c.out[1].f, c.in[0].f, c.in[1].f, rows, d, float(c.attr[0]))
	},
	fold: func(c *folding, output, e int) Fold {
		d := c.in[0].Shape[1]
		if output == 0 {
			return expression(func(read Reader) float32 {
				return kernel.Normed(read.Float(In(0), e), read.Float(Own(1), e/d), read.Float(In(1), e%d))
			})
		}
		squares := laneSum(d, func(p int, read Reader) float32 { return square(read.Float(In(0), e*d+p)) })
		return then(squares, func(x float32, _ Reader) float32 { return kernel.InverseRMS(x, d, float(c.attr[0])) })
	},
	order: []int{1, 0}, // a row's reciprocal root first
	grad: func(b *builder, n Node, dy ID) {
		d := b.apply(OpRMSNormGrad, nil, dy, n.In[0], n.In[1], n.Out[1])
		b.flow(n.In[0], d[0])
		b.flow(n.In[1], d[1])
	},
}

var rmsNormGrad = operator{
	name: "rmsnorm_grad",
	shape: func(_ []uint64, in []Value) ([]Value, error) {
		rows, d := matrix(in, 0)
		x := floats(rows, d)
		return []Value{x, floats(d), floats(rows)}, want(in, x, x, floats(d), floats(rows))
	},
	run: func(b *kernel.Backend, c *call) {
		rows, d := c.out[0].shape[0], c.out[0].shape[1]
		b.RMSNormGrad(c.out[0].f, c.out[1].f, c.out[2].f,
			c.in[0].f, c.in[1].f, c.in[2].f, c.in[3].f, rows, d)
	},
	fold: func(c *folding, output, e int) Fold {
		rows, d := c.in[0].Shape[0], c.in[0].Shape[1]
		switch output {
		case 0:
			return normGradFold(d, e)
		case 1:
			return sum(rows, func(p int, read Reader) float32 {
				return kernel.GainGrad(read.Float(In(0), p*d+e), read.Float(In(1), p*d+e), read.Float(In(3), p))
			})
		}
		return laneSum(d, func(p int, read Reader) float32 {
			return kernel.NormDot(read.Float(In(0), e*d+p), read.Float(In(2), p), read.Float(In(1), e*d+p))
		})
	},
	order: []int{2, 0, 1}, // a row's dot product first
}

// normGradFold computes a row's slope again for each of its elements: one step
// more, and no step that reads five arrays.
func normGradFold(d, e int) Fold {
	return Fold{Start: []uint32{0, 0}, Steps: 2, Step: func(p int, r []uint32, read Reader) {
		rinv := read.Float(In(3), e/d)
		if p == 0 {
			r[1] = blob.Word(kernel.NormSlope(read.Float(Own(2), e/d), rinv, d))
			return
		}
		r[0] = blob.Word(kernel.NormGrad(read.Float(In(0), e), read.Float(In(2), e%d), rinv, read.Float(In(1), e),
			unword(r[1])))
	}}
}

var swiGLU = operator{
	name:  "swiglu",
	shape: add.shape,
	run: func(b *kernel.Backend, c *call) {
		b.SwiGLU(c.out[0].f, c.in[0].f, c.in[1].f)
	},
	fold: func(_ *folding, _, e int) Fold {
		return expression(func(read Reader) float32 {
			return kernel.SwiGLU(read.Float(In(0), e), read.Float(In(1), e))
		})
	},
	grad: func(b *builder, n Node, dy ID) {
		d := b.apply(OpSwiGLUGrad, nil, dy, n.In[0], n.In[1])
		b.flow(n.In[0], d[0])
		b.flow(n.In[1], d[1])
	},
}

var swiGLUGrad = operator{
	name: "swiglu_grad",
	shape: func(_ []uint64, in []Value) ([]Value, error) {
		if len(in) != 3 || in[0].Kind != Float || !in[0].equal(in[1]) || !in[0].equal(in[2]) {
			return nil, fmt.Errorf("%w: swiglu_grad wants three floats of one shape", ErrProgram)
		}
		return in[:2], nil
	},
	run: func(b *kernel.Backend, c *call) {
		b.SwiGLUGrad(c.out[0].f, c.out[1].f, c.in[0].f, c.in[1].f, c.in[2].f)
	},
	fold: func(_ *folding, output, e int) Fold {
		return expression(func(read Reader) float32 {
			dgate, dup := kernel.SwiGLUGrad(read.Float(In(0), e), read.Float(In(1), e), read.Float(In(2), e))
			return [...]float32{dgate, dup}[output]
		})
	},
}

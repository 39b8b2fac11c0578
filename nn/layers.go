package nn

import (
	"fmt"

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
		return chain(k, func(p int) (a, b int) { return i*k + p, p*n + j })
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
}

var swiGLU = operator{
	name:  "swiglu",
	shape: add.shape,
	run: func(b *kernel.Backend, c *call) {
		b.SwiGLU(c.out[0].f, c.in[0].f, c.in[1].f)
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
}

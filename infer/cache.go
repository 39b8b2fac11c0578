package infer

import (
	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/nn/file"
)

// chunk is how many rows of a prompt go through the network at a time: enough
// for the products to be compute bound, few enough for the scratch to be small.
const chunk = 64

// cache is the network with the keys and values of the positions it has seen,
// and the scratch of one pass. Nothing is allocated in a pass.
type cache struct {
	cfg    nn.Config
	b      *kernel.Backend
	embed  []float32 // (vocab, dim)
	norm   []float32
	output []float32 // (dim, vocab): turned once, as a product with one row reads it faster so
	layers []layer

	capacity int       // positions that keys, values, cos and sin have room for
	cos, sin []float32 // (capacity, width/2)

	x, h, q, y []float32 // (chunk, dim)
	gate, up   []float32 // (chunk, hidden)
	rinv       []float32 // (chunk)
	logits     []float32 // (vocab), of the last position
}

// layer is the weights of a block and what it remembers.
type layer struct {
	norm1, wq, wk, wv, wo, norm2, w1, w3, w2 []float32
	keys, values                             []float32 // (capacity, dim)
}

func newCache(m *file.Model, b *kernel.Backend) *cache {
	cfg := m.Config
	c := &cache{
		cfg: cfg, b: b,
		x: make([]float32, chunk*cfg.Dim), h: make([]float32, chunk*cfg.Dim),
		q: make([]float32, chunk*cfg.Dim), y: make([]float32, chunk*cfg.Dim),
		gate: make([]float32, chunk*cfg.Hidden), up: make([]float32, chunk*cfg.Hidden),
		rinv:   make([]float32, chunk),
		logits: make([]float32, cfg.Vocab),
	}
	weights := m.Tensors
	take := func() []float32 {
		first := weights[0].Data
		weights = weights[1:]
		return first
	}
	c.embed = take()
	for range cfg.Layers {
		c.layers = append(c.layers, layer{
			norm1: take(), wq: take(), wk: take(), wv: take(), wo: take(),
			norm2: take(), w1: take(), w3: take(), w2: take(),
		})
	}
	c.norm = take()
	output := c.embed
	if !cfg.Tied {
		output = take()
	}
	c.output = transposed(output, cfg.Vocab, cfg.Dim)
	return c
}

// transposed returns w (rows, cols) as (cols, rows).
func transposed(w []float32, rows, cols int) []float32 {
	out := make([]float32, len(w))
	for i := range rows {
		for j := range cols {
			out[j*rows+i] = w[i*cols+j]
		}
	}
	return out
}

// reserve makes room for so many positions, at most the context. What was
// remembered is lost if it has to grow.
func (c *cache) reserve(positions int) {
	if positions <= c.capacity {
		return
	}
	positions = min(max(positions, 2*c.capacity), c.cfg.Context)
	c.capacity = positions
	width := c.cfg.Dim / c.cfg.Heads
	c.cos, c.sin = make([]float32, positions*width/2), make([]float32, positions*width/2)
	c.b.RopeTable(c.cos, c.sin, 0, positions, width, c.cfg.Theta)
	for i := range c.layers {
		c.layers[i].keys = make([]float32, positions*c.cfg.Dim)
		c.layers[i].values = make([]float32, positions*c.cfg.Dim)
	}
}

// forward passes tokens, at most chunk of them, at the positions from start
// on, and remembers them. All earlier positions have been passed, and there is
// room. The logits of the last token are computed if wanted.
func (c *cache) forward(tokens []int32, start int, wantLogits bool) {
	rows, d := len(tokens), c.cfg.Dim
	x := c.x[:rows*d]
	c.b.Embed(x, c.embed, tokens, d)
	for i := range c.layers {
		c.attend(&c.layers[i], x, rows, start)
		c.mix(&c.layers[i], x, rows)
	}
	if wantLogits {
		h := c.h[:d]
		c.b.RMSNorm(h, c.rinv, x[(rows-1)*d:], c.norm, 1, d, c.cfg.Eps)
		c.b.MatMul(c.logits, h, c.output, 1, c.cfg.Vocab, d)
	}
}

// attend adds to x what each row finds in the positions up to its own.
func (c *cache) attend(l *layer, x []float32, rows, start int) {
	b, d, heads := c.b, c.cfg.Dim, c.cfg.Heads
	width := d / heads
	h, q, y := c.h[:rows*d], c.q[:rows*d], c.y[:rows*d]
	k, v := l.keys[start*d:(start+rows)*d], l.values[start*d:(start+rows)*d]
	cos, sin := c.cos[start*width/2:(start+rows)*width/2], c.sin[start*width/2:(start+rows)*width/2]
	b.RMSNorm(h, c.rinv, x, l.norm1, rows, d, c.cfg.Eps)
	b.MatMul(q, h, l.wq, rows, d, d)
	b.MatMul(k, h, l.wk, rows, d, d)
	b.MatMul(v, h, l.wv, rows, d, d)
	b.Rope(q, q, cos, sin, 1, rows, heads, width)
	b.Rope(k, k, cos, sin, 1, rows, heads, width)
	for r := range rows {
		b.AttentionStep(y[r*d:(r+1)*d], q[r*d:(r+1)*d], l.keys, l.values, start+r, heads, width)
	}
	b.MatMul(h, y, l.wo, rows, d, d)
	b.Add(x, x, h)
}

// mix adds to x what SwiGLU makes of each row.
func (c *cache) mix(l *layer, x []float32, rows int) {
	b, d, hidden := c.b, c.cfg.Dim, c.cfg.Hidden
	h, gate, up := c.h[:rows*d], c.gate[:rows*hidden], c.up[:rows*hidden]
	b.RMSNorm(h, c.rinv, x, l.norm2, rows, d, c.cfg.Eps)
	b.MatMul(gate, h, l.w1, rows, hidden, d)
	b.MatMul(up, h, l.w3, rows, hidden, d)
	b.SwiGLU(gate, gate, up)
	b.MatMul(h, gate, l.w2, rows, d, hidden)
	b.Add(x, x, h)
}

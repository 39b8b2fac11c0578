package infer

import (
	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/nn/file"
)

// chunk is how many rows of a prompt go through the network at a time: enough
// for the products to be compute bound, few enough for the scratch to be small.
const chunk = 64

// cache is a network with the keys and values of the positions that it has seen,
// and the memory of one pass. A pass allocates nothing. Its arithmetic is in
// arithmetic.go.
type cache struct {
	cfg     nn.Config
	b       *kernel.Backend
	network nn.Network[[]float32] // Output is (dim, vocab) here: a product with one row reads it faster so

	capacity     int         // positions that keys, values, cos and sin have room for
	keys, values [][]float32 // of each block: (capacity, dim)
	cos, sin     []float32   // (capacity, width/2)

	tokens  []int32   // of the pass
	start   int       // the position of its first row
	x       []float32 // (chunk, dim): the residual stream
	rinv    []float32 // (chunk)
	scratch []float32 // for what is made between one Add and the next
	used    int       // of scratch
	logits  []float32 // (rows, vocab): of the rows that were asked for last
}

func newCache(m *file.Model, b *kernel.Backend) *cache {
	cfg := m.Config
	weights := make([][]float32, len(m.Tensors))
	for i, t := range m.Tensors {
		weights[i] = t.Data
	}
	c := &cache{
		cfg: cfg, b: b, network: nn.NewNetwork(cfg, weights),
		keys: make([][]float32, cfg.Layers), values: make([][]float32, cfg.Layers),
		x: make([]float32, chunk*cfg.Dim), rinv: make([]float32, chunk),
		scratch: make([]float32, chunk*max(6*cfg.Dim, 2*cfg.Dim+2*cfg.Hidden)),
	}
	c.network.Output = transposed(c.network.Output, cfg.Vocab, cfg.Dim)
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
	for i := range c.keys {
		c.keys[i] = make([]float32, positions*c.cfg.Dim)
		c.values[i] = make([]float32, positions*c.cfg.Dim)
	}
}

// forward passes tokens, at most chunk of them, at the positions from start
// on, and remembers them. All earlier positions have been passed, and there is
// room.
func (c *cache) forward(tokens []int32, start int) {
	c.tokens, c.start = tokens, start
	c.network.Hidden(c)
}

// score computes the logits of rows [lo, hi) of those that forward passed last.
func (c *cache) score(lo, hi int) []float32 {
	d := c.cfg.Dim
	c.used = 0
	return c.network.Logits(c, c.x[lo*d:hi*d])
}

// last is score of the last row.
func (c *cache) last() []float32 { return c.score(len(c.tokens)-1, len(c.tokens)) }

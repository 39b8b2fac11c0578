package infer

// A cache is the nn.Arithmetic of one pass: the operators of a Program on the rows
// of the pass alone, with what earlier passes have left for Attend. What is made lies
// in scratch until the next Add.

// room takes n numbers of scratch.
func (c *cache) room(n int) []float32 {
	c.used += n
	return c.scratch[c.used-n : c.used]
}

// Embed begins the residual stream.
func (c *cache) Embed(table []float32) []float32 {
	x := c.x[:len(c.tokens)*c.cfg.Dim]
	c.b.Embed(x, table, c.tokens, c.cfg.Dim)
	c.used = 0
	return x
}

// Add goes on with the residual stream x, in its own memory.
func (c *cache) Add(x, y []float32) []float32 {
	c.b.Add(x, x, y)
	c.used = 0
	return x
}

func (c *cache) Norm(x, gain []float32) []float32 {
	h := c.room(len(x))
	c.b.RMSNorm(h, c.rinv, x, gain, len(x)/c.cfg.Dim, c.cfg.Dim, c.cfg.Eps)
	return h
}

func (c *cache) MatMul(x, w []float32) []float32 {
	rows := len(c.tokens)
	in := len(x) / rows
	out := len(w) / in
	y := c.room(rows * out)
	c.b.MatMul(y, x, w, rows, out, in)
	return y
}

func (c *cache) Rotate(x []float32) []float32 {
	rows, width := len(c.tokens), c.cfg.Dim/c.cfg.Heads
	lo, hi := c.start*width/2, (c.start+rows)*width/2
	c.b.Rope(x, x, c.cos[lo:hi], c.sin[lo:hi], 1, rows, c.cfg.Heads, width)
	return x
}

// Attend remembers the keys and values of the pass first.
func (c *cache) Attend(block int, q, k, v []float32) []float32 {
	d, heads := c.cfg.Dim, c.cfg.Heads
	keys, values := c.keys[block], c.values[block]
	copy(keys[c.start*d:], k)
	copy(values[c.start*d:], v)
	y := c.room(len(q))
	for r := range c.tokens {
		row := y[r*d : (r+1)*d]
		c.b.AttentionStep(row, q[r*d:(r+1)*d], keys, values, c.start+r, heads, d/heads)
	}
	return y
}

func (c *cache) SwiGLU(gate, up []float32) []float32 {
	c.b.SwiGLU(gate, gate, up)
	return gate
}

// Project writes the logits.
func (c *cache) Project(x, output []float32) []float32 {
	rows, vocab := len(x)/c.cfg.Dim, c.cfg.Vocab
	if len(c.logits) < rows*vocab {
		c.logits = make([]float32, rows*vocab)
	}
	logits := c.logits[:rows*vocab]
	c.b.MatMul(logits, x, output, rows, vocab, c.cfg.Dim)
	return logits
}

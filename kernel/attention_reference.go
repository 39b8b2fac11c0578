package kernel

// heads is the shape of an attention: x (batch*t, count*hd) for q, k, v and y,
// (batch, count, t, t) for the probabilities.
type heads struct{ t, count, hd int }

// of is the part of x that belongs to one head of one sequence: (t, hd).
func (h heads) of(x []float32, index int) matrix {
	width := h.count * h.hd
	return matrix{x, width, 1}.from(index/h.count*h.t, index%h.count*h.hd)
}

// square is the head's part of x (batch, count, t, t).
func (h heads) square(x []float32, index int) matrix {
	return matrix{x[index*h.t*h.t : (index+1)*h.t*h.t], h.t, 1}
}

// grain is the number of heads that pay for a thread.
func (h heads) grain() int { return 1 + worthThread/(h.t*h.t*h.hd+1) }

// reference is the definition of Attention and of AttentionStep.
func (a attention) reference() {
	scale := AttentionScale(a.hd)
	for i := a.from; i < a.to; i++ {
		at := i - a.from
		row := a.prob.from(at, 0).data[:a.to]
		clear(row)
		for j := range i + 1 {
			row[j] = chain(a.q, at, a.k.transposed(), j, 0, a.hd) * scale
		}
		a.max[at], a.sum[at] = softmaxRow(row, row, i+1)
		for d := range a.hd {
			*a.y.cell(at, d) = chain(a.prob, at, a.v, d, 0, i+1)
		}
	}
}

// reference is the definition of AttentionGrad.
func (g attentionGrad) reference() {
	scale := AttentionScale(g.hd)
	for i := range g.t {
		dp, ds := g.dprob.from(i, 0).data[:g.t], g.dscore.from(i, 0).data[:g.t]
		clear(dp)
		clear(ds)
		for j := range i + 1 {
			dp[j] = chain(g.dy, i, g.v.transposed(), j, 0, g.hd)
		}
		g.dot[i] = sumOf(i+1, func(j int) float32 { return float32(g.prob.at(i, j) * dp[j]) })
		for j := range i + 1 {
			ds[j] = ScoreGrad(g.prob.at(i, j), dp[j], g.dot[i], scale)
		}
	}
	for i := range g.t {
		for d := range g.hd {
			*g.dq.cell(i, d) = chain(g.dscore, i, g.k, d, 0, i+1)
			*g.dk.cell(i, d) = chain(g.dscore.transposed(), i, g.q, d, i, g.t)
			*g.dv.cell(i, d) = chain(g.prob.transposed(), i, g.dy, d, i, g.t)
		}
	}
}

package kernel

// heads is the shape of an attention: x (batch*t, count*hd) for q, k, v and y,
// (batch, count, t, t) for the probabilities.
type heads struct{ t, count, hd int }

// of is the part of x that belongs to one head of one sequence: (t, hd).
func (h heads) of(x []float32, index int) matrix {
	width := h.count * h.hd
	start := index/h.count*h.t*width + index%h.count*h.hd
	return matrix{x[start:], width, 1}
}

// square is the head's part of x (batch, count, t, t).
func (h heads) square(x []float32, index int) []float32 {
	return x[index*h.t*h.t : (index+1)*h.t*h.t]
}

// attentionScale is 1/√hd.
func attentionScale(hd int) float32 { return 1 / Sqrt(float32(hd)) }

// attendRow is the definition of attention for one query, a row of q, over the
// first n keys: prob (n) and its inner values, and y (hd).
func attendRow(y, prob []float32, q, k, v matrix, row, n, hd int) (max, sum float32) {
	scale := attentionScale(hd)
	for j := range n {
		prob[j] = chain(q, row, k.transposed(), j, 0, hd) * scale
	}
	max, sum = softmaxRow(prob, prob, n)
	for d := range hd {
		y[d] = chain(matrix{prob, 0, 1}, 0, v, d, 0, n)
	}
	return max, sum
}

// referenceAttention is the definition of Attention for one head.
func referenceAttention(y, prob, max, sum []float32, q, k, v matrix, h heads) {
	out := matrix{y, h.count * h.hd, 1}
	for i := range h.t {
		p := prob[i*h.t : (i+1)*h.t]
		clear(p)
		max[i], sum[i] = attendRow(out.from(i, 0).data, p, q, k, v, i, i+1, h.hd)
	}
}

// referenceAttentionGrad is the definition of AttentionGrad for one head.
func referenceAttentionGrad(dq, dk, dv matrix, dprob, dscore, dot []float32, dy, q, k, v, prob matrix, h heads) {
	scale := attentionScale(h.hd)
	for i := range h.t {
		dp, ds := dprob[i*h.t:(i+1)*h.t], dscore[i*h.t:(i+1)*h.t]
		clear(dp)
		clear(ds)
		for j := range i + 1 {
			dp[j] = chain(dy, i, v.transposed(), j, 0, h.hd)
		}
		dot[i] = sumOf(i+1, func(j int) float32 { return float32(prob.at(i, j) * dp[j]) })
		for j := range i + 1 {
			ds[j] = float32(prob.at(i, j)*float32(dp[j]-dot[i])) * scale
		}
	}
	score := matrix{dscore, h.t, 1}
	for i := range h.t {
		for d := range h.hd {
			dq.from(i, 0).data[d] = chain(score, i, k, d, 0, i+1)
			dk.from(i, 0).data[d] = chain(score.transposed(), i, q, d, i, h.t)
			dv.from(i, 0).data[d] = chain(prob.transposed(), i, dy, d, i, h.t)
		}
	}
}

package kernel

// Attention computes causal attention for all heads of all sequences, where q,
// k, v and y are (batch*t, heads*hd):
//
//	prob[i] = softmax over j ≤ i of q[i]·k[j] · 1/√hd
//	y[i]    = Σ over j ≤ i of prob[i,j] · v[j]
//
// prob (batch, heads, t, t) is an output, zero for j > i, and so are the inner
// values of its rows, the largest score and the sum of the exponentials below
// it: max and sum (batch*heads*t). Sums run over j ≤ i only, so a masked key or
// value is never touched, not even if it is infinite.
func (b *Backend) Attention(y, prob, max, sum, q, k, v []float32, batch, t, count, hd int) {
	h := heads{t, count, hd}
	b.workers(batch*count, 1, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			referenceAttention(h.of(y, i).data, h.square(prob, i), max[i*t:(i+1)*t], sum[i*t:(i+1)*t],
				h.of(q, i), h.of(k, i), h.of(v, i), h)
		}
	})
}

// AttentionGrad computes the gradients of q, k and v (batch*t, heads*hd) from
// that of y. Its inner values are outputs: dprob and dscore (batch, heads, t, t),
// the gradients of the probabilities and of the scores before scaling, zero
// for j > i, and dot (batch*heads*t), Σ over j ≤ i of prob·dprob:
//
//	dprob[i,j]  = dy[i]·v[j]
//	dscore[i,j] = prob[i,j] · (dprob[i,j] − dot[i]) · 1/√hd
//	dq[i] = Σ over j ≤ i of dscore[i,j] · k[j]
//	dk[j] = Σ over i ≥ j of dscore[i,j] · q[i]
//	dv[j] = Σ over i ≥ j of prob[i,j] · dy[i]
func (b *Backend) AttentionGrad(dq, dk, dv, dprob, dscore, dot, dy, q, k, v, prob []float32, batch, t, count, hd int) {
	h := heads{t, count, hd}
	b.workers(batch*count, 1, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			referenceAttentionGrad(h.of(dq, i), h.of(dk, i), h.of(dv, i), h.square(dprob, i), h.square(dscore, i), dot[i*t:(i+1)*t],
				h.of(dy, i), h.of(q, i), h.of(k, i), h.of(v, i), matrix{h.square(prob, i), t, 1}, h)
		}
	})
}

// AttentionStep is the row of Attention at position pos, bit for bit, for one
// sequence: q and y are (heads*hd), and rows 0 to pos of keys and values
// (capacity, heads*hd) are filled.
func (b *Backend) AttentionStep(y, q, keys, values []float32, pos, count, hd int) {
	h := heads{0, count, hd}
	b.workers(count, 1, func(worker, lo, hi int) {
		prob := b.buffer(worker, pos+1)
		for i := lo; i < hi; i++ {
			attendRow(h.of(y, i).data, prob, h.of(q, i), h.of(keys, i), h.of(values, i), 0, pos+1, hd)
		}
	})
}

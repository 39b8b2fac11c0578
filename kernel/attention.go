package kernel

// Attention computes causal attention for all heads of all sequences, where q,
// k, v and y are (batch*t, count*hd) for count heads:
//
//	prob[i] = softmax over j ≤ i of q[i]·k[j] · 1/√hd
//	y[i]    = Σ over j ≤ i of prob[i,j] · v[j]
//
// prob (batch, count, t, t) is an output, zero for j > i, and so are the inner
// values of its rows, the largest score and the sum of the exponentials below
// it: max and sum (batch*count*t). Sums run over j ≤ i only, so a masked key or
// value is never touched, not even if it is infinite.
func (b *Backend) Attention(y, prob, max, sum, q, k, v []float32, batch, t, count, hd int) {
	y, q = shaped(y, batch, t, count, hd), shaped(q, batch, t, count, hd)
	k, v = shaped(k, batch, t, count, hd), shaped(v, batch, t, count, hd)
	prob, max, sum = shaped(prob, batch, count, t, t), shaped(max, batch, count, t), shaped(sum, batch, count, t)
	h := heads{t, count, hd}
	b.parallel(batch*count, h.grain(), func(worker, lo, hi int) {
		for i := lo; i < hi; i++ {
			rows := attention{
				y: h.of(y, i), q: h.of(q, i), k: h.of(k, i), v: h.of(v, i), to: t, hd: hd,
				prob: h.square(prob, i), max: max[i*t : (i+1)*t], sum: sum[i*t : (i+1)*t],
			}
			if b.reference {
				rows.reference()
			} else {
				b.attend(rows, b.buffer(worker, b.micro.triangular(t, hd)))
			}
		}
	})
}

// AttentionStep is the row of Attention at position pos, bit for bit, for one
// sequence: q and y are (count*hd), and rows 0 to pos of keys and values
// (capacity, count*hd) are filled.
func (b *Backend) AttentionStep(y, q, keys, values []float32, pos, count, hd int) {
	h := heads{0, count, hd}
	n := pos + 1
	y, q = shaped(y, count, hd), shaped(q, count, hd)
	keys, values = shaped(keys, n, count, hd), shaped(values, n, count, hd)
	b.parallel(count, 1+worthThread/(2*n*hd), func(worker, lo, hi int) {
		inner := n + 2
		buf := b.buffer(worker, inner+b.stepBuffer(n, hd))
		for i := lo; i < hi; i++ {
			row := attention{
				y: h.of(y, i), q: h.of(q, i), k: h.of(keys, i), v: h.of(values, i), from: pos, to: n, hd: hd,
				prob: matrix{buf[:n], n, 1}, max: buf[n : n+1], sum: buf[n+1 : n+2],
			}
			if b.reference {
				row.reference()
			} else {
				b.attend(row, buf[inner:])
			}
		}
	})
}

// stepBuffer is what attend needs for one query.
func (b *Backend) stepBuffer(n, hd int) int {
	if b.reference {
		return 0
	}
	return b.micro.triangular(n, hd)
}

// An attention is the queries from, from+1, … to-1 of one head: q, y, prob, max
// and sum begin with that of from, k and v with the first of the sequence.
type attention struct {
	y, q, k, v matrix
	prob       matrix // to columns
	max, sum   []float32
	from, to   int
	hd         int
}

func (b *Backend) attend(a attention, buf []float32) {
	scale := AttentionScale(a.hd)
	b.micro.lowerOf(a.prob, a.q, a.k, a.from, a.to, a.hd, buf)
	for i := a.from; i < a.to; i++ {
		row := a.prob.from(i-a.from, 0).data[:a.to]
		b.multiply(row[:i+1], scale)
		a.max[i-a.from], a.sum[i-a.from] = b.softmaxRow(row, row, i+1)
		clear(row[i+1:])
	}
	b.micro.lowerTimes(a.y, a.prob, a.v, a.from, a.to, a.hd, buf)
}

// AttentionGrad computes the gradients of q, k and v (batch*t, count*hd) from
// that of y. Its inner values are outputs: dprob and dscore (batch, count, t, t),
// the gradients of the probabilities and of the products q·k, zero for j > i,
// and dot (batch*count*t), Σ over j ≤ i of prob·dprob:
//
//	dprob[i,j]  = dy[i]·v[j]
//	dscore[i,j] = prob[i,j] · (dprob[i,j] − dot[i]) · 1/√hd
//	dq[i] = Σ over j ≤ i of dscore[i,j] · k[j]
//	dk[j] = Σ over i ≥ j of dscore[i,j] · q[i]
//	dv[j] = Σ over i ≥ j of prob[i,j] · dy[i]
func (b *Backend) AttentionGrad(dq, dk, dv, dprob, dscore, dot, dy, q, k, v, prob []float32, batch, t, count, hd int) {
	dq, dk, dv = shaped(dq, batch, t, count, hd), shaped(dk, batch, t, count, hd), shaped(dv, batch, t, count, hd)
	dprob, dscore, dot = shaped(dprob, batch, count, t, t), shaped(dscore, batch, count, t, t), shaped(dot, batch, count, t)
	dy, q, k, v = shaped(dy, batch, t, count, hd), shaped(q, batch, t, count, hd), shaped(k, batch, t, count, hd), shaped(v, batch, t, count, hd)
	prob = shaped(prob, batch, count, t, t)
	h := heads{t, count, hd}
	b.parallel(batch*count, h.grain(), func(worker, lo, hi int) {
		for i := lo; i < hi; i++ {
			g := attentionGrad{
				dq: h.of(dq, i), dk: h.of(dk, i), dv: h.of(dv, i), dy: h.of(dy, i), q: h.of(q, i), k: h.of(k, i), v: h.of(v, i),
				dprob: h.square(dprob, i), dscore: h.square(dscore, i), prob: h.square(prob, i), dot: dot[i*t : (i+1)*t], t: t, hd: hd,
			}
			if b.reference {
				g.reference()
			} else {
				b.attendGrad(g, b.buffer(worker, b.micro.triangular(t, hd)))
			}
		}
	})
}

// An attentionGrad is one head of AttentionGrad.
type attentionGrad struct {
	dq, dk, dv, dy, q, k, v matrix
	dprob, dscore, prob     matrix
	dot                     []float32
	t, hd                   int
}

func (b *Backend) attendGrad(g attentionGrad, buf []float32) {
	m, t, hd := b.micro, g.t, g.hd
	scale := AttentionScale(hd)
	m.lowerOf(g.dprob, g.dy, g.v, 0, t, hd, buf)
	for i := range t {
		dp, ds, p := g.dprob.from(i, 0).data[:t], g.dscore.from(i, 0).data[:t], g.prob.from(i, 0).data[:t]
		dot := b.dot(p[:i+1], dp[:i+1])
		b.softmaxGradRow(ds[:i+1], p[:i+1], dp[:i+1], dot, scale)
		clear(dp[i+1:])
		clear(ds[i+1:])
		g.dot[i] = dot
	}
	m.lowerTimes(g.dq, g.dscore, g.k, 0, t, hd, buf)
	m.lowerTransposedTimes(g.dk, g.dscore, g.q, t, hd, buf)
	m.lowerTransposedTimes(g.dv, g.prob, g.dy, t, hd, buf)
}

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
				b.attend(rows, b.buffer(worker, b.micro.attention(t, hd)))
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
	width := (n + 15) &^ 15
	b.parallel(count, 1+worthThread/(2*n*hd), func(worker, lo, hi int) {
		inner := width + 2
		buf := b.buffer(worker, inner+b.stepBuffer(n, hd))
		for i := lo; i < hi; i++ {
			row := attention{
				y: h.of(y, i), q: h.of(q, i), k: h.of(keys, i), v: h.of(values, i), from: pos, to: n, hd: hd,
				prob: matrix{buf[:width], width, 1}, max: buf[width : width+1], sum: buf[width+1 : width+2],
			}
			if b.reference {
				row.reference()
			} else {
				b.attendOne(row, buf[inner:])
			}
		}
	})
}

// stepBuffer is what attendOne needs.
func (b *Backend) stepBuffer(n, hd int) int {
	if b.reference {
		return 0
	}
	return b.micro.spare() + max(n, hd)*b.micro.cols
}

// An attention is the queries from, from+1, … to-1 of one head: q, y, prob, max
// and sum begin with that of from, k and v with the first of the sequence.
type attention struct {
	y, q, k, v matrix
	prob       matrix // to columns or more
	max, sum   []float32
	from, to   int
	hd         int
}

// attention is the buffer for attend and attendGrad with n keys: a spare tile
// and two factors.
func (m *micro) attention(n, hd int) int {
	return m.spare() + max(m.packedColumns(hd, n), m.packedColumns(n, hd)) + m.packedColumns(n, hd)
}

func (b *Backend) attend(a attention, buf []float32) {
	m := b.micro
	spare, packed := buf[:m.spare()], buf[m.spare():]
	keys := m.panelsOf(packed, a.k.transposed(), a.hd, a.to)
	values := m.panelsOf(packed[m.packedColumns(a.hd, a.to):], a.v, a.to, a.hd)
	m.eachTile(a.from, a.to, func(t tile, i int) {
		prob := a.prob.from(i-a.from, 0)
		m.lowerOf(t, i, prob, a.q.from(i-a.from, 0), keys, spare)
		b.weigh(a, i, i+t.rows)
		m.lowerTimes(t, i, a.y.from(i-a.from, 0), prob, values, spare)
	})
}

// attendOne is attend for one query. Keys and values are read once, so they are
// read in place as far as possible.
func (b *Backend) attendOne(a attention, buf []float32) {
	m := b.micro
	spare, packed, one := buf[:m.spare()], buf[m.spare():], m.tile(1)
	keys := a.k.transposed()
	for j := m.fillRow(product{a.prob.data, a.q, keys, 1, a.to, a.hd}, part{0, 1, 0, a.to}); j < a.to; j += m.cols {
		m.fold(one, fresh, a.hd, a.q, m.packed(packed, keys, 0, a.hd, j, a.to), a.prob.from(0, j).data, a.prob.row, spare)
	}
	b.weigh(a, a.from, a.to)
	for d := 0; d < a.hd; d += m.cols {
		m.fold(one, fresh, a.to, a.prob, m.panel(packed, a.v, 0, a.to, d, a.hd), a.y.from(0, d).data, a.y.row, spare)
	}
}

// weigh turns the products q·k of the queries lo, lo+1, … hi-1 into
// probabilities.
func (b *Backend) weigh(a attention, lo, hi int) {
	scale := AttentionScale(a.hd)
	for i := lo; i < hi; i++ {
		at := i - a.from
		a.max[at], a.sum[at] = b.softmaxScores(a.prob.from(at, 0).data[:a.prob.row], i+1, scale)
	}
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
	dprob, dscore, dot = shaped(dprob, batch, count, t, t), shaped(dscore, batch, count, t, t),
		shaped(dot, batch, count, t)
	dy, q, k, v = shaped(dy, batch, t, count, hd), shaped(q, batch, t, count, hd), shaped(k, batch, t, count, hd),
		shaped(v, batch, t, count, hd)
	prob = shaped(prob, batch, count, t, t)
	h := heads{t, count, hd}
	b.parallel(batch*count, h.grain(), func(worker, lo, hi int) {
		for i := lo; i < hi; i++ {
			g := attentionGrad{
				dq: h.of(dq, i), dk: h.of(dk, i), dv: h.of(dv, i), dy: h.of(dy, i), q: h.of(q, i), k: h.of(k, i), v: h.of(v, i),
				dprob: h.square(dprob, i), dscore: h.square(dscore, i), prob: h.square(prob, i), dot: dot[i*t : (i+1)*t], t: t,
				hd: hd,
			}
			if b.reference {
				g.reference()
			} else {
				b.attendGrad(g, b.buffer(worker, b.micro.attention(t, hd)))
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
	spare, packed := buf[:m.spare()], buf[m.spare():]
	values := m.panelsOf(packed, g.v.transposed(), hd, t)
	keys := m.panelsOf(packed[m.packedColumns(hd, t):], g.k, t, hd)
	m.eachTile(0, t, func(at tile, i int) {
		m.lowerOf(at, i, g.dprob.from(i, 0), g.dy.from(i, 0), values, spare)
		b.weighGrad(g, i, i+at.rows)
		m.lowerTimes(at, i, g.dq.from(i, 0), g.dscore.from(i, 0), keys, spare)
	})
	queries := m.panelsOf(packed, g.q, t, hd)
	dy := m.panelsOf(packed[m.packedColumns(t, hd):], g.dy, t, hd)
	m.eachTile(0, t, func(at tile, i int) {
		m.lowerTransposedTimes(at, i, g.dk, g.dscore, queries, spare)
		m.lowerTransposedTimes(at, i, g.dv, g.prob, dy, spare)
	})
}

// weighGrad computes dot and dscore of the queries lo, lo+1, … hi-1 from dprob,
// and clears both above the diagonal.
func (b *Backend) weighGrad(g attentionGrad, lo, hi int) {
	scale := AttentionScale(g.hd)
	for i := lo; i < hi; i++ {
		dp, ds, p := g.dprob.from(i, 0).data[:g.t], g.dscore.from(i, 0).data[:g.t], g.prob.from(i, 0).data[:g.t]
		g.dot[i] = b.scoresGrad(ds, p, dp, i+1, scale)
	}
}

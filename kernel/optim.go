package kernel

// Schedule says how the learning rate moves: linearly up to Peak over Warmup
// steps, then along half a cosine down to Floor at Steps, where it stays.
type Schedule struct {
	Peak, Floor   float32
	Warmup, Steps int
	Beta1, Beta2  float32 // AdamW's, for the bias corrections
}

// Schedule writes to y (3) what AdamW needs at a step counted from 0: the
// learning rate, 1/(1−β₁ᵗ) and 1/(1−β₂ᵗ) with t = step+1.
func (b *Backend) Schedule(y []float32, step int, s Schedule) {
	y[0] = s.Rate(step)
	y[1] = BiasCorrection(s.Beta1, step)
	y[2] = BiasCorrection(s.Beta2, step)
}

// Rate is the learning rate at a step counted from 0.
func (s Schedule) Rate(step int) float32 {
	const pi = 3.14159265
	switch {
	case step < s.Warmup:
		return s.Peak * (float32(step+1) / float32(s.Warmup))
	case step >= s.Steps:
		return s.Floor
	}
	done := float32(step-s.Warmup) / float32(s.Steps-s.Warmup)
	return s.Floor + float32(float32((s.Peak-s.Floor)*0.5)*(1+Cos(pi*done)))
}

// ClipScale writes min(1, limit/√Σsums) to y[0]: what gradients with these
// SumSquares are multiplied by to have at most the norm limit. Limit 0 means no
// limit, and 1 is written. It is 0 for an infinite norm and 1 for a NaN.
func (b *Backend) ClipScale(y, sums []float32, limit float32) {
	y[0] = Clip(sumOf(len(sums), func(i int) float32 { return sums[i] }), limit)
}

// AdamW moves the parameters p and the moments m and v by the gradient g (Loshchilov
// and Hutter, 2019), in place, with sched (3) of Schedule and clip (1) of ClipScale:
//
//	g' = g·clip    m = β₁·m + (1−β₁)·g'    v = β₂·v + ((1−β₂)·g')·g'
//	p = p − rate·((m·sched₁) / (√(v·sched₂) + eps) + decay·p)
func (b *Backend) AdamW(p, m, v, g, sched, clip []float32, beta1, beta2, eps, decay float32) {
	m, v, g = shaped(m, len(p)), shaped(v, len(p)), shaped(g, len(p))
	s := adamStep{
		clip: clip[0], beta1: beta1, rest1: 1 - beta1, beta2: beta2, rest2: 1 - beta2,
		rate: sched[0], correct1: sched[1], correct2: sched[2], eps: eps, decay: decay,
	}
	if b.reference {
		for i := range p {
			p[i], m[i], v[i] = s.move(p[i], m[i], v[i], g[i])
		}
		return
	}
	b.parallel(len(p), costlyGrain, func(_, lo, hi int) { b.adamw(p[lo:hi], m[lo:hi], v[lo:hi], g[lo:hi], &s) })
}

// Probe writes to q where the weights p come by a gradient g alone, from AdamW's
// v after a step, with a share of its rate:
//
//	q = p − share·rate·(g·clip / (√(v·sched₂) + eps))
func (b *Backend) Probe(q, p, v, g, sched, clip []float32, eps, share float32) {
	p, v, g = shaped(p, len(q)), shaped(v, len(q)), shaped(g, len(q))
	rate, correct, scale := float32(sched[0]*share), sched[2], clip[0]
	move := func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			q[i] = Moved(p[i], Direction(Clipped(g[i], scale), v[i], 1, correct, eps), rate, 0)
		}
	}
	if b.reference {
		move(0, 0, len(q))
		return
	}
	b.parallel(len(q), costlyGrain, move)
}

// adamStep holds the numbers that all parameters share; the generated loops
// read it as ten float32 in this order.
type adamStep struct {
	clip, beta1, rest1, beta2, rest2, rate, correct1, correct2, eps, decay float32
}

// move is AdamW for one parameter.
func (s *adamStep) move(p, m, v, g float32) (float32, float32, float32) {
	g *= s.clip
	m, v = FirstMoment(m, g, s.beta1), SecondMoment(v, g, s.beta2)
	return Moved(p, Direction(m, v, s.correct1, s.correct2, s.eps), s.rate, s.decay), m, v
}

func (b *Backend) adamw(p, m, v, g []float32, s *adamStep) {
	m, v, g = m[:len(p)], v[:len(p)], g[:len(p)]
	for i := b.adamwVectors(p, m, v, g, s); i < len(p); i++ {
		p[i], m[i], v[i] = s.move(p[i], m[i], v[i], g[i])
	}
}

package kernel

// A Speed is what a product reached beside what the machine could do.
type Speed struct {
	GFLOPS float64 // of the product, 2·m·n·k operations each
	Peak   float64 // of nothing but independent FMAs, on the same threads
}

// Share is the part of the peak that the product reached.
func (s Speed) Share() float64 { return s.GFLOPS / s.Peak }

// MatMulBench measures MatMul on (m,k)·(k,n) against the machine's FMA peak.
// Rounds of both alternate and the best of each counts, so that a busy machine
// takes from both alike. The clock returns seconds from any beginning. The
// reference has no peak of its own: its Peak is that of portable.
func (b *Backend) MatMulBench(m, n, k, rounds int, clock func() float64) Speed {
	x, w, c := make([]float32, m*k), make([]float32, k*n), make([]float32, m*n)
	for i := range x {
		x[i] = float32(i%7) - 3
	}
	for i := range w {
		w[i] = float32(i%5) - 2
	}
	work := 2 * float64(m) * float64(n) * float64(k)
	turns := 1 + int(work)/(b.threads*b.peakMicro().perRound)
	var s Speed
	for range rounds {
		s.GFLOPS = max(s.GFLOPS, rate(work, clock, func() { b.MatMul(c, x, w, m, n, k) }))
		s.Peak = max(s.Peak, rate(b.peakWork(turns), clock, func() { b.peak(turns) }))
	}
	return s
}

// rate is the GFLOP/s of f, which does work operations.
func rate(work float64, clock func() float64, f func()) float64 {
	start := clock()
	f()
	return work / (clock() - start) / 1e9
}

// peak spins every thread through turns rounds of FMAs.
func (b *Backend) peak(turns int) {
	b.parallel(b.threads, 1, func(_, lo, hi int) { b.peakMicro().peak(turns) })
}

func (b *Backend) peakWork(turns int) float64 {
	return float64(b.threads) * float64(turns) * float64(b.peakMicro().perRound)
}

func (b *Backend) peakMicro() *micro {
	if b.reference {
		return portable()
	}
	return b.micro
}

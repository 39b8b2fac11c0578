package kernel

// The methods below run a generated loop over as many elements as it can do, whole
// turns of 16 from the start of a row, and return that number: 0 for a backend
// without. The portable loop beside each caller does the rest, with the same
// lanes. All slices are as long as the first that is asked for its length.

func (b *Backend) vectors(n int) int {
	if b.name == "avx512" || b.name == "avx2" {
		return n &^ 15
	}
	return 0
}

func (b *Backend) expSumVectors(l *lanes, y, x []float32, largest float32) int {
	n := b.vectors(len(x))
	switch {
	case n == 0:
	case b.name == "avx512":
		expSum512(n, &y[0], &x[0], largest, &l[0])
	default:
		expSum256(n, &y[0], &x[0], largest, &l[0])
	}
	return n
}

func (b *Backend) expScaledVectors(y, x []float32, largest, sum, scale float32) int {
	n := b.vectors(len(x))
	switch {
	case n == 0:
	case b.name == "avx512":
		expScaled512(n, &y[0], &x[0], largest, sum, scale)
	default:
		expScaled256(n, &y[0], &x[0], largest, sum, scale)
	}
	return n
}

func (b *Backend) divideVectors(y []float32, s float32) int {
	n := b.vectors(len(y))
	switch {
	case n == 0:
	case b.name == "avx512":
		divide512(n, &y[0], s)
	default:
		divide256(n, &y[0], s)
	}
	return n
}

func (b *Backend) maxVectors(l *lanes, x []float32) int {
	n := b.vectors(len(x))
	switch {
	case n == 0:
	case b.name == "avx512":
		max512(n, &x[0], &l[0])
	default:
		max256(n, &x[0], &l[0])
	}
	return n
}

func (b *Backend) dotVectors(l *lanes, x, y []float32) int {
	n := b.vectors(len(x))
	switch {
	case n == 0:
	case b.name == "avx512":
		dot512(n, &x[0], &y[0], &l[0])
	default:
		dot256(n, &x[0], &y[0], &l[0])
	}
	return n
}

func (b *Backend) dotThreeVectors(l *lanes, x, gain, z []float32) int {
	n := b.vectors(len(x))
	switch {
	case n == 0:
	case b.name == "avx512":
		dotThree512(n, &x[0], &gain[0], &z[0], &l[0])
	default:
		dotThree256(n, &x[0], &gain[0], &z[0], &l[0])
	}
	return n
}

func (b *Backend) swigluVectors(y, gate, up []float32) int {
	n := b.vectors(len(y))
	switch {
	case n == 0:
	case b.name == "avx512":
		swiglu512(n, &y[0], &gate[0], &up[0])
	default:
		swiglu256(n, &y[0], &gate[0], &up[0])
	}
	return n
}

func (b *Backend) swigluGradVectors(dgate, dup, dy, gate, up []float32) int {
	n := b.vectors(len(dy))
	switch {
	case n == 0:
	case b.name == "avx512":
		swigluGrad512(n, &dgate[0], &dup[0], &dy[0], &gate[0], &up[0])
	default:
		swigluGrad256(n, &dgate[0], &dup[0], &dy[0], &gate[0], &up[0])
	}
	return n
}

func (b *Backend) adamwVectors(p, m, v, g []float32, s *adamStep) int {
	n := b.vectors(len(p))
	switch {
	case n == 0:
	case b.name == "avx512":
		adamw512(n, &p[0], &m[0], &v[0], &g[0], &s.clip)
	default:
		adamw256(n, &p[0], &m[0], &v[0], &g[0], &s.clip)
	}
	return n
}

func (b *Backend) normRowVectors(y, x, gain []float32, s float32) int {
	n := b.vectors(len(y))
	switch {
	case n == 0:
	case b.name == "avx512":
		normRow512(n, &y[0], &x[0], &gain[0], s)
	default:
		normRow256(n, &y[0], &x[0], &gain[0], s)
	}
	return n
}

func (b *Backend) normGradRowVectors(dx, dy, gain, x []float32, rinv, c float32) int {
	n := b.vectors(len(dx))
	switch {
	case n == 0:
	case b.name == "avx512":
		normGradRow512(n, &dx[0], &dy[0], &gain[0], &x[0], rinv, c)
	default:
		normGradRow256(n, &dx[0], &dy[0], &gain[0], &x[0], rinv, c)
	}
	return n
}

func (b *Backend) normGainRowVectors(dgain, dy, x []float32, rinv float32) int {
	n := b.vectors(len(dgain))
	switch {
	case n == 0:
	case b.name == "avx512":
		normGainRow512(n, &dgain[0], &dy[0], &x[0], rinv)
	default:
		normGainRow256(n, &dgain[0], &dy[0], &x[0], rinv)
	}
	return n
}

func (b *Backend) addVectors(y, a, x []float32) int {
	n := b.vectors(len(y))
	switch {
	case n == 0:
	case b.name == "avx512":
		add512(n, &y[0], &a[0], &x[0])
	default:
		add256(n, &y[0], &a[0], &x[0])
	}
	return n
}

func (b *Backend) multiplyVectors(y []float32, s float32) int {
	n := b.vectors(len(y))
	switch {
	case n == 0:
	case b.name == "avx512":
		multiply512(n, &y[0], s)
	default:
		multiply256(n, &y[0], s)
	}
	return n
}

func (b *Backend) softmaxGradVectors(ds, p, dp []float32, dot, scale float32) int {
	n := b.vectors(len(ds))
	switch {
	case n == 0:
	case b.name == "avx512":
		softmaxGradRow512(n, &ds[0], &p[0], &dp[0], dot, scale)
	default:
		softmaxGradRow256(n, &ds[0], &p[0], &dp[0], dot, scale)
	}
	return n
}

// rotateVectors turns the first pairs of each head, as many as it returns; where
// that is not all of them, only those of the first head.
func (b *Backend) rotateVectors(y, x, cos, sin []float32, sign float32) int {
	n := b.vectors(2*len(cos)) / 2
	switch n {
	case 0:
	case len(cos):
		rotate(len(y)/(2*n), n, &y[0], &x[0], &cos[0], &sin[0], sign)
	default:
		rotate(1, n, &y[0], &x[0], &cos[0], &sin[0], sign)
	}
	return n
}

// softmaxScoresVectors and scoresGradVectors do a whole row, of whose last turn
// the first last elements count.

func (b *Backend) softmaxScoresVectors(row []float32, last int, scale float32) (largest, sum float32) {
	if b.name == "avx512" {
		softmaxScores512(len(row), last, &row[0], scale, &largest, &sum)
	} else {
		softmaxScores256(len(row), last, &row[0], scale, &largest, &sum)
	}
	return largest, sum
}

func (b *Backend) scoresGradVectors(ds, p, dp []float32, last int, scale float32) (dot float32) {
	if b.name == "avx512" {
		scoresGrad512(len(ds), last, &ds[0], &p[0], &dp[0], scale, &dot)
	} else {
		scoresGrad256(len(ds), last, &ds[0], &p[0], &dp[0], scale, &dot)
	}
	return dot
}

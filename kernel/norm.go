package kernel

// RMSNorm scales each row of x (rows, d) to a root mean square of 1 and multiplies it by
// gain (d), after Zhang and Sennrich (2019):
//
//	rinv = 1/√(Σx²/d + eps)    y = (x·rinv)·gain
//
// y is (rows, d) and rinv (rows) an output.
func (b *Backend) RMSNorm(y, rinv, x, gain []float32, rows, d int, eps float32) {
	y, rinv, x, gain = shaped(y, rows, d), shaped(rinv, rows), shaped(x, rows, d), shaped(gain, d)
	if b.reference {
		for r := range rows {
			row := x[r*d : (r+1)*d]
			squares := sumOf(d, func(i int) float32 { return float32(row[i] * row[i]) })
			rinv[r] = InverseRMS(squares, d, eps)
			for i := range row {
				y[r*d+i] = Normed(row[i], rinv[r], gain[i])
			}
		}
		return
	}
	b.parallel(rows, rowGrain(cheapGrain, d), func(_, lo, hi int) {
		for r := lo; r < hi; r++ {
			row := x[r*d : (r+1)*d]
			rinv[r] = InverseRMS(b.dot(row, row), d, eps)
			b.normRow(y[r*d:(r+1)*d], row, gain, rinv[r])
		}
	})
}

// normRow writes (x·s)·gain to y.
func (b *Backend) normRow(y, x, gain []float32, s float32) {
	x, gain = x[:len(y)], gain[:len(y)]
	for i := b.normRowVectors(y, x, gain, s); i < len(y); i++ {
		y[i] = float32(x[i]*s) * gain[i]
	}
}

// RMSNormGrad writes the gradients of RMSNorm for dy (rows, d): dx (rows, d),
// dgain (d), and the inner value dot (rows).
//
//	dot = Σ (dy·gain)·x    c = ((dot·rinv)·rinv/d)·rinv
//	dx = (dy·gain)·rinv − x·c    dgain = Σ over rows of dy·(x·rinv), from +0
func (b *Backend) RMSNormGrad(dx, dgain, dot, dy, x, gain, rinv []float32, rows, d int) {
	dx, dgain, dot = shaped(dx, rows, d), shaped(dgain, d), shaped(dot, rows)
	dy, x, gain, rinv = shaped(dy, rows, d), shaped(x, rows, d), shaped(gain, d), shaped(rinv, rows)
	if b.reference {
		rmsNormGradReference(dx, dgain, dot, dy, x, gain, rinv, rows, d)
		return
	}
	b.parallel(rows, rowGrain(cheapGrain, d), func(_, lo, hi int) {
		for r := lo; r < hi; r++ {
			at, end := r*d, (r+1)*d
			dot[r] = b.dotThree(dy[at:end], gain, x[at:end])
			b.normGradRow(dx[at:end], dy[at:end], gain, x[at:end], rinv[r], NormSlope(dot[r], rinv[r], d))
		}
	})
	b.parallel(d, rowGrain(cheapGrain, rows), func(_, lo, hi int) {
		clear(dgain[lo:hi])
		for r := range rows {
			b.normGainRow(dgain[lo:hi], dy[r*d+lo:r*d+hi], x[r*d+lo:r*d+hi], rinv[r])
		}
	})
}

func rmsNormGradReference(dx, dgain, dot, dy, x, gain, rinv []float32, rows, d int) {
	for r := range rows {
		at := r * d
		dot[r] = sumOf(d, func(i int) float32 { return NormDot(dy[at+i], gain[i], x[at+i]) })
		c := NormSlope(dot[r], rinv[r], d)
		for i := range d {
			dx[at+i] = NormGrad(dy[at+i], gain[i], rinv[r], x[at+i], c)
		}
	}
	for i := range d {
		sum := float32(0)
		for r := range rows {
			sum += GainGrad(dy[r*d+i], x[r*d+i], rinv[r])
		}
		dgain[i] = sum
	}
}

// dotThree is the sum of (x·gain)·z.
func (b *Backend) dotThree(x, gain, z []float32) float32 {
	var l lanes
	gain, z = gain[:len(x)], z[:len(x)]
	for i := b.dotThreeVectors(&l, x, gain, z); i < len(x); i++ {
		l[i&15] += float32(float32(x[i]*gain[i]) * z[i])
	}
	return l.fold()
}

// normGradRow writes (dy·gain)·rinv − x·c to dx.
func (b *Backend) normGradRow(dx, dy, gain, x []float32, rinv, c float32) {
	dy, gain, x = dy[:len(dx)], gain[:len(dx)], x[:len(dx)]
	for i := b.normGradRowVectors(dx, dy, gain, x, rinv, c); i < len(dx); i++ {
		dx[i] = float32(float32(dy[i]*gain[i])*rinv) - float32(x[i]*c)
	}
}

// normGainRow adds dy·(x·rinv) to dgain.
func (b *Backend) normGainRow(dgain, dy, x []float32, rinv float32) {
	dy, x = dy[:len(dgain)], x[:len(dgain)]
	for i := b.normGainRowVectors(dgain, dy, x, rinv); i < len(dgain); i++ {
		dgain[i] += float32(dy[i] * float32(x[i]*rinv))
	}
}

package kernel

import "math"

// softmaxRow writes the softmax of scores[:n] to prob[:n], which may be the same
// slice, and returns its inner values, the largest score and the sum of
// e^(score−largest): prob = e^(score−largest) / sum. It is the definition; Backend has
// the fast form under the same name.
func softmaxRow(prob, scores []float32, n int) (largest, sum float32) {
	largest = rowMax(scores[:n])
	sum = sumOf(n, func(i int) float32 { return Exp(scores[i] - largest) })
	for i := range n {
		prob[i] = Probability(scores[i], largest, sum)
	}
	return largest, sum
}

func (b *Backend) softmaxRow(prob, scores []float32, n int) (largest, sum float32) {
	if b.reference {
		return softmaxRow(prob, scores, n)
	}
	largest = b.rowMax(scores[:n])
	sum = b.expSum(prob[:n], scores[:n], largest)
	b.divide(prob[:n], sum)
	return largest, sum
}

// Exponentials writes e^((x−largest)/temperature) to y, which may be x: what a token's
// chance to be drawn is proportional to.
func (b *Backend) Exponentials(y, x []float32, largest, temperature float32) {
	y = shaped(y, len(x))
	for i, v := range x {
		y[i] = (v - largest) / temperature
	}
	if b.reference {
		for i, v := range y {
			y[i] = Exp(v)
		}
		return
	}
	b.expSum(y, y, 0)
}

// softmaxScores multiplies the first n scores of a row by scale and turns them
// into probabilities; the others become zero.
func (b *Backend) softmaxScores(row []float32, n int, scale float32) (largest, sum float32) {
	if whole := (n + 15) &^ 15; whole <= b.vectors(len(row)) {
		largest, sum = b.softmaxScoresVectors(row[:whole], n+16-whole, scale)
		clear(row[whole:])
		return largest, sum
	}
	b.multiply(row[:n], scale)
	largest, sum = b.softmaxRow(row, row, n)
	clear(row[n:])
	return largest, sum
}

// scoresGrad computes the gradient of softmaxScores for the first n probabilities
// p of a row and their gradients dp, and returns Σp·dp. The rest of ds and dp
// becomes zero.
func (b *Backend) scoresGrad(ds, p, dp []float32, n int, scale float32) (dot float32) {
	if whole := (n + 15) &^ 15; whole <= b.vectors(len(ds)) {
		dot = b.scoresGradVectors(ds[:whole], p, dp, n+16-whole, scale)
		clear(ds[whole:])
		clear(dp[whole:])
		return dot
	}
	dot = b.dot(p[:n], dp[:n])
	b.softmaxGradRow(ds[:n], p[:n], dp[:n], dot, scale)
	clear(ds[n:])
	clear(dp[n:])
	return dot
}

// expSum writes e^(x−largest) to y, which may be x, and returns the sum.
func (b *Backend) expSum(y, x []float32, largest float32) float32 {
	var l lanes
	y = y[:len(x)]
	n := b.expSumVectors(&l, y, x, largest)
	l.expSum(y[n:], x[n:], largest)
	return l.fold()
}

// expSum writes e^(x−largest) to y and adds it to the lanes.
func (l *lanes) expSum(y, x []float32, largest float32) {
	y = y[:len(x)]
	for i, v := range x {
		e := expScale(expReduce(v - largest))
		l[i&15] += e
		y[i] = e
	}
}

// divide divides y by s.
func (b *Backend) divide(y []float32, s float32) {
	for i := b.divideVectors(y, s); i < len(y); i++ {
		y[i] /= s
	}
}

// multiply multiplies y by s.
func (b *Backend) multiply(y []float32, s float32) {
	for i := b.multiplyVectors(y, s); i < len(y); i++ {
		y[i] *= s
	}
}

// softmaxGradRow writes (p·(dp−dot))·scale to ds: the gradient of a softmax whose
// scores were multiplied by scale.
func (b *Backend) softmaxGradRow(ds, p, dp []float32, dot, scale float32) {
	p, dp = p[:len(ds)], dp[:len(ds)]
	for i := b.softmaxGradVectors(ds, p, dp, dot, scale); i < len(ds); i++ {
		ds[i] = float32(p[i]*float32(dp[i]-dot)) * scale
	}
}

// rowMax is the function of the same name, with a maximum for each lane first: the
// largest does not depend on the order.
func (b *Backend) rowMax(x []float32) float32 {
	var l lanes
	for i := range l {
		l[i] = float32(math.Inf(-1))
	}
	n := b.maxVectors(&l, x)
	return maxFrom(maxFrom(l[0], l[1:]), x[n:]) + 0
}

package kernel

import "math"

// lanes are the 16 partial sums of a row reduction. Lane l folds the elements
// l, l+16, l+32, … from +0; fold then adds the lanes left to right. The lanes are
// independent of each other, which is what SIMD needs.
type lanes [16]float32

func (l *lanes) fold() float32 {
	sum := l[0]
	for _, v := range l[1:] {
		sum += v
	}
	return sum
}

// sumOf folds term(0) … term(n-1) in 16 lanes: the definition of every row reduction.
func sumOf(n int, term func(i int) float32) float32 {
	var l lanes
	for i := range n {
		l[i%16] += term(i)
	}
	return l.fold()
}

// sum adds the elements of x to the lanes; the row begins at x[0].
func (l *lanes) sum(x []float32) {
	for ; len(x) >= 16; x = x[16:] {
		for i, v := range (*[16]float32)(x) {
			l[i] += v
		}
	}
	for i, v := range x {
		l[i&15] += v
	}
}

// dot adds x[i]·y[i] to the lanes.
func (l *lanes) dot(x, y []float32) {
	y = y[:len(x)]
	for len(x) >= 16 {
		a, b := (*[16]float32)(x), (*[16]float32)(y)
		for i := range a {
			l[i] += float32(a[i] * b[i])
		}
		x, y = x[16:], y[16:len(x)]
	}
	for i, v := range x {
		l[i&15] += float32(v * y[i])
	}
}

// rowMax is the largest element of a row.
func rowMax(x []float32) float32 {
	m := float32(math.Inf(-1))
	for _, v := range x {
		m = Larger(m, v)
	}
	return m
}

// maxFrom is the largest of m and the elements of x.
func maxFrom(m float32, x []float32) float32 {
	for _, v := range x {
		if v > m {
			m = v
		}
	}
	return m
}

// dot is the sum of x[i]·y[i].
func (b *Backend) dot(x, y []float32) float32 {
	var l lanes
	y = y[:len(x)]
	n := b.dotVectors(&l, x, y)
	l.dot(x[n:], y[n:])
	return l.fold()
}

// Mean writes the mean of x to y[0].
func (b *Backend) Mean(y, x []float32) {
	if b.reference {
		y[0] = sumOf(len(x), func(i int) float32 { return x[i] }) / float32(len(x))
		return
	}
	var l lanes
	l.sum(x)
	y[0] = l.fold() / float32(len(x))
}

// SumSquares writes the sum of x[i]² to y[0].
func (b *Backend) SumSquares(y, x []float32) {
	if b.reference {
		y[0] = sumOf(len(x), func(i int) float32 { return float32(x[i] * x[i]) })
		return
	}
	y[0] = b.dot(x, x)
}

// A second thread is worth its start from about this many elements on.
const (
	cheapGrain  = 16384 // a few operations for an element
	costlyGrain = 2048  // an exponential, a root
)

// rowGrain is the number of rows of d elements in a grain.
func rowGrain(grain, d int) int { return grain/max(d, 1) + 1 }

package kernel

// Add writes a + x to y, element by element; y may be a or x.
func (b *Backend) Add(y, a, x []float32) {
	a, x = shaped(a, len(y)), shaped(x, len(y))
	if b.reference {
		for i := range y {
			y[i] = a[i] + x[i]
		}
		return
	}
	b.parallel(len(y), cheapGrain, func(_, lo, hi int) { b.add(y[lo:hi], a[lo:hi], x[lo:hi]) })
}

func (b *Backend) add(y, a, x []float32) {
	a, x = a[:len(y)], x[:len(y)]
	for i := b.addVectors(y, a, x); i < len(y); i++ {
		y[i] = a[i] + x[i]
	}
}

package kernel

// SwiGLU writes silu(gate)·up to y (Shazeer, 2020), with silu(g) = g·s and
// s = 1/(1 + e^−g). A gate of −Inf gives NaN.
func (b *Backend) SwiGLU(y, gate, up []float32) {
	gate, up = shaped(gate, len(y)), shaped(up, len(y))
	if b.reference {
		for i, g := range gate {
			y[i] = SwiGLU(g, up[i])
		}
		return
	}
	b.parallel(len(y), costlyGrain, func(_, lo, hi int) { b.swiglu(y[lo:hi], gate[lo:hi], up[lo:hi]) })
}

// SwiGLUGrad writes the gradients of SwiGLU for dy:
//
//	dgate = (dy·up)·(s·(1 + g·(1−s)))    dup = dy·(g·s)
func (b *Backend) SwiGLUGrad(dgate, dup, dy, gate, up []float32) {
	n := len(dy)
	dgate, dup, gate, up = shaped(dgate, n), shaped(dup, n), shaped(gate, n), shaped(up, n)
	if b.reference {
		for i, g := range gate {
			dgate[i], dup[i] = SwiGLUGrad(dy[i], g, up[i])
		}
		return
	}
	b.parallel(n, costlyGrain, func(_, lo, hi int) {
		b.swigluGrad(dgate[lo:hi], dup[lo:hi], dy[lo:hi], gate[lo:hi], up[lo:hi])
	})
}

func (b *Backend) swiglu(y, gate, up []float32) {
	gate, up = gate[:len(y)], up[:len(y)]
	for i := b.swigluVectors(y, gate, up); i < len(y); i++ {
		g := gate[i]
		s := 1 / (1 + expScale(expReduce(-g)))
		y[i] = float32(g*s) * up[i]
	}
}

func (b *Backend) swigluGrad(dgate, dup, dy, gate, up []float32) {
	dgate, dup, gate, up = dgate[:len(dy)], dup[:len(dy)], gate[:len(dy)], up[:len(dy)]
	for i := b.swigluGradVectors(dgate, dup, dy, gate, up); i < len(dy); i++ {
		g, d := gate[i], dy[i]
		s := 1 / (1 + expScale(expReduce(-g)))
		dgate[i] = float32(d*up[i]) * float32(s*(1+float32(g*(1-s))))
		dup[i] = d * float32(g*s)
	}
}

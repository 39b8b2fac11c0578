package kernel

// MatMul computes c = a·b, with c (m,n), a (m,k), b (k,n).
func (be *Backend) MatMul(c, a, b []float32, m, n, k int) {
	be.referenceProduct(c, matrix{a, k, 1}, matrix{b, n, 1}, m, n, k)
}

// MatMulNT computes c = a·bᵀ, with c (m,n), a (m,k), b (n,k).
func (be *Backend) MatMulNT(c, a, b []float32, m, n, k int) {
	be.referenceProduct(c, matrix{a, k, 1}, matrix{b, 1, k}, m, n, k)
}

// MatMulTN computes c = aᵀ·b, with c (m,n), a (k,m), b (k,n).
func (be *Backend) MatMulTN(c, a, b []float32, m, n, k int) {
	be.referenceProduct(c, matrix{a, 1, m}, matrix{b, n, 1}, m, n, k)
}

// A matrix is a view whose element (i, j) is data[i*row+j*col].
type matrix struct {
	data     []float32
	row, col int
}

func (x matrix) at(i, j int) float32 { return x.data[i*x.row+j*x.col] }

// referenceProduct is the definition of all products.
func (be *Backend) referenceProduct(c []float32, a, b matrix, m, n, k int) {
	be.parallel(m, 1, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			for j := range n {
				acc := float32(0)
				for p := range k {
					acc = FMA32(a.at(i, p), b.at(p, j), acc)
				}
				c[i*n+j] = acc
			}
		}
	})
}

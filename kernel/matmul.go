package kernel

// MatMul computes c = x·w, with c (m,n), x (m,k), w (k,n).
func (b *Backend) MatMul(c, x, w []float32, m, n, k int) {
	b.product(product{shaped(c, m, n), matrix{shaped(x, m, k), k, 1}, matrix{shaped(w, k, n), n, 1}, m, n, k})
}

// MatMulNT computes c = x·wᵀ, with c (m,n), x (m,k), w (n,k).
func (b *Backend) MatMulNT(c, x, w []float32, m, n, k int) {
	b.product(product{shaped(c, m, n), matrix{shaped(x, m, k), k, 1}, matrix{shaped(w, n, k), 1, k}, m, n, k})
}

// MatMulTN computes c = xᵀ·w, with c (m,n), x (k,m), w (k,n).
func (b *Backend) MatMulTN(c, x, w []float32, m, n, k int) {
	b.product(product{shaped(c, m, n), matrix{shaped(x, k, m), 1, m}, matrix{shaped(w, k, n), n, 1}, m, n, k})
}

// A matrix is a view whose element (i, j) is data[i*row+j*col].
type matrix struct {
	data     []float32
	row, col int
}

func (x matrix) at(i, j int) float32 { return x.data[i*x.row+j*x.col] }

func (x matrix) cell(i, j int) *float32 { return &x.data[i*x.row+j*x.col] }

// from is the matrix without its first i rows and j columns.
func (x matrix) from(i, j int) matrix { return matrix{x.data[i*x.row+j*x.col:], x.row, x.col} }

func (x matrix) transposed() matrix { return matrix{x.data, x.col, x.row} }

// chain is the definition of an element of a product: FMAs of row i of x and
// column j of w over the indices lo, lo+1, … hi-1, from +0.
func chain(x matrix, i int, w matrix, j, lo, hi int) float32 {
	acc := float32(0)
	for p := lo; p < hi; p++ {
		acc = FMA32(x.at(i, p), w.at(p, j), acc)
	}
	return acc
}

// A product is c (m,n) = x (m,k) · w (k,n).
type product struct {
	c       []float32
	x, w    matrix
	m, n, k int
}

// A part is rows [i0, i1) and columns [j0, j1) of a product.
type part struct{ i0, i1, j0, j1 int }

// reference is the definition of all products.
func (p product) reference(at part) {
	for i := at.i0; i < at.i1; i++ {
		for j := at.j0; j < at.j1; j++ {
			p.c[i*p.n+j] = chain(p.x, i, p.w, j, 0, p.k)
		}
	}
}

// product computes p by whatever the backend has for it.
func (b *Backend) product(p product) {
	switch {
	case p.m == 0 || p.n == 0:
	case p.k == 0:
		clear(p.c)
	case b.reference:
		b.parallel(p.m, 1, func(_, lo, hi int) { p.reference(part{lo, hi, 0, p.n}) })
	default:
		b.split(p)
	}
}

// fill computes a part by few tiles, which read w in place, or by many, for
// which packing it pays.
func (b *Backend) fill(worker int, p product, at part) {
	if at.i1-at.i0 <= 3*b.micro.tiles[0].rows {
		b.fillThin(worker, p, at)
	} else {
		b.fillThick(worker, p, at)
	}
}

// fillThin computes few rows.
func (b *Backend) fillThin(worker int, p product, at part) {
	m := b.micro
	buf := b.buffer(worker, p.k*m.cols+m.spare())
	j := at.j0
	if at.i1-at.i0 == 1 {
		j = m.fillRow(p, at)
	}
	for ; j < at.j1; j += m.cols {
		m.stack(fresh, p.k, p.x.from(at.i0, 0), m.panel(buf[m.spare():], p.w, 0, p.k, j, at.j1),
			p.c[at.i0*p.n+j:], p.n, at.i1-at.i0, buf)
	}
}

// fillRow computes elements of one row from at.j0 on without packing w, and
// returns the column where it stopped: what is left is too narrow.
func (m *micro) fillRow(p product, at part) int {
	x, c, j := p.x.from(at.i0, 0), p.c[at.i0*p.n:], at.j0
	switch {
	case m.row != nil && p.w.col == 1 && x.col == 1:
		if n := (at.j1 - j) / rowBlock * rowBlock; n > 0 {
			m.row(n, p.k, x.data, p.w.from(0, j).data, p.w.row, c[j:])
			j += n
		}
	case p.w.row == 1 && x.col == 1 && p.k%dotSteps == 0:
		for _, d := range m.dots {
			for ; at.j1-j >= d.cols; j += d.cols {
				d.fold(p.k/dotSteps, x.data, p.w.from(0, j).data, p.w.col, c[j:])
			}
		}
	}
	return j
}

// stack folds k steps into a panel's columns of some rows of c, in place.
func (m *micro) stack(flags, k int, a matrix, w panel, c []float32, cRow, rows int, spare []float32) {
	for i := 0; i < rows; {
		t := m.tile(rows - i)
		m.fold(t, flags, k, a.from(i, 0), w, c[i*cRow:], cRow, spare)
		i += t.rows
	}
}

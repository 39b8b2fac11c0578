package kernel

// The products of attention have a lower triangular factor a, whose element
// (i, j) is nothing for j > i: it is not zero, it is no step of any chain. A
// tile's rows therefore end (or, transposed, begin) one step apart, which are
// the triangles that tiles have.
//
// Each of them is computed tile by tile from the first query on, so that a few
// rows go through all that is done with them while they are near. i is the
// number of a tile's first row.

// panels is a factor (k rows, n columns) packed for tiles.
type panels struct {
	data       []float32
	k, n, cols int
}

// panelsOf packs w (k, n) into buf, which has packedColumns floats.
func (m *micro) panelsOf(buf []float32, w matrix, k, n int) panels {
	m.packW(buf, w, n, k)
	return panels{buf, k, n, m.cols}
}

// packedColumns is what panelsOf needs.
func (m *micro) packedColumns(k, n int) int { return ceil(n, m.cols) * (k*m.cols + apart) }

// from is the panel with column j in front, without its first i rows.
func (p panels) from(i, j int) panel {
	return panel{p.data[j/p.cols*(p.k*p.cols+apart)+i*p.cols:], p.cols, min(p.cols, p.n-j)}
}

// lowerOf computes a tile of rows of the lower triangle of c = x·w, where w has
// a column for each key; c and x begin with those rows. Elements above the
// diagonal may be overwritten.
func (m *micro) lowerOf(t tile, i int, c, x matrix, w panels, spare []float32) {
	for j := 0; j < min(i+t.rows, w.n); j += m.cols {
		m.fold(t, fresh, w.k, x, w.from(0, j), c.from(0, j).data, c.row, spare)
	}
}

// lowerTimes computes a tile of rows of y = a·w, where w has a row for each key;
// y and a begin with those rows.
func (m *micro) lowerTimes(t tile, i int, y, a matrix, w panels, spare []float32) {
	for d := 0; d < w.n; d += m.cols {
		m.fold(t, fresh|after, i+1, a, w.from(0, d), y.from(0, d).data, y.row, spare)
	}
}

// lowerTransposedTimes computes a tile of rows of y = aᵀ·w, where w has a row
// for each query.
func (m *micro) lowerTransposedTimes(t tile, i int, y, a matrix, w panels, spare []float32) {
	for d := 0; d < w.n; d += m.cols {
		m.fold(t, fresh|before, w.k-(i+t.rows-1), a.from(i, i).transposed(), w.from(i, d), y.from(i, d).data, y.row, spare)
	}
}

// eachTile covers the rows from, from+1, … to-1.
func (m *micro) eachTile(from, to int, f func(t tile, i int)) {
	for i := from; i < to; {
		t := m.tile(to - i)
		f(t, i)
		i += t.rows
	}
}

package kernel

// panel is columns [j, min(j+cols, n)) of rows [lo, hi) of w: in place if they
// are there as a tile wants them, else copied to buf.
func (m *micro) panel(buf []float32, w matrix, lo, hi, j, n int) panel {
	width := min(m.cols, n-j)
	if w.col == 1 && width == m.cols {
		return panel{w.from(lo, j).data, w.row, width}
	}
	return m.packed(buf, w, lo, hi, j, n)
}

// packed is a panel copied to buf.
func (m *micro) packed(buf []float32, w matrix, lo, hi, j, n int) panel {
	p := panel{buf[:(hi-lo)*m.cols], m.cols, min(m.cols, n-j)}
	if w.col == 1 {
		for i := lo; i < hi; i++ {
			copy(p.data[(i-lo)*m.cols:], w.from(i, j).data[:p.width])
		}
		return p
	}
	m.packTransposed(p, w.from(lo, j).transposed(), hi-lo)
	return p
}

// packW packs k rows and n columns of w into panels, which begin apart floats
// after the one before ends.
func (m *micro) packW(buf []float32, w matrix, n, k int) {
	size, whole := k*m.cols+apart, 0
	if w.col == 1 && m.scatter != nil {
		if whole = n / m.cols; whole > 0 {
			m.scatter(k, whole, w.data, w.row, buf, size)
		}
	}
	for j := whole * m.cols; j < n; j += m.cols {
		m.packed(buf[j/m.cols*size:], w, 0, k, j, n)
	}
}

// packX packs rows × k of x for tiles, the tallest first: element (i, p) of a
// tile's rows is at p*rows+i, and the next tile's begin apart floats after.
func (m *micro) packX(buf []float32, x matrix, rows, k int) {
	for i := 0; i < rows; {
		t := m.tile(rows - i)
		tiles := 1
		if x.row == 1 && t.scatter != nil {
			tiles = (rows - i) / t.rows
			t.scatter(k, tiles, x.from(i, 0).data, x.col, buf, t.rows*k+apart)
		} else {
			t.pack(buf, x.from(i, 0), k)
		}
		i += tiles * t.rows
		buf = buf[tiles*(t.rows*k+apart):]
	}
}

// pack packs the first rows of x for one tile.
func (t tile) pack(buf []float32, x matrix, k int) {
	done := 0
	if x.col == 1 && t.transpose != nil && k >= 8 {
		done = k &^ 7
		t.transpose(done/8, x.data, x.row, buf, t.rows)
	}
	for p := done; p < k; p++ {
		for i := range t.rows {
			buf[p*t.rows+i] = x.at(i, p)
		}
	}
}

// packTransposed writes k columns of the rows of x as columns of p.
func (m *micro) packTransposed(p panel, x matrix, k int) {
	const n = 8
	rows, cols := 0, 0
	if m.transpose != nil && x.col == 1 {
		rows, cols = p.width/n*n, k/n*n
	}
	for i := 0; i < rows && cols > 0; i += n {
		m.transpose(cols/n, x.from(i, 0).data, x.row, p.data[i:], p.step)
	}
	for i := range p.width {
		first := cols
		if i >= rows {
			first = 0
		}
		for l := first; l < k; l++ {
			p.data[l*p.step+i] = x.at(i, l)
		}
	}
}

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

// packBlock packs a part of w into panels, which begin the returned number of
// floats apart. Rows of w are copied whole, since they are read from far.
func (m *micro) packBlock(buf []float32, w matrix, at part) int {
	size := (at.i1-at.i0)*m.cols + apart
	for j := at.j0; j < at.j1; j += m.cols {
		if w.col != 1 || j+m.cols > at.j1 {
			m.packed(buf[(j-at.j0)/m.cols*size:], w, at.i0, at.i1, j, at.j1)
		}
	}
	for i := at.i0; i < at.i1 && w.col == 1; i++ {
		row := w.from(i, at.j0).data[:at.j1-at.j0]
		for to := (i - at.i0) * m.cols; len(row) >= m.cols; to += size {
			copy(buf[to:to+m.cols], row)
			row = row[m.cols:]
		}
	}
	return size
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

// Rows that lie a multiple of alias floats apart fall into the same few sets of
// the first level cache and evict each other; apart floats more and they do not.
const (
	alias = 512
	apart = 16
)

// spread is rows × k of x: in place, or copied to buf if x is badly strided.
func spread(buf []float32, x matrix, rows, k int) matrix {
	switch {
	case x.col == 1 && x.row%alias == 0:
		return copied(buf, x, rows, k)
	case x.row == 1 && x.col%alias == 0:
		return copied(buf, x.transposed(), k, rows).transposed()
	}
	return x
}

func copied(buf []float32, x matrix, rows, k int) matrix {
	step := k + apart
	for i := range rows {
		copy(buf[i*step:], x.from(i, 0).data[:k])
	}
	return matrix{buf, step, 1}
}

package kernel

// The products of attention have a lower triangular factor a, whose element
// (i, j) is nothing for j > i: it is not zero, it is no step of any chain. A
// tile's rows therefore end (or, transposed, begin) one step apart, which are
// the triangles that tiles have.
//
// c, x and y are matrices of the queries from, from+1, … to-1; w has a row for
// each key from 0 on. buf is as long as triangular says.

// triangular is the buffer for the products below with n keys.
func (m *micro) triangular(n, hd int) int { return m.spare() + max(n, hd)*m.cols }

// lowerOf computes the lower triangle of c = x·wᵀ, where x and w have hd
// columns. Elements above the diagonal may be overwritten.
func (m *micro) lowerOf(c, x, w matrix, from, to, hd int, buf []float32) {
	j := 0
	if to-from == 1 {
		j = m.fillRow(product{c.data, x, w.transposed(), 1, to, hd}, part{0, 1, 0, to})
	}
	for ; j < to; j += m.cols {
		p := m.packed(buf[m.spare():], w.transposed(), 0, hd, j, to)
		m.eachTile(from, to, func(t tile, i int) {
			if j < i+t.rows {
				m.fold(t, fresh, hd, x.from(i-from, 0), p, c.from(i-from, j).data, c.row, buf)
			}
		})
	}
}

// lowerTimes computes y = a·w, where w and y have hd columns.
func (m *micro) lowerTimes(y, a, w matrix, from, to, hd int, buf []float32) {
	for d := 0; d < hd; d += m.cols {
		p := m.panel(buf[m.spare():], w, 0, to, d, hd)
		m.eachTile(from, to, func(t tile, i int) {
			m.fold(t, fresh|after, i+1, a.from(i-from, 0), p, y.from(i-from, d).data, y.row, buf)
		})
	}
}

// lowerTransposedTimes computes y = aᵀ·w for all n queries and keys.
func (m *micro) lowerTransposedTimes(y, a, w matrix, n, hd int, buf []float32) {
	for d := 0; d < hd; d += m.cols {
		p := m.panel(buf[m.spare():], w, 0, n, d, hd)
		m.eachTile(0, n, func(t tile, i int) {
			rest := panel{p.data[i*p.step:], p.step, p.width}
			m.fold(t, fresh|before, n-(i+t.rows-1), a.from(i, i).transposed(), rest, y.from(i, d).data, y.row, buf)
		})
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

package kernel

// Blocks of a thick product, packed in the order in which tiles read them: one
// of w (deep × across) serves all rows, one of x (down × deep) stays in the
// second level cache while panels of w pass by. Deep blocks load and store c
// less often.
const (
	deep   = 384
	across = 1024
	down   = 240 // whole tiles of every micro
)

// Rows that lie a multiple of 4 KiB apart fall into the same few sets of the
// first level cache and evict each other; apart floats more and they do not.
const apart = 16

// fillThick computes many rows: w is packed once for all of them. A chain that
// goes on in the next block of rows of w waits in c.
func (b *Backend) fillThick(worker int, p product, at part) {
	flags, step := fresh, evenly(p.k, deep, 8)
	for l := 0; l < p.k; l += step {
		for j := at.j0; j < at.j1; j += across {
			b.fillBlock(worker, flags, p, part{at.i0, at.i1, j, min(j+across, at.j1)}, l, min(l+step, p.k))
		}
		flags = 0
	}
}

// evenly is a multiple of unit, at most most, that cuts n into pieces of about
// the same length.
func evenly(n, most, unit int) int {
	return min(most, ceil(n, unit*ceil(n, most))*unit)
}

// fillBlock folds the indices [lo, hi) into a part of c.
func (b *Backend) fillBlock(worker, flags int, p product, at part, lo, hi int) {
	m, k := b.micro, hi-lo
	ofW := ceil(at.j1-at.j0, m.cols) * (k*m.cols + apart)
	buf := b.buffer(worker, ofW+m.packedRows(k))
	w, x := buf[:ofW], buf[ofW:]
	m.packW(w, p.w.from(lo, at.j0), at.j1-at.j0, k)
	step := evenly(at.i1-at.i0, down, m.tiles[0].rows)
	for i := at.i0; i < at.i1; i += step {
		rows := min(step, at.i1-i)
		m.packX(x, p.x.from(i, lo), rows, k)
		for j := at.j0; j < at.j1; j += m.cols {
			m.foldPanel(flags, k, x, w[(j-at.j0)/m.cols*(k*m.cols+apart):], p.c[i*p.n+j:], p.n, rows, min(m.cols, at.j1-j))
		}
	}
}

// packedRows is what packX needs for down rows.
func (m *micro) packedRows(k int) int { return down*k + (down/m.tiles[0].rows+len(m.tiles))*apart }

// foldPanel folds k steps into all rows of a panel, both packed.
func (m *micro) foldPanel(flags, k int, x, w, c []float32, cRow, rows, width int) {
	for rows > 0 {
		t := m.tile(rows)
		tiles := rows / t.rows
		t.stack(flags, tiles, k, x, w, c, cRow, width)
		if rows -= tiles * t.rows; rows > 0 {
			x, c = x[tiles*(t.rows*k+apart):], c[tiles*t.rows*cRow:]
		}
	}
}

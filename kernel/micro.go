package kernel

// A micro is what fast products are made of: tiles of accumulators that stay
// in registers while they fold, in several heights so that no row is wasted.
type micro struct {
	cols      int                                                   // columns of the tiles
	tiles     []tile                                                // by rows, most first; the last has one row
	row       func(n, k int, x, w []float32, wRow int, c []float32) // one row, see rowBlock; may be nil
	transpose transpose                                             // of 8 rows; may be nil
	scatter   scatter                                               // to panels of cols; may be nil
	dots      []dots                                                // most columns first; may be nil
	peak      func(n int)                                           // n rounds of independent FMAs
	perRound  int                                                   // floating point operations of a round
}

// A tile folds k steps into its rows and columns:
//
//	c[i*cRow+j] = FMA32(a[i*aRow+p*aStep], b[p*bStep+j], c[i*cRow+j])  for p = 0, 1, … k-1
//
// It reads all its columns of b and writes all its columns of c.
type tile struct {
	rows, cols int
	fold       func(flags, k int, a []float32, aRow, aStep int, b []float32, bStep int, c []float32, cRow int)
	stack      stack
	transpose  transpose // of this tile's rows; may be nil
	scatter    scatter   // to panels of this tile's rows; may be nil
}

// A stack folds k steps into tiles one below the other, whose factors are
// packed: a[p*rows+i], the next tile's apart floats after the end of one's, and
// b[p*cols+j]. Only width columns exist in c.
type stack func(flags, tiles, k int, a, b, c []float32, cRow, width int)

// A transpose writes rows of src, n blocks of 8 long, as columns of dst. If the rows
// are fewer than 8, up to 8 elements are overwritten beyond each row of dst.
type transpose func(n int, src []float32, srcRow int, dst []float32, dstRow int)

// A scatter copies rows of src to panels of a fixed width, the first elements of
// each row to the first panel; panels are panel floats apart.
type scatter func(rows, panels int, src []float32, srcRow int, dst []float32, panel int)

// row computes n elements, a multiple of rowBlock, of one row of a product:
//
//	c[j] = FMA32(x[p], w[p*wRow+j], c[j])  for p = 0, 1, … k-1, from +0
const rowBlock = 16

// A dots computes cols elements of one row of a product with a transposed
// factor, in which they are rows:
//
//	c[j] = FMA32(x[p], w[j*wRow+p], c[j])  for p = 0, 1, … n*dotSteps-1, from +0
type dots struct {
	cols int
	fold func(n int, x, w []float32, wRow int, c []float32)
}

const dotSteps = 16

// Flags of a fold and, but for the triangles, of a stack. A triangle is rows-1 more steps, not all for all rows:
// those of lower and upper triangular factors, whose chains begin or end in
// the middle of a tile.
const (
	fresh   = 1 << iota // start from +0 instead of c
	before              // first a triangle, whose step p is for the rows up to p
	after               // last a triangle, whose step p is for the rows beyond p
	partial             // of generated stacks: the mask has not all columns
)

// tile is the tallest one of at most n rows.
func (m *micro) tile(n int) tile {
	for _, t := range m.tiles {
		if t.rows <= n {
			return t
		}
	}
	return m.tiles[len(m.tiles)-1]
}

// A panel is up to cols columns of a factor: element (p, j) is data[p*step+j].
// Beyond its width there may be anything.
type panel struct {
	data        []float32
	step, width int
}

// fold runs one tile on a panel. Where the panel is narrower than the tile,
// the accumulators live in spare and only those inside c are copied.
func (m *micro) fold(t tile, flags, k int, a matrix, w panel, c []float32, cRow int, spare []float32) {
	if w.width == t.cols {
		t.fold(flags, k, a.data, a.row, a.col, w.data, w.step, c, cRow)
		return
	}
	for i := range t.rows {
		copy(spare[i*t.cols:], c[i*cRow:][:w.width])
	}
	t.fold(flags, k, a.data, a.row, a.col, w.data, w.step, spare, t.cols)
	for i := range t.rows {
		copy(c[i*cRow:][:w.width], spare[i*t.cols:])
	}
}

// spare is the number of floats that fold may need.
func (m *micro) spare() int { return m.tiles[0].rows * m.cols }

package kernel

import "sync/atomic"

// A split is a product that is cut into pieces of whole rows or whole columns,
// some more than there are threads: whoever is done with one takes the next, so
// that a thread which the machine keeps waiting holds up one piece, not its half.
type split struct {
	product
	columns bool
	pieces  int
	taken   []atomic.Bool // by piece
}

// What a piece must have to be worth it. Each piece packs the whole factor that
// it does not cut, which is little beside worthPiece rows or columns.
const (
	worthThread = 1 << 18 // FMAs that pay for waking a thread
	worthFew    = 1 << 15 // the same for a row: its time is that of reading w
	worthPiece  = 192
	morePieces  = 4 // for each thread, at most
	rowUnit     = 4 // rows are cut at: the height of a good tile in every micro
)

// split cuts a product for the threads. Cutting rows balances best, since tiles
// are lower than they are wide; few rows, or columns enough for any balance, are
// cut by columns.
func (b *Backend) split(p product) {
	cols := b.micro.cols
	columns := p.m < 32*b.threads || ceil(p.n, cols) >= 16*b.threads && p.n > p.m
	length, unit, worth := p.m, rowUnit, worthThread
	if columns {
		length, unit = p.n, cols
	}
	if p.m == 1 {
		worth = worthFew
	}
	threads := min(b.threads, ceil(length, unit), p.m*p.n*p.k/worth)
	if threads <= 1 {
		b.fill(0, p, part{0, p.m, 0, p.n})
		return
	}
	s := &b.cut
	s.product, s.columns = p, columns
	s.pieces = threads * min(max(1, length/(threads*worthPiece)), morePieces)
	for i := range s.pieces {
		s.taken[i].Store(false)
	}
	b.parallel(threads, 1, b.takePieces)
	s.product = product{} // which nobody else would let go
}

// fillPieces computes pieces while there are any, beginning with those that are
// this worker's in every product, since their rows may still be in its cache.
func (b *Backend) fillPieces(worker, _, _ int) {
	s := &b.cut
	for n := range s.pieces {
		i := (n + worker*s.pieces/b.threads) % s.pieces
		if !s.taken[i].CompareAndSwap(false, true) {
			continue
		}
		if s.columns {
			lo, hi := s.piece(i, s.n, b.micro.cols)
			b.fill(worker, s.product, part{0, s.m, lo, hi})
		} else {
			lo, hi := s.piece(i, s.m, rowUnit)
			b.fill(worker, s.product, part{lo, hi, 0, s.n})
		}
	}
}

// piece is the range of piece i of n, cut at multiples of unit.
func (s *split) piece(i, n, unit int) (lo, hi int) {
	units := ceil(n, unit)
	return i * units / s.pieces * unit, min((i+1)*units/s.pieces*unit, n)
}

func ceil(n, d int) int { return (n + d - 1) / d }

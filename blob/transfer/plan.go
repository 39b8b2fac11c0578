package transfer

import (
	"context"
	"sync"
)

// plan says which source fetches which piece next. Pieces go out in order; when none is
// left, whoever is idle doubles a piece that others still work on, so that slow
// sources hold up nothing. The first to bring a piece ends the others' requests.
type plan struct {
	mu     sync.Mutex
	change *sync.Cond // a piece was brought or given back, or somebody must stop
	order  []int      // pieces nobody has begun; the next is the first
	now    map[int][]*task
	proven map[*source]bool // have brought a piece
	left   int              // pieces not brought yet
}

// task is one source at work on one piece.
type task struct {
	piece  int
	source *source
	ctx    context.Context // ends when the piece is here, from whomever
	cancel context.CancelFunc
}

func newPlan(missing []int) *plan {
	p := &plan{order: missing, now: map[int][]*task{}, proven: map[*source]bool{}, left: len(missing)}
	p.change = sync.NewCond(&p.mu)
	return p
}

// next waits for something to do for s; nil when all is brought or ctx ended.
// Whoever ends ctx calls wake.
func (p *plan) next(ctx context.Context, s *source) *task {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.left > 0 && ctx.Err() == nil {
		if piece, ok := p.choose(s); ok {
			t := &task{piece: piece, source: s}
			t.ctx, t.cancel = context.WithCancel(ctx)
			p.now[piece] = append(p.now[piece], t)
			return t
		}
		p.change.Wait()
	}
	return nil
}

// choose takes a new piece, or else the one that the fewest others are at, the lowest of these. Two sources at a piece
// are enough, but only those count that have brought one: others may never.
func (p *plan) choose(s *source) (piece int, ok bool) {
	if len(p.order) > 0 {
		piece, p.order = p.order[0], p.order[1:]
		return piece, true
	}
	for i, tasks := range p.now {
		fewer := !ok || len(tasks) < len(p.now[piece]) || len(tasks) == len(p.now[piece]) && i < piece
		if fewer && p.mayJoin(s, tasks) {
			piece, ok = i, true
		}
	}
	return piece, ok
}

func (p *plan) mayJoin(s *source, tasks []*task) bool {
	proven := 0
	for _, t := range tasks {
		if t.source == s {
			return false
		}
		if p.proven[t.source] {
			proven++
		}
	}
	return proven < 2
}

// brought says that t's piece is here.
func (p *plan) brought(t *task) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.proven[t.source] = true
	if tasks, ok := p.now[t.piece]; ok {
		for _, other := range tasks {
			other.cancel()
		}
		delete(p.now, t.piece)
		p.left--
	}
	p.change.Broadcast()
}

// gaveUp says that t ended without its piece. It tells whether the piece is
// still wanted; if so somebody else will take it.
func (p *plan) gaveUp(t *task) (wanted bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	t.cancel()
	tasks, wanted := p.now[t.piece]
	if !wanted {
		return false
	}
	var rest []*task
	for _, other := range tasks {
		if other != t {
			rest = append(rest, other)
		}
	}
	p.now[t.piece] = rest
	if len(rest) == 0 {
		delete(p.now, t.piece)
		p.order = append(p.order, t.piece)
	}
	p.change.Broadcast()
	return true
}

// wake makes those who wait look at their ctx.
func (p *plan) wake() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.change.Broadcast()
}

// done tells whether every piece is here.
func (p *plan) done() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.left == 0
}

package transfer

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/minga-network/minga/blob"
)

// race asks sources for the piece list, in their order. One that does not answer soon is left to think, and the next
// one is asked beside it: so a source that says nothing costs a moment, wherever it stands in the list.
type race struct {
	fetch   *fetch
	ctx     context.Context // ends with the first true list, and when the time is over
	queue   []*source       // not asked yet
	running int
	answers chan listed
	all     sync.WaitGroup
}

// listed is a source's answer.
type listed struct {
	source *source
	pieces blob.Pieces
	err    error
}

// list asks for the piece list until one source gives the true one.
func (f *fetch) list(ctx context.Context) (blob.Pieces, error) {
	racing, cancel := context.WithTimeoutCause(ctx, f.patience.list, ErrSlow)
	r := &race{fetch: f, ctx: racing, queue: slices.Clone(f.sources), answers: make(chan listed, len(f.sources))}
	defer r.all.Wait()
	defer cancel()
	next := time.NewTicker(f.next)
	defer next.Stop()
	r.ask()
	for r.running > 0 {
		select {
		case a := <-r.answers:
			r.running--
			if a.err == nil {
				f.prefer(a.source)
				return a.pieces, nil
			}
			f.giveUp(a.source, -1, a.err)
			r.ask()
		case <-next.C:
			r.ask()
		case <-racing.Done():
			return blob.Pieces{}, f.failure(racing)
		}
	}
	return blob.Pieces{}, f.failure(ctx)
}

// ask asks the next source, if there is one and not too many are asked already.
func (r *race) ask() {
	if len(r.queue) == 0 || r.running == asked || r.ctx.Err() != nil {
		return
	}
	s := r.queue[0]
	r.queue = r.queue[1:]
	r.running++
	r.all.Go(func() {
		pieces, err := s.pieces(r.ctx, r.fetch.hash, r.fetch.limit)
		r.answers <- listed{s, pieces, err}
	})
}

// prefer puts a source before the others: it has the blob.
func (f *fetch) prefer(s *source) {
	f.mu.Lock()
	defer f.mu.Unlock()
	others := slices.DeleteFunc(f.sources, func(o *source) bool { return o == s })
	f.sources = append([]*source{s}, others...)
}

package transfer

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/blob/store"
)

var (
	// ErrTooBig says that the blob has more bytes than the caller takes.
	ErrTooBig = errors.New("the blob is larger than the limit given: raise it if the blob is wanted")
	// ErrNoSource says that no source is left to ask. The reasons come with it.
	ErrNoSource = errors.New("no source is left: add one that has the blob, or try again; what has arrived is kept")
	// ErrSlow says that the sources did not bring the blob in time.
	ErrSlow = errors.New("the sources are too slow: add a faster one, or try again; what has arrived is kept")
)

// How hard Fetch works. It holds lanes × seats pieces in memory at most.
const (
	asked     = 16               // sources asked for the piece list at the same time
	seats     = 4                // sources asked for pieces at the same time
	lanes     = 2                // requests at a time to each
	setupTime = 10 * time.Second // to connect, and again for TLS
	// faults are after how many a source is given up. One is enough if its bytes are wrong, or come too slowly.
	faults = 3
)

// patience is how long a fetch waits. Whatever sources do, it ends: see whole.
type patience struct {
	silent  time.Duration // from one byte to the next
	next    time.Duration // for the piece list, before another source is asked for it too
	list    time.Duration // for the piece list, of all sources
	slowest int64         // bytes a second that one answer must bring
}

var usual = patience{
	silent: 15 * time.Second, next: 250 * time.Millisecond, list: time.Minute, slowest: 64 << 10,
}

// answer is for one answer of so many bytes.
func (p patience) answer(bytes int64) time.Duration {
	return 2*p.silent + time.Duration(bytes/p.slowest)*time.Second
}

// whole is for all pieces of a blob: the time that one honest source takes in the worst case, and some for others
// that are given up before it.
func (p patience) whole(bytes int64) time.Duration {
	return 4*p.silent + p.answer(bytes/lanes)
}

// Fetch gets blob h into s from sources, the base URLs (http or https) of
// machines that serve a Handler, and returns once the blob is whole and on disk,
// at once if it was there already. It takes no blob of more than limit bytes
// (ErrTooBig), follows no redirect and believes no source. A download that was
// broken off, by ctx, by an error or by the end of the process, goes on where it
// stopped. Sources that are silent or slow cannot hold it up for ever: it has a
// minute to find the blob, and then a time that grows with the blob's size
// (ErrSlow). List the likeliest sources first. With no source left the error is
// ErrNoSource joined with a SourceError for each. Pin h before fetching if it must
// not be collected. The requests go over a transport; nil is the network without private
// addresses, AnyAddress the network with them.
func Fetch(
	ctx context.Context, over http.RoundTripper, s *store.Store, h blob.Hash, sources []string, limit int64,
) error {
	f := &fetch{store: s, hash: h, limit: limit, patience: usual, given: map[*source]bool{}}
	return f.from(ctx, over, sources)
}

// from fetches the blob from the sources, if the store does not have it.
func (f *fetch) from(ctx context.Context, over http.RoundTripper, sources []string) error {
	if f.store.Has(f.hash) {
		return nil
	}
	if over == nil {
		network := public()
		defer network.CloseIdleConnections()
		over = network
	}
	f.accept(sources, &http.Client{Transport: over, CheckRedirect: noRedirect})
	if err := f.run(ctx); err != nil {
		return fmt.Errorf("transfer: fetch %s: %w", f.hash, err)
	}
	return nil
}

// noRedirect keeps a source from sending us to a third machine: the answer that
// redirects is taken as it is, and refused for its status.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// fetch is one run of Fetch.
type fetch struct {
	store   *store.Store
	hash    blob.Hash
	limit   int64
	sources []*source
	patience

	mu      sync.Mutex
	given   map[*source]bool // up
	reasons []error
}

// accept takes the sources that are well written, and notes the others.
func (f *fetch) accept(names []string, client *http.Client) {
	for _, name := range names {
		s, err := newSource(name, client, f.patience)
		if err != nil {
			f.reasons = append(f.reasons, &SourceError{Source: name, Piece: -1, Err: err})
			continue
		}
		f.sources = append(f.sources, s)
	}
}

func (f *fetch) run(ctx context.Context) error {
	pieces, err := f.list(ctx)
	if err != nil {
		return err
	}
	if pieces.Size > f.limit {
		return fmt.Errorf("%d bytes, limit %d: %w", pieces.Size, f.limit, ErrTooBig)
	}
	partial, err := f.store.Begin(ctx, f.hash, pieces)
	if errors.Is(err, store.ErrExists) { // somebody else fetched it meanwhile
		return nil
	}
	if err != nil {
		return err
	}
	if err := f.fill(ctx, partial, pieces); err != nil {
		return errors.Join(err, partial.Close())
	}
	return errors.Join(partial.Commit(), partial.Close())
}

// fill brings the missing pieces. Each seat works with one source until that is
// given up, then with the next. The first seat begins at once, and each other one
// a moment later: a small blob comes from one source.
func (f *fetch) fill(ctx context.Context, partial *store.Partial, pieces blob.Pieces) error {
	ctx, stop := context.WithTimeoutCause(ctx, f.whole(pieces.Size), ErrSlow)
	defer stop()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	waiting, done := context.WithCancel(ctx) // ends when nothing is left to begin
	defer done()
	job := &filling{fetch: f, partial: partial, pieces: pieces, plan: newPlan(partial.Missing()), abort: cancel}
	queue := f.queue()
	var wg sync.WaitGroup
	for seat := range seats {
		wg.Go(func() {
			if !pause(waiting, time.Duration(seat)*f.next) {
				return
			}
			for s := range queue {
				if job.work(ctx, s); job.plan.done() || ctx.Err() != nil {
					done()
					return
				}
			}
		})
	}
	wg.Wait()
	if !job.plan.done() {
		return f.failure(ctx)
	}
	return nil
}

// pause waits, unless ctx ends before.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

// queue holds the sources not given up.
func (f *fetch) queue() <-chan *source {
	f.mu.Lock()
	defer f.mu.Unlock()
	queue := make(chan *source, len(f.sources))
	for _, s := range f.sources {
		if !f.given[s] {
			queue <- s
		}
	}
	close(queue)
	return queue
}

// giveUp asks s for nothing more, and remembers why.
func (f *fetch) giveUp(s *source, piece int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.given[s] {
		f.given[s] = true
		f.reasons = append(f.reasons, s.fault(piece, err))
	}
}

// failure is why the work ended undone.
func (f *fetch) failure(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return errors.Join(append([]error{ErrNoSource}, f.reasons...)...)
}

package transfer

import (
	"context"
	"errors"
	"fmt"
	"net"
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
)

// How hard Fetch works. It holds lanes × seats pieces in memory at most.
const (
	seats     = 4 // sources asked at the same time
	lanes     = 2 // requests at a time to each
	patience  = 3 // faults after which a source is given up; one if its bytes are wrong
	silence   = 30 * time.Second
	setupTime = 10 * time.Second // to connect, and again for TLS
)

// Fetch gets blob h into s from sources, the base URLs (http or https) of
// machines that serve a Handler, and returns once the blob is whole and on disk,
// at once if it was there already. It takes no blob of more than limit bytes
// (ErrTooBig), follows no redirect and believes no source. A download that was
// broken off, by ctx, by an error or by the end of the process, goes on where it
// stopped. With no source left the error is ErrNoSource joined with a
// SourceError for each. Pin h before fetching if it must not be collected. The
// requests go over a transport; nil is the network.
func Fetch(
	ctx context.Context, over http.RoundTripper, s *store.Store, h blob.Hash, sources []string, limit int64,
) error {
	f := &fetch{store: s, hash: h, limit: limit, silent: silence, given: map[*source]bool{}}
	return f.from(ctx, over, sources)
}

// from fetches the blob from the sources, if the store does not have it.
func (f *fetch) from(ctx context.Context, over http.RoundTripper, sources []string) error {
	if f.store.Has(f.hash) {
		return nil
	}
	if over == nil {
		network := newTransport()
		defer network.CloseIdleConnections()
		over = network
	}
	f.accept(sources, &http.Client{Transport: over, CheckRedirect: noRedirect})
	if err := f.run(ctx); err != nil {
		return fmt.Errorf("transfer: fetch %s: %w", f.hash, err)
	}
	return nil
}

func newTransport() *http.Transport {
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: setupTime}).DialContext,
		TLSHandshakeTimeout:    setupTime,
		DisableCompression:     true, // no answer may grow when unpacked
		MaxResponseHeaderBytes: headerBytes,
		MaxIdleConnsPerHost:    lanes,
	}
}

// noRedirect keeps a source from sending us to a third machine: the answer that
// redirects is taken as it is, and refused for its status.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// fetch is one run of Fetch.
type fetch struct {
	store   *store.Store
	hash    blob.Hash
	limit   int64
	silent  time.Duration // patience with a source, from one byte to the next
	sources []*source

	mu      sync.Mutex
	given   map[*source]bool // up
	reasons []error
}

// accept takes the sources that are well written, and notes the others.
func (f *fetch) accept(names []string, client *http.Client) {
	for _, name := range names {
		s, err := newSource(name, client, f.silent)
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

// list asks for the piece list, a few sources at a time, until one gives the
// true one.
func (f *fetch) list(ctx context.Context) (blob.Pieces, error) {
	racing, cancel := context.WithCancel(ctx)
	defer cancel()
	found := make(chan blob.Pieces, seats)
	queue := f.queue()
	var wg sync.WaitGroup
	for range seats {
		wg.Go(func() {
			for s := range queue {
				pieces, err := s.pieces(racing, f.hash, f.limit)
				if racing.Err() != nil {
					return
				}
				if err == nil {
					found <- pieces
					cancel()
					return
				}
				f.giveUp(s, -1, err)
			}
		})
	}
	wg.Wait()
	select {
	case pieces := <-found:
		return pieces, nil
	default:
		return blob.Pieces{}, f.failure(ctx)
	}
}

// fill brings the missing pieces. Each seat works with one source until that is
// given up, then with the next.
func (f *fetch) fill(ctx context.Context, partial *store.Partial, pieces blob.Pieces) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	job := &filling{fetch: f, partial: partial, pieces: pieces, plan: newPlan(partial.Missing()), abort: cancel}
	queue := f.queue()
	var wg sync.WaitGroup
	for range seats {
		wg.Go(func() {
			for s := range queue {
				if job.work(ctx, s); job.plan.done() || ctx.Err() != nil {
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

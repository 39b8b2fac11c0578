package gateway

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/blob/transfer"
	"github.com/minga-network/minga/infer"
	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/kind"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/nn/file"
	"github.com/minga-network/minga/nn/token"
	"github.com/minga-network/minga/x/asset"
)

// maxQueue is how many answers may wait for their turn at one model, and maxQueueOfKey how many of one key. The rest is
// for other keys.
const maxQueue, maxQueueOfKey = 64, 32

// errBusy means that a model's queue is full.
var errBusy = errors.New("too many requests wait for this model")

// model is a model in memory. One answer is generated at a time.
type model struct {
	asset     asset.Asset
	config    nn.Config
	tokenizer *token.Encoder
	generator *infer.Generator
	trace     *infer.Trace
	quotes    *kind.Quotes // nil if the model owes nothing for them
	task      []byte       // of a session, as terms have it
	speed     infer.Speed
	turn      chan struct{} // of capacity 1
	waiting   atomic.Int32
}

// enter waits for the model's turn; leave ends it.
func (m *model) enter(ctx context.Context) (leave func(), err error) {
	if m.waiting.Add(1) > maxQueue {
		m.waiting.Add(-1)
		return nil, errBusy
	}
	queue.Inc()
	defer queue.Dec()
	defer m.waiting.Add(-1)
	select {
	case m.turn <- struct{}{}:
		return func() { <-m.turn }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// load is a model that sessions need, and the state of loading it.
type load struct {
	users int   // sessions
	bytes int64 // that it takes
	model *model
	err   error // why it could not be loaded
	kind.Backoff
	busy bool
}

// unused tells that the model may leave the memory.
func (l *load) unused() bool { return l.users == 0 && !l.busy }

// want returns the model if it is in memory. Otherwise it begins to load it, if not too many are being loaded, and the
// error is errLoading, or what went wrong the last time.
func (g *Gateway) want(ctx context.Context, id uint64) (*model, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	l := g.loads[id]
	if l == nil {
		l = &load{}
		g.loads[id] = l
	}
	if l.model != nil {
		return l.model, nil
	}
	if !l.busy && g.loading < mostLoading && !l.Waits(g.height) {
		l.busy = true
		g.loading++
		g.start(ctx, func(ctx context.Context) { g.load(ctx, id, l) })
	}
	if l.err != nil && !errors.Is(l.err, errRoom) {
		return nil, l.err
	}
	return nil, errLoading
}

var (
	errLoading = errors.New("the model is being loaded")
	errSlow    = fmt.Errorf("it took longer than %s to load: tried again later, what has arrived is kept", loadTime)
)

const (
	// mostLoading is how many models are loaded at a time, and loadTime how long one may take: who names a model that
	// comes slowly keeps nobody from others.
	mostLoading = 4
	loadTime    = 10 * time.Minute
)

// load fetches and decodes a model.
func (g *Gateway) load(ctx context.Context, id uint64, l *load) {
	ctx, stop := context.WithTimeoutCause(ctx, loadTime, errSlow)
	defer stop()
	var m *model
	err := kind.Contain(func() (err error) {
		m, err = g.fetch(ctx, id, l)
		return err
	})
	g.mu.Lock()
	g.loading--
	l.busy, l.model, l.err = false, m, err
	if err != nil {
		l.bytes, l.Backoff = 0, l.After(g.height, kind.LongestPause)
	}
	g.mu.Unlock()
	if err == nil {
		g.Log.Info("model loaded", "model", asset.Denom(id), "name", m.asset.Name, "context", m.config.Context,
			"bytes", l.bytes)
	}
	g.wake()
}

// fetch fetches a model and makes it ready to serve. Each step is taken only if there is memory for it.
func (g *Gateway) fetch(ctx context.Context, id uint64, l *load) (*model, error) {
	a, err := g.ledger.Asset(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("model %d: %w", id, err)
	}
	if err := g.fetchable(a); err != nil {
		return nil, err
	}
	if err := g.reserve(l, fileBytes(a)); err != nil {
		return nil, err
	}
	m, err := g.file(ctx, a)
	if err != nil {
		return nil, fmt.Errorf("model %d: %w", id, err)
	}
	if m.Tokenizer == nil {
		return nil, fmt.Errorf("model %d has no tokenizer, so no text can be given to it", id)
	}
	bytes, err := g.servable(a, m)
	if err != nil {
		return nil, err
	}
	quotes, texts, err := g.quotes(ctx, a, m.Tokenizer)
	if err != nil {
		return nil, err
	}
	if err := g.reserve(l, bytes+texts); err != nil {
		return nil, err
	}
	return g.ready(ctx, a, m, quotes)
}

// file gets the file of a model, from the own store or from whoever has it.
func (g *Gateway) file(ctx context.Context, a asset.Asset) (*file.Model, error) {
	root, accounts := blob.Hash(a.Root), []string{a.Creator}
	if !g.Store.Has(root) {
		if j, err := g.ledger.Job(ctx, a.Job); err == nil { // that made it
			accounts = []string{j.Worker, a.Creator}
		}
		sources, err := g.ledger.Sources(ctx, a.Source, accounts...)
		if err != nil {
			return nil, err
		}
		if err := transfer.Fetch(ctx, g.Transport, g.Store, root, sources, int64(a.Bytes)); err != nil {
			return nil, err
		}
	}
	content, err := g.Store.Bytes(root)
	if err != nil {
		return nil, err
	}
	return file.Decode(content)
}

// ready makes a model of its file, and tries how fast it is.
func (g *Gateway) ready(ctx context.Context, a asset.Asset, m *file.Model, q *kind.Quotes) (*model, error) {
	b, err := kernel.New(g.Kernel, g.Threads)
	if err != nil {
		return nil, err
	}
	task, err := kind.SessionTask(m, blob.Hash(a.Root), int64(a.Bytes))
	if err != nil {
		return nil, fmt.Errorf("model %d: %w", a.Id, err)
	}
	generator := infer.New(m, b)
	speed, err := generator.Trial(ctx, time.Now)
	if err != nil {
		return nil, fmt.Errorf("model %d: %w", a.Id, err)
	}
	return &model{
		asset: a, config: m.Config, tokenizer: m.Tokenizer, generator: generator, trace: infer.NewTrace(m),
		quotes: q, task: task.Encode(), speed: speed, turn: make(chan struct{}, 1),
	}, nil
}

// quotes prepares to find what a model's answers repeat of its data, and says how much memory that takes. No session
// with the model could be claimed without it.
func (g *Gateway) quotes(ctx context.Context, a asset.Asset, t *token.Encoder) (*kind.Quotes, int64, error) {
	if a.Attribution == 0 {
		return nil, 0, nil
	}
	texts, err := g.ledger.Texts(ctx, g.Store, a, g.Memory)
	if err != nil {
		return nil, 0, fmt.Errorf("the data of model %d, which its answers are compared with: %w", a.Id, err)
	}
	bytes := int64(0)
	for _, text := range texts {
		bytes += kind.QuoteBytes * int64(len(text))
	}
	return kind.NewQuotes(texts, t), bytes, nil
}

// hold and release count the sessions of a model. Without sessions it leaves the memory. The caller has g.mu.
func (g *Gateway) hold(id uint64) {
	if g.loads[id] == nil {
		g.loads[id] = &load{}
	}
	g.loads[id].users++
}

func (g *Gateway) release(id uint64) {
	l := g.loads[id]
	if l.users--; l.unused() {
		delete(g.loads, id)
	}
}

// evict lets the models go that no session uses and no job wants that may be taken.
func (g *Gateway) evict(wanted map[uint64]bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for id, l := range g.loads {
		if l.unused() && !wanted[id] {
			delete(g.loads, id)
		}
	}
}

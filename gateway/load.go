package gateway

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

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

const (
	// maxModel bounds the file of a model, in bytes.
	maxModel = 2 << 30
	// maxQueue is how many answers may wait for their turn at one model.
	maxQueue = 64
	// retryBlocks is how long a model that could not be loaded is left alone.
	retryBlocks = 20
)

// errBusy means that a model's queue is full.
var errBusy = errors.New("too many requests wait for this model")

// model is a model in memory. One answer is generated at a time.
type model struct {
	asset     asset.Asset
	config    nn.Config
	tokenizer *token.Encoder
	generator *infer.Generator
	trace     *infer.Trace
	quotes    *kind.Quotes  // nil if the model owes nothing for them
	task      []byte        // of a session, as terms have it
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
	users int // sessions
	model *model
	err   error
	retry int64 // height from which to try again after err
	busy  bool
}

// want returns the model if it is in memory. Otherwise it begins to load it, and the error is errLoading, or what went
// wrong the last time.
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
	if !l.busy && (l.err == nil || g.height >= l.retry) {
		l.busy = true
		g.start(ctx, func(ctx context.Context) { g.load(ctx, id, l) })
	}
	if l.err != nil {
		return nil, l.err
	}
	return nil, errLoading
}

var errLoading = errors.New("the model is being loaded")

// load fetches and decodes a model.
func (g *Gateway) load(ctx context.Context, id uint64, l *load) {
	m, err := g.fetch(ctx, id)
	g.mu.Lock()
	l.busy, l.model, l.err, l.retry = false, m, err, g.height+retryBlocks
	g.mu.Unlock()
	if err == nil {
		g.Log.Info("model loaded", "model", asset.Denom(id), "name", m.asset.Name, "context", m.config.Context)
		g.wake()
	}
}

func (g *Gateway) fetch(ctx context.Context, id uint64) (*model, error) {
	a, err := g.ledger.Asset(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("model %d: %w", id, err)
	}
	if len(a.Root) != len(blob.Hash{}) || a.Bytes > maxModel {
		return nil, fmt.Errorf("model %d has %d bytes; at most %d are loaded", id, a.Bytes, maxModel)
	}
	root := blob.Hash(a.Root)
	if !g.Store.Has(root) {
		sources, err := g.ledger.Sources(ctx, a.Source)
		if err != nil {
			return nil, err
		}
		if err := transfer.Fetch(ctx, g.Transport, g.Store, root, sources, int64(a.Bytes)); err != nil {
			return nil, fmt.Errorf("model %d: %w", id, err)
		}
	}
	content, err := g.Store.Bytes(root)
	if err != nil {
		return nil, fmt.Errorf("model %d: %w", id, err)
	}
	m, err := file.Decode(content)
	if err != nil {
		return nil, fmt.Errorf("model %d: %w", id, err)
	}
	if m.Tokenizer == nil {
		return nil, fmt.Errorf("model %d has no tokenizer, so no text can be given to it", id)
	}
	quotes, err := g.quotes(ctx, a, m.Tokenizer)
	if err != nil {
		return nil, err
	}
	b, err := kernel.New(g.Kernel, g.Threads)
	if err != nil {
		return nil, err
	}
	task, err := kind.SessionTask(m, root, int64(a.Bytes))
	if err != nil {
		return nil, fmt.Errorf("model %d: %w", id, err)
	}
	return &model{
		asset: a, config: m.Config, tokenizer: m.Tokenizer, generator: infer.New(m, b), trace: infer.NewTrace(m),
		quotes: quotes, task: task.Encode(), turn: make(chan struct{}, 1),
	}, nil
}

// quotes prepares to find what a model's answers repeat of its data. No session with the model could be claimed without
// it.
func (g *Gateway) quotes(ctx context.Context, a asset.Asset, t *token.Encoder) (*kind.Quotes, error) {
	if a.Attribution == 0 {
		return nil, nil
	}
	texts, err := g.ledger.Texts(ctx, g.Store, a)
	if err != nil {
		return nil, fmt.Errorf("the data of model %d, which its answers are compared with: %w", a.Id, err)
	}
	return kind.NewQuotes(texts, t), nil
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
	if l.users--; l.users == 0 {
		delete(g.loads, id)
	}
}

package client

import (
	"context"
	"errors"
	"sync"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	cmttypes "github.com/cometbft/cometbft/types"
)

// Between two attempts to follow the node again, from the shortest to the longest pause.
const shortestPause, longestPause = 200 * time.Millisecond, 5 * time.Second

// errClosed ends what waits for blocks when the client is closed.
var errClosed = errors.New("the client is closed")

// feed follows a node's blocks and looks for transactions in them.
type feed struct {
	node Node

	ctx    context.Context
	stop   context.CancelFunc
	mu     sync.Mutex
	height int64              // the last block looked through
	waits  map[string]*wait   // by the transaction's hash
	heard  map[chan int64]any // channels of Blocks
}

// wait is a transaction that was sent.
type wait struct {
	until int64 // the last block that may have it
	found chan inclusion
}

// inclusion is what became of a transaction.
type inclusion struct {
	height int64
	result *abci.ExecTxResult // nil: it was dropped
}

func follow(node Node, height int64) *feed {
	f := &feed{node: node, height: height, waits: map[string]*wait{}, heard: map[chan int64]any{}}
	f.ctx, f.stop = context.WithCancel(context.Background())
	go f.run()
	return f
}

// run follows the node, and again whenever the connection breaks, until stop.
func (f *feed) run() {
	pause := shortestPause
	for f.ctx.Err() == nil {
		before := f.now()
		_ = f.node.Follow(f.ctx, f.reach) // why it broke does not matter: it is renewed
		if f.now() > before {
			pause = shortestPause
		}
		select {
		case <-f.ctx.Done():
		case <-time.After(pause):
		}
		pause = min(2*pause, longestPause)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for c := range f.heard {
		close(c)
	}
	f.heard = nil
}

// reach looks through the blocks up to a height, those that a broken connection
// missed included, and tells of it if it is new.
func (f *feed) reach(height int64) error {
	last := f.now()
	if height <= last {
		return nil
	}
	for h := last + 1; h <= height; h++ {
		if err := f.look(h); err != nil {
			return err
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for c := range f.heard {
		offer(c, f.height)
	}
	return nil
}

// look finds the transactions that are waited for in one block.
func (f *feed) look(height int64) error {
	f.mu.Lock()
	waiting := len(f.waits) > 0
	f.mu.Unlock()
	var block []cmttypes.Tx
	var results []*abci.ExecTxResult
	if waiting {
		b, err := f.node.Block(f.ctx, &height)
		if err != nil {
			return err
		}
		r, err := f.node.BlockResults(f.ctx, &height)
		if err != nil {
			return err
		}
		block, results = b.Block.Txs, r.TxsResults
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.height = height
	for i, tx := range block {
		hash := string(tx.Hash())
		if w := f.waits[hash]; w != nil && i < len(results) {
			w.found <- inclusion{height, results[i]}
			delete(f.waits, hash)
		}
	}
	for hash, w := range f.waits {
		if height >= w.until {
			w.found <- inclusion{height: height}
			delete(f.waits, hash)
		}
	}
	return nil
}

func (f *feed) now() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.height
}

// expect begins to look for a transaction in blocks up to a height.
func (f *feed) expect(hash []byte, until int64) *wait {
	f.mu.Lock()
	defer f.mu.Unlock()
	w := &wait{until: until, found: make(chan inclusion, 1)}
	f.waits[string(hash)] = w
	return w
}

func (f *feed) forget(hash []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.waits, string(hash))
}

// offer leaves the newest height in a channel of one place.
func offer(c chan int64, height int64) {
	select {
	case <-c:
	default:
	}
	c <- height
}

// Blocks tells the height of the last block at once, and of each new one, until ctx ends or
// the client is closed; then the channel closes. Who reads slowly misses heights, never the
// newest.
func (c *Client) Blocks(ctx context.Context) <-chan int64 {
	f := c.feed
	heights := make(chan int64, 1)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.heard == nil {
		close(heights)
		return heights
	}
	f.heard[heights] = nil
	heights <- f.height
	context.AfterFunc(ctx, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		if _, ok := f.heard[heights]; ok {
			delete(f.heard, heights)
			close(heights)
		}
	})
	return heights
}

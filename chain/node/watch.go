package node

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cometbft/cometbft/libs/pubsub"
	cmttypes "github.com/cometbft/cometbft/types"
)

// ErrStopped means that the chain makes no blocks any more.
var ErrStopped = errors.New("the chain has stopped")

// watch follows the node's blocks until ctx ends (nil) or the chain stops (why).
func (n *Node) watch(ctx context.Context, blocks cmttypes.Subscription) error {
	stall := time.NewTimer(n.config.Stall)
	defer stall.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case m := <-blocks.Out():
			n.reach(m)
			stall.Reset(n.config.Stall)
		case <-blocks.Canceled():
			return n.stopped("the node ended by itself")
		case <-n.faults.fatal:
			return n.stopped("consensus failed")
		case <-stall.C:
			return n.stopped(fmt.Sprintf("no block for %s", n.config.Stall))
		}
	}
}

// reach notes the height of a new block and wakes who waits for it.
func (n *Node) reach(m pubsub.Message) {
	header, ok := m.Data().(cmttypes.EventDataNewBlockHeader)
	if !ok {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.height = header.Header.Height
	close(n.changed)
	n.changed = make(chan struct{})
}

// stopped says what is known about a chain that has stopped.
func (n *Node) stopped(what string) error {
	err := fmt.Errorf("%w at height %d: %s, %d peers connected", ErrStopped, n.comet.BlockStore().Height(), what,
		n.comet.Switch().Peers().Size())
	if last := n.faults.String(); last != "" {
		err = fmt.Errorf("%w; last error: %s", err, last)
	}
	return err
}

// Height is the last block that the node has seen since it started.
func (n *Node) Height() int64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.height
}

// WaitHeight returns when the node has the block of a height, or with the reason
// why it never will.
func (n *Node) WaitHeight(ctx context.Context, height int64) error {
	for {
		n.mu.Lock()
		now, changed := n.height, n.changed
		n.mu.Unlock()
		if now >= height {
			return nil
		}
		select {
		case <-changed:
		case <-n.done:
			if n.err != nil {
				return n.err
			}
			return fmt.Errorf("height %d not reached: the node was stopped at %d", height, now)
		case <-ctx.Done():
			return fmt.Errorf("height %d not reached, the chain is at %d: %w", height, now, ctx.Err())
		}
	}
}

package client

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	abci "github.com/cometbft/cometbft/abci/types"
	rpctypes "github.com/cometbft/cometbft/rpc/jsonrpc/types"
	"github.com/cosmos/gogoproto/proto"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// ErrGone means that the node no longer keeps the blocks that were asked for. Read the
// present state with queries, and follow the events from its height on.
var ErrGone = errors.New("the node no longer has this block")

// Block is what happened at one height, as the modules tell it.
type Block struct {
	Height int64
	// Events are typed, as *job.EventPosted: first those of the transactions in their order,
	// then those of the block's end. Events that are not typed are left out.
	Events []proto.Message
}

// Events yields every block after a height, in order and without a gap, until ctx ends, the
// client is closed or the caller stops. A broken connection only delays it. To resume, call
// it with the height of the last block that was handled. The caller's speed does not matter:
// each block is read when it is asked for. The one error is ErrGone.
func (c *Client) Events(ctx context.Context, after int64) iter.Seq2[Block, error] {
	return func(yield func(Block, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		for head := range c.Blocks(ctx) {
			for after < head {
				b, err := c.block(ctx, after+1)
				if _, refused := errors.AsType[*rpctypes.RPCError](err); refused {
					yield(Block{}, fmt.Errorf("%w: block %d: %w", ErrGone, after+1, err))
					return
				}
				if err != nil {
					break // the connection is broken: again with the next block
				}
				if !yield(b, nil) {
					return
				}
				after++
			}
		}
	}
}

// block reads what happened at one height.
func (c *Client) block(ctx context.Context, height int64) (Block, error) {
	r, err := c.node.BlockResults(ctx, &height)
	if err != nil {
		return Block{}, err
	}
	b := Block{Height: height}
	for _, tx := range r.TxsResults {
		if tx.IsOK() { // what a failed transaction says did not happen
			b.Events = appendTyped(b.Events, tx.Events)
		}
	}
	b.Events = appendTyped(b.Events, r.FinalizeBlockEvents)
	return b, nil
}

func appendTyped(to []proto.Message, events []abci.Event) []proto.Message {
	for _, e := range events {
		if m, ok := typed(e); ok {
			to = append(to, m)
		}
	}
	return to
}

// modeKey is an attribute that the SDK adds to the events of a block's begin and end. It is no
// field of the event, and no JSON.
const modeKey = "mode"

// typed reads an event as the message that it was emitted as.
func typed(e abci.Event) (proto.Message, bool) {
	isMode := func(a abci.EventAttribute) bool { return a.Key == modeKey }
	e.Attributes = slices.DeleteFunc(slices.Clone(e.Attributes), isMode)
	m, err := sdk.ParseTypedEvent(e)
	return m, err == nil
}

// Event finds the first typed event of a kind, as in Event[*job.EventPosted](r.Events).
func Event[T proto.Message](events []abci.Event) (T, bool) {
	for _, m := range appendTyped(nil, events) {
		if t, ok := m.(T); ok {
			return t, true
		}
	}
	var none T
	return none, false
}

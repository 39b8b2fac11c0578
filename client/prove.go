package client

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/cometbft/cometbft/proto/tendermint/crypto"
	rpcclient "github.com/cometbft/cometbft/rpc/client"
	cmttypes "github.com/cometbft/cometbft/types"

	errorsmod "cosmossdk.io/errors"
)

// ErrPruned means that the node no longer has the state of a height.
var ErrPruned = errors.New("the node no longer has the state of that height")

// Entry is a key of a module's store as it was after the block of a height.
type Entry struct {
	Value []byte // nil when the store has no such key
	// Proof leads from the entry to the root of its store, and from that root to the
	// application's hash, which stands in the header of the next height: two ICS 23 proofs.
	Proof []crypto.ProofOp
}

// Prove reads a key of a module's store as it was after the block of a height, from 2.
// ErrPruned means that the node has no such state, or not any more.
func (c *Client) Prove(ctx context.Context, store string, key []byte, height int64) (Entry, error) {
	at := rpcclient.ABCIQueryOptions{Height: height, Prove: true}
	r, err := c.node.ABCIQueryWithOptions(ctx, "/store/"+store+"/key", key, at)
	if err != nil {
		return Entry{}, fmt.Errorf("read store %s at height %d: %w", store, height, err)
	}
	a := r.Response
	if a.Code != 0 {
		reason := errorsmod.ABCIError(a.Codespace, a.Code, a.Log)
		return Entry{}, fmt.Errorf("%w: store %s at height %d: %w", ErrPruned, store, height, reason)
	}
	if a.ProofOps == nil {
		return Entry{}, fmt.Errorf("store %s at height %d: the node gave no proof", store, height)
	}
	return Entry{Value: a.Value, Proof: a.ProofOps.Ops}, nil
}

// Height is the last block that the node has.
func (c *Client) Height(ctx context.Context) (int64, error) {
	status, err := c.node.Status(ctx)
	if err != nil {
		return 0, fmt.Errorf("ask the node for its height: %w", err)
	}
	return status.SyncInfo.LatestBlockHeight, nil
}

// Signed is the header of a height, with the signatures of the validators under it.
func (c *Client) Signed(ctx context.Context, height int64) (*cmttypes.SignedHeader, error) {
	r, err := c.node.Commit(ctx, &height)
	if err != nil {
		return nil, fmt.Errorf("read the signatures of block %d: %w", height, err)
	}
	return &r.SignedHeader, nil
}

// Validators are those who sign the block of a height, in their order.
func (c *Client) Validators(ctx context.Context, height int64) ([]*cmttypes.Validator, error) {
	var all []*cmttypes.Validator
	for page, size := 1, 100; ; page++ {
		r, err := c.node.Validators(ctx, &height, &page, &size)
		if err != nil {
			return nil, fmt.Errorf("read the validators of block %d: %w", height, err)
		}
		all = append(all, r.Validators...)
		if len(r.Validators) == 0 || len(all) >= r.Total {
			return all, nil
		}
	}
}

// Find returns what a transaction did that is in a block, by the hexadecimal digits of
// its hash.
func (c *Client) Find(ctx context.Context, hash string) (Result, error) {
	b, err := hex.DecodeString(hash)
	if err != nil {
		return Result{}, fmt.Errorf("transaction %q: give the hexadecimal digits of its hash", hash)
	}
	r, err := c.node.Tx(ctx, b, false)
	if err != nil {
		return Result{}, fmt.Errorf("transaction %s: %w", hash, err)
	}
	return c.result(r.Tx, inclusion{height: r.Height, result: &r.TxResult})
}

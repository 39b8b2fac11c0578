package solo

import (
	"context"
	"fmt"
	"time"

	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	cmttypes "github.com/cometbft/cometbft/types"
)

// Step makes blocks of the transactions that wait, or empty ones.
func (c *Chain) Step(blocks int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for range blocks {
		if c.err == nil {
			c.err = c.block()
		}
	}
	return c.err
}

// Wait puts the next block off.
func (c *Chain) Wait(while time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.next = c.next.Add(while)
}

// Height is the number of the last block; 0 when there is none yet.
func (c *Chain) Height() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state.LastBlockHeight
}

// Time is when the last block was made.
func (c *Chain) Time() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state.LastBlockTime
}

// block proposes, signs, executes and commits one block.
func (c *Chain) block() error {
	height := c.state.LastBlockHeight + 1
	last, err := c.vote(c.state.LastBlockHeight, c.state.LastBlockID, c.next)
	if err != nil {
		return err
	}
	b, err := c.exec.CreateProposalBlock(context.Background(), height, c.state, last, c.key.PubKey().Address())
	if err != nil {
		return fmt.Errorf("propose block %d: %w", height, err)
	}
	parts, err := b.MakePartSet(cmttypes.BlockPartSizeBytes)
	if err != nil {
		return fmt.Errorf("cut block %d into parts: %w", height, err)
	}
	id := cmttypes.BlockID{Hash: b.Hash(), PartSetHeader: parts.Header()}
	c.next = b.Time.Add(c.config.BlockTime)
	seen, err := c.vote(height, id, c.next)
	if err != nil {
		return err
	}
	c.blocks.SaveBlock(b, parts, seen.ToCommit())
	if c.state, err = c.exec.ApplyBlock(c.state, id, b); err != nil {
		return fmt.Errorf("execute block %d: %w", height, err)
	}
	c.tell(b)
	return nil
}

// vote is the validator's signature under a block. The time that it states is that of the block
// after: CometBFT takes the time of a block from the votes about the one before.
func (c *Chain) vote(height int64, id cmttypes.BlockID, at time.Time) (*cmttypes.ExtendedCommit, error) {
	if height == 0 {
		return &cmttypes.ExtendedCommit{}, nil // nobody has voted before the first block
	}
	v := &cmttypes.Vote{
		Type: cmtproto.PrecommitType, Height: height, BlockID: id, Timestamp: at, ValidatorAddress: c.key.PubKey().Address(),
	}
	var err error
	if v.Signature, err = c.key.Sign(cmttypes.VoteSignBytes(c.config.ChainID, v.ToProto())); err != nil {
		return nil, fmt.Errorf("sign block %d: %w", height, err)
	}
	return &cmttypes.ExtendedCommit{
		Height: height, BlockID: id, ExtendedSignatures: []cmttypes.ExtendedCommitSig{v.ExtendedCommitSig()},
	}, nil
}

// tell notes where a block's transactions are and wakes who follows the chain.
func (c *Chain) tell(b *cmttypes.Block) {
	// The executor brings the mempool up to date in a goroutine, which holds this lock.
	c.pool.Lock()
	c.pool.Unlock() //nolint:staticcheck // to wait, not to guard
	for i, tx := range b.Txs {
		c.txs[string(tx.Hash())] = place{b.Height, i}
	}
	close(c.made)
	c.made = make(chan struct{})
}

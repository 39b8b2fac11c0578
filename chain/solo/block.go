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
	last, err := c.sign(c.state.LastBlockHeight, c.state.LastBlockID, c.state.LastValidators, c.next)
	if err != nil {
		return err
	}
	b, err := c.exec.CreateProposalBlock(context.Background(), height, c.state, last,
		c.state.Validators.GetProposer().Address)
	if err != nil {
		return fmt.Errorf("propose block %d: %w", height, err)
	}
	parts, err := b.MakePartSet(cmttypes.BlockPartSizeBytes)
	if err != nil {
		return fmt.Errorf("cut block %d into parts: %w", height, err)
	}
	id := cmttypes.BlockID{Hash: b.Hash(), PartSetHeader: parts.Header()}
	c.next = b.Time.Add(c.config.BlockTime)
	seen, err := c.sign(height, id, c.state.Validators, c.next)
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

// sign is what the validators sign under a block. The time that they state is that of the block
// after: CometBFT takes the time of a block from the votes about the one before.
func (c *Chain) sign(
	height int64, id cmttypes.BlockID, by *cmttypes.ValidatorSet, at time.Time,
) (*cmttypes.ExtendedCommit, error) {
	all := &cmttypes.ExtendedCommit{Height: height, BlockID: id}
	if height == 0 {
		return all, nil // before the first block there was none to sign
	}
	for i, validator := range by.Validators {
		key, ok := c.keys[string(validator.Address)]
		if !ok {
			all.ExtendedSignatures = append(all.ExtendedSignatures, cmttypes.NewExtendedCommitSigAbsent())
			continue
		}
		vote := &cmttypes.Vote{
			Type: cmtproto.PrecommitType, Height: height, BlockID: id, Timestamp: at,
			ValidatorAddress: validator.Address, ValidatorIndex: int32(i),
		}
		var err error
		state := c.app.NewContext(true).WithChainID(c.config.ChainID)
		if vote.Extension, err = c.app.Extension(state, height, key); err != nil {
			return nil, fmt.Errorf("extend the vote for block %d: %w", height, err)
		}
		extension := cmttypes.VoteExtensionSignBytes(c.config.ChainID, vote.ToProto())
		if vote.ExtensionSignature, err = key.Sign(extension); err != nil {
			return nil, fmt.Errorf("sign the extension of the vote for block %d: %w", height, err)
		}
		if vote.Signature, err = key.Sign(cmttypes.VoteSignBytes(c.config.ChainID, vote.ToProto())); err != nil {
			return nil, fmt.Errorf("sign block %d: %w", height, err)
		}
		all.ExtendedSignatures = append(all.ExtendedSignatures, vote.ExtendedCommitSig())
	}
	return all, nil
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

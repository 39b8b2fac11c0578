package solo

import (
	"context"
	"fmt"

	abci "github.com/cometbft/cometbft/abci/types"
	cmtbytes "github.com/cometbft/cometbft/libs/bytes"
	"github.com/cometbft/cometbft/mempool"
	"github.com/cometbft/cometbft/p2p"
	rpcclient "github.com/cometbft/cometbft/rpc/client"
	ctypes "github.com/cometbft/cometbft/rpc/core/types"
	cmttypes "github.com/cometbft/cometbft/types"
)

// Status tells the chain's id and height.
func (c *Chain) Status(context.Context) (*ctypes.ResultStatus, error) {
	return &ctypes.ResultStatus{
		NodeInfo: p2p.DefaultNodeInfo{Network: c.config.ChainID},
		SyncInfo: ctypes.SyncInfo{LatestBlockHeight: c.Height(), LatestBlockTime: c.Time()},
	}, nil
}

// ABCIQueryWithOptions asks the application.
func (c *Chain) ABCIQueryWithOptions(
	ctx context.Context, path string, data cmtbytes.HexBytes, o rpcclient.ABCIQueryOptions,
) (*ctypes.ResultABCIQuery, error) {
	r, err := c.conns.Query().Query(ctx, &abci.RequestQuery{Path: path, Data: data, Height: o.Height, Prove: o.Prove})
	if err != nil {
		return nil, err
	}
	return &ctypes.ResultABCIQuery{Response: *r}, nil
}

// BroadcastTxSync checks a transaction and lets it wait for a block.
func (c *Chain) BroadcastTxSync(_ context.Context, tx cmttypes.Tx) (*ctypes.ResultBroadcastTx, error) {
	var r *abci.ResponseCheckTx
	err := c.pool.CheckTx(tx, func(checked *abci.ResponseCheckTx) { r = checked }, mempool.TxInfo{})
	if err != nil {
		return nil, err
	}
	return &ctypes.ResultBroadcastTx{Code: r.Code, Data: r.Data, Log: r.Log, Codespace: r.Codespace, Hash: tx.Hash()}, nil
}

// Tx finds what became of a transaction. It gives no proof that the transaction is in its block.
func (c *Chain) Tx(_ context.Context, hash []byte, _ bool) (*ctypes.ResultTx, error) {
	c.mu.Lock()
	at, ok := c.txs[string(hash)]
	c.mu.Unlock()
	if !ok {
		return nil, fmt.Errorf("transaction %X is in no block", hash)
	}
	r, err := c.states.LoadFinalizeBlockResponse(at.height)
	if err != nil {
		return nil, err
	}
	return &ctypes.ResultTx{
		Hash: hash, Height: at.height, Index: uint32(at.index), TxResult: *r.TxResults[at.index],
		Tx: c.blocks.LoadBlock(at.height).Txs[at.index],
	}, nil
}

// Block is a block.
func (c *Chain) Block(_ context.Context, height *int64) (*ctypes.ResultBlock, error) {
	h, err := c.at(height)
	if err != nil {
		return nil, err
	}
	return &ctypes.ResultBlock{BlockID: c.blocks.LoadBlockMeta(h).BlockID, Block: c.blocks.LoadBlock(h)}, nil
}

// BlockResults is what a block's transactions and its end did.
func (c *Chain) BlockResults(_ context.Context, height *int64) (*ctypes.ResultBlockResults, error) {
	h, err := c.at(height)
	if err != nil {
		return nil, err
	}
	r, err := c.states.LoadFinalizeBlockResponse(h)
	if err != nil {
		return nil, err
	}
	return &ctypes.ResultBlockResults{
		Height: h, TxsResults: r.TxResults, FinalizeBlockEvents: r.Events, ValidatorUpdates: r.ValidatorUpdates,
		ConsensusParamUpdates: r.ConsensusParamUpdates, AppHash: r.AppHash,
	}, nil
}

// Commit is a block's header and the signatures under it.
func (c *Chain) Commit(_ context.Context, height *int64) (*ctypes.ResultCommit, error) {
	h, err := c.at(height)
	if err != nil {
		return nil, err
	}
	header := c.blocks.LoadBlockMeta(h).Header
	if commit := c.blocks.LoadBlockCommit(h); commit != nil {
		return ctypes.NewResultCommit(&header, commit, true), nil
	}
	return ctypes.NewResultCommit(&header, c.blocks.LoadSeenCommit(h), false), nil
}

// Validators are those who sign a block. There is one page.
func (c *Chain) Validators(_ context.Context, height *int64, _, _ *int) (*ctypes.ResultValidators, error) {
	h, err := c.at(height)
	if err != nil {
		return nil, err
	}
	set, err := c.states.LoadValidators(h)
	if err != nil {
		return nil, err
	}
	return &ctypes.ResultValidators{BlockHeight: h, Validators: set.Validators, Count: set.Size(), Total: set.Size()}, nil
}

// Follow tells the last height, and each new one, until ctx ends.
func (c *Chain) Follow(ctx context.Context, tell func(height int64) error) error {
	for {
		c.mu.Lock()
		height, made := c.state.LastBlockHeight, c.made
		c.mu.Unlock()
		if err := tell(height); err != nil {
			return err
		}
		select {
		case <-made:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// at is a height that there is a block of; nil is the last.
func (c *Chain) at(height *int64) (int64, error) {
	last := c.Height()
	if height == nil {
		return last, nil
	}
	if *height < 1 || *height > last {
		return 0, fmt.Errorf("there is no block %d: the last is %d", *height, last)
	}
	return *height, nil
}

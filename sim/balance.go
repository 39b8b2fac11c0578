package sim

import (
	"context"

	abci "github.com/cometbft/cometbft/abci/types"
	ctypes "github.com/cometbft/cometbft/rpc/core/types"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/minga-network/minga/chain"
)

// blocks are what a node knows of the past.
type blocks interface {
	Status(ctx context.Context) (*ctypes.ResultStatus, error)
	BlockResults(ctx context.Context, height *int64) (*ctypes.ResultBlockResults, error)
}

// Balance is how many uminga somebody has, with what it has paid for its transactions: tests
// reckon with what jobs move, and gas is not a matter of theirs.
func (v *Village) Balance(p *Person) int64 {
	v.Helper()
	paid := v.gasPaid(p)
	b, err := banktypes.NewQueryClient(v.Client).Balance(v.Ctx,
		&banktypes.QueryBalanceRequest{Address: p.Signer.String(), Denom: chain.Denom})
	require.NoError(v, err)
	if again := v.gasPaid(p); !again.Equal(paid) {
		return v.Balance(p) // it has sent something meanwhile
	}
	return b.Balance.Amount.Add(paid).Int64()
}

// gasPaid is what somebody has paid for its transactions since the beginning.
func (v *Village) gasPaid(p *Person) math.Int {
	v.Helper()
	node, err := v.backend.blocks()
	require.NoError(v, err)
	status, err := node.Status(v.Ctx)
	require.NoError(v, err)
	sum := math.ZeroInt()
	for height := int64(1); height <= status.SyncInfo.LatestBlockHeight; height++ {
		r, err := node.BlockResults(v.Ctx, &height)
		require.NoError(v, err)
		for _, tx := range r.TxsResults {
			sum = sum.Add(v.fee(tx.Events, p.Signer.String()))
		}
	}
	return sum
}

// fee is what a transaction cost somebody, by its events.
func (v *Village) fee(events []abci.Event, payer string) math.Int {
	v.Helper()
	for _, event := range events {
		e := sdk.Event(event)
		fee, found := e.GetAttribute(sdk.AttributeKeyFee)
		by, _ := e.GetAttribute(sdk.AttributeKeyFeePayer)
		if e.Type != sdk.EventTypeTx || !found || by.Value != payer {
			continue
		}
		coins, err := sdk.ParseCoinsNormalized(fee.Value)
		require.NoError(v, err)
		return coins.AmountOf(chain.Denom)
	}
	return math.ZeroInt()
}

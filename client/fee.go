package client

import (
	"context"
	"errors"
	"fmt"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/minga-network/minga/x/gas"
)

// MaxFee is the most that a transaction may cost unless a Client is told otherwise, in
// uminga: what 20 M gas cost at the price that a chain begins with, a tenth of what a block
// has room for.
const MaxFee = 20_000

// ErrMaxFee means that a node asks for a higher fee than may be paid. It may lie: what gas a
// transaction needs and what gas costs is only what the node says.
var ErrMaxFee = errors.New("the fee is too high")

// fee is what so much gas costs: the price of SetGasPrice or the chain's least, whichever is more.
func (c *Client) fee(ctx context.Context, limit uint64) (sdk.Coins, error) {
	r, err := gas.NewQueryClient(c).Params(ctx, &gas.QueryParamsRequest{})
	if err == nil {
		err = r.Params.Check()
	}
	if err != nil {
		return nil, fmt.Errorf("ask for the price of gas: %w", err)
	}
	c.mu.Lock()
	price := math.LegacyMaxDec(c.gasPrice, r.Params.MinPrice)
	c.mu.Unlock()
	amount := price.MulInt(math.NewIntFromUint64(limit)).Ceil().TruncateInt()
	fee := sdk.NewCoins(sdk.NewCoin(Denom, amount))
	return fee, c.affordable(fee, limit)
}

// affordable refuses a fee that is over the most that may be paid.
func (c *Client) affordable(fee sdk.Coins, limit uint64) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if fee.AmountOf(Denom).GT(c.maxFee) {
		return fmt.Errorf("%w: the node wants %s for %d gas, and %s%s is the most to pay: ask another node by --node, or "+
			"allow it by --max-fee", ErrMaxFee, fee, limit, c.maxFee, Denom)
	}
	return nil
}

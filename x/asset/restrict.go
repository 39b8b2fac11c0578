package asset

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// SendRestriction settles both sides before shares move, and keeps shares that are not
// vested (vest.go) from moving; it never redirects a send. Module accounts that refuse plain
// sends get no shares in any other way either: as fees or in the pools of x/distribution
// nobody could use their income, and each block and each delegator would pay for every
// asset that is there.
// The app appends it to the bank keeper. x/bank calls it once for each send and each
// output of a MultiSend, before any balance changes, for users and modules alike.
// A send to oneself, or two outputs to one account, settle twice: the second changes
// nothing. Other coins pass at no cost.
//
// x/bank moves coins past it in three ways, none of which is open for shares: only
// issue mints them, no message burns coins, and staking moves nothing but its own coin.
// (Were shares burned all the same, their income would be stranded, never overpaid.)
func (k Keeper) SendRestriction(ctx context.Context, from, to sdk.AccAddress, amt sdk.Coins) (sdk.AccAddress, error) {
	for _, c := range amt {
		id, ok := ParseDenom(c.Denom)
		if !ok {
			continue
		}
		if k.bank.BlockedAddr(to) {
			return nil, ErrUseless.Wrapf("the module account %s takes no %s: pay in %s", to, c.Denom, money)
		}
		if _, err := k.settle(ctx, id, from); err != nil {
			return nil, err
		}
		if _, err := k.settle(ctx, id, to); err != nil {
			return nil, err
		}
		if err := k.pass(ctx, id, from, to, c.Amount); err != nil {
			return nil, err
		}
	}
	return to, nil
}

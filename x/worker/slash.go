package worker

import (
	"context"

	"cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Reward is a part of a slashed stake that goes to someone, in uminga.
type Reward struct {
	To     string
	Amount math.Int
}

// Slash takes amount, or all there is, from a worker's stake and from what is
// locked of it: a job slashes only what it locked, and unlocks the rest itself.
// Rewards are paid in their order as far as the amount reaches; the rest is burned.
func (k Keeper) Slash(ctx context.Context, addr string, amount math.Int, to []Reward) error {
	account, w, err := k.load(ctx, addr)
	if err != nil {
		return err
	}
	taken := math.MinInt(amount, w.Stake)
	left := taken
	for _, r := range to {
		part := math.MinInt(r.Amount, left)
		if err := k.reward(ctx, r.To, part); err != nil {
			return err
		}
		left = left.Sub(part)
	}
	if left.IsPositive() {
		if err := k.bank.BurnCoins(ctx, Name, coins(left)); err != nil {
			return err
		}
	}
	w.Stake = w.Stake.Sub(taken)
	w.Locked = w.Locked.Sub(math.MinInt(taken, w.Locked))
	if err := k.reweigh(ctx, w, w); err != nil {
		return err
	}
	if err := k.saveFreed(ctx, account, w); err != nil {
		return err
	}
	return sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(
		&EventSlashed{Worker: w.Address, Amount: taken.String() + Coin})
}

func (k Keeper) reward(ctx context.Context, to string, amount math.Int) error {
	account, err := k.addr.StringToBytes(to)
	if err != nil || amount.IsZero() {
		return err
	}
	return k.bank.SendCoinsFromModuleToAccount(ctx, Name, account, coins(amount))
}

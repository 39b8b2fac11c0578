package worker

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Update replaces offers and endpoint and may add stake. Jobs already taken keep
// the price they were taken at.
func (k Keeper) Update(ctx context.Context, msg *MsgUpdate) (*MsgUpdateResponse, error) {
	account, w, err := k.load(ctx, msg.Worker)
	if err != nil {
		return nil, err
	}
	if err := checkOffers(msg.Offers, msg.Endpoint); err != nil {
		return nil, err
	}
	if msg.AddStake.IsNil() || msg.AddStake.IsNegative() {
		return nil, ErrStake.Wrap("add_stake: give 0 or more; stake is taken out by unbonding")
	}
	if err := k.bank.SendCoinsFromAccountToModule(ctx, account, Name, coins(msg.AddStake)); err != nil {
		return nil, err
	}
	if err := k.unrank(ctx, w); err != nil {
		return nil, err
	}
	before := w
	w.Offers, w.Endpoint, w.Stake = msg.Offers, msg.Endpoint, w.Stake.Add(msg.AddStake)
	if err := k.rank(ctx, account, w); err != nil {
		return nil, err
	}
	if err := k.reweigh(ctx, before, w); err != nil {
		return nil, err
	}
	if err := k.Workers.Set(ctx, account, w); err != nil {
		return nil, err
	}
	return &MsgUpdateResponse{}, sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(
		&EventUpdated{Worker: w.Address, Stake: w.Stake.String() + Coin})
}

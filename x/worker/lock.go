package worker

import (
	"context"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Free is the part of the stake that stands behind no job, in uminga.
func (w Worker) Free() math.Int { return w.Stake.Sub(w.Locked) }

// Lock puts amount of a worker's free stake behind a job. It fails with ErrLeaving
// for a worker that is unbonding and ErrStake for one with too little.
func (k Keeper) Lock(ctx context.Context, addr string, amount math.Int) error {
	account, w, err := k.load(ctx, addr)
	if err != nil {
		return err
	}
	if w.Release != 0 {
		return ErrLeaving.Wrapf("%s takes no new work: register again once the stake is paid back", addr)
	}
	if amount.IsNegative() || w.Free().LT(amount) {
		return ErrStake.Wrapf("%s has %s%s free of the %s%s needed: add stake, or wait until a job ends", addr, w.Free(),
			Coin, amount, Coin)
	}
	w.Locked = w.Locked.Add(amount)
	return k.Workers.Set(ctx, account, w)
}

// Unlock frees what Lock took.
func (k Keeper) Unlock(ctx context.Context, addr string, amount math.Int) error {
	account, w, err := k.load(ctx, addr)
	if err != nil {
		return err
	}
	if amount.IsNegative() || w.Locked.LT(amount) {
		return ErrStake.Wrapf("%s has only %s%s locked, not %s%s", addr, w.Locked, Coin, amount, Coin)
	}
	w.Locked = w.Locked.Sub(amount)
	return k.saveFreed(ctx, account, w)
}

// saveFreed writes a worker that has less locked than before. EndBlock drops
// leavers that are still locked from its queue: the last lock to go puts them back.
func (k Keeper) saveFreed(ctx context.Context, account sdk.AccAddress, w Worker) error {
	if w.Release != 0 && w.Locked.IsZero() {
		if err := k.Leaving.Set(ctx, collections.Join(w.Release, account)); err != nil {
			return err
		}
	}
	return k.Workers.Set(ctx, account, w)
}

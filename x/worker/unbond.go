package worker

import (
	"context"
	stderrors "errors"
	"fmt"

	"cosmossdk.io/collections"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

// releases is how many stakes are paid back in one block at most; the others wait a block.
const releases = 100

// retry is how many blocks a stake waits that the bank refused to pay.
const retry = 1000

// Unbond leaves: no new jobs from now on, and the stake back after unbond_blocks.
func (k Keeper) Unbond(ctx context.Context, msg *MsgUnbond) (*MsgUnbondResponse, error) {
	account, w, err := k.load(ctx, msg.Worker)
	if err != nil {
		return nil, err
	}
	if w.Release != 0 {
		return nil, ErrLeaving.Wrapf("%s already: its stake is paid back from height %d, once no job locks it", w.Address,
			w.Release)
	}
	p, err := k.params(ctx)
	if err != nil {
		return nil, err
	}
	w.Release = height(ctx) + p.UnbondBlocks
	if err := k.reweigh(ctx, w, w); err != nil {
		return nil, err
	}
	if err := k.Workers.Set(ctx, account, w); err != nil {
		return nil, err
	}
	if err := k.Leaving.Set(ctx, collections.Join(w.Release, account)); err != nil {
		return nil, err
	}
	return &MsgUnbondResponse{Release: w.Release}, sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(
		&EventUnbonding{Worker: w.Address, Release: w.Release})
}

// EndBlock pays back the stakes that are due, the earliest first.
func (k Keeper) EndBlock(ctx context.Context) error {
	due, err := k.leavers(ctx)
	if err != nil {
		return err
	}
	for _, key := range due {
		if err := k.Leaving.Remove(ctx, key); err != nil {
			return err
		}
		w, err := k.Workers.Get(ctx, key.K2())
		if stderrors.Is(err, collections.ErrNotFound) {
			continue // it had two entries, and was paid back by the first
		}
		if err != nil {
			return err
		}
		if w.Release == 0 || w.Release > height(ctx) {
			continue // that one was paid back, and has registered again since
		}
		if w.Locked.IsPositive() {
			continue // saveFreed puts it back into the queue when its last job ends.
		}
		if err := k.release(ctx, key.K2(), w); err != nil {
			return err
		}
	}
	return nil
}

// leavers are the first entries of the queue that are due now.
func (k Keeper) leavers(ctx context.Context) ([]collections.Pair[int64, sdk.AccAddress], error) {
	var due []collections.Pair[int64, sdk.AccAddress]
	until := collections.NewPrefixUntilPairRange[int64, sdk.AccAddress](height(ctx))
	err := k.Leaving.Walk(ctx, until, func(key collections.Pair[int64, sdk.AccAddress]) (bool, error) {
		due = append(due, key)
		return len(due) == releases, nil
	})
	return due, err
}

// release pays a worker's stake back and forgets the worker. Should the bank
// refuse the payment, nothing changes and it is tried again later: one stake
// that cannot be paid must not stop the chain, be it by an error or by a panic.
func (k Keeper) release(ctx context.Context, account sdk.AccAddress, w Worker) error {
	outer := sdk.UnwrapSDKContext(ctx)
	inner, write := outer.CacheContext()
	if err := contained(func() error { return k.pay(inner, account, w) }); err != nil {
		outer.Logger().Error("stake not paid back", "worker", w.Address, "again_in", retry, "err", err)
		return k.Leaving.Set(ctx, collections.Join(height(ctx)+retry, account))
	}
	write()
	return nil
}

// contained turns a panic into an error.
func contained(do func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return do()
}

func (k Keeper) pay(ctx sdk.Context, account sdk.AccAddress, w Worker) error {
	if err := k.bank.SendCoinsFromModuleToAccount(ctx, Name, account, coins(w.Stake)); err != nil {
		return err
	}
	if err := k.unrank(ctx, w); err != nil {
		return err
	}
	if err := k.Members.Remove(ctx, w.Id); err != nil {
		return err
	}
	if err := k.Workers.Remove(ctx, account); err != nil {
		return err
	}
	return ctx.EventManager().EmitTypedEvent(&EventReleased{Worker: w.Address, Stake: w.Stake.String() + Coin})
}

package asset

import (
	"context"
	stderrors "errors"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// A train job may ask that the first shares of its model stay for a while with those who
// got them. Of F first shares of a holder, at height t between the mint and Asset.vested,
// F − ⌊F·(t − mint)/(vested − mint)⌋ are locked: the holder's balance may not fall below
// that. So shares that were bought later can always be sold, and income is never held back.
// The rule is the same for everybody, modules and the commons included: a proposal that
// spends from the commons cannot sell before those who wait.
//
// Lock.held, and not the bank's balance, is what a send is measured by: x/bank asks
// for each output of a MultiSend before it moves any of them, so that by the balance each
// of two halves alone would look like half. Every send of shares passes here and either
// fails as a whole or is carried out, so held is the balance between transactions.

// lock keeps the first shares of a new model from being sent before a.Vested.
func (k Keeper) lock(ctx context.Context, a Asset) error {
	if a.Vested <= a.Height {
		return nil
	}
	for _, p := range a.Parts {
		holder, err := k.account(p.Holder)
		if err != nil {
			return err
		}
		key := collections.Join(a.Id, holder)
		l, err := k.locks.Get(ctx, key)
		if err != nil && !stderrors.Is(err, collections.ErrNotFound) {
			return err
		}
		l = Lock{Shares: l.Shares + p.Shares, Held: l.Held + p.Shares, From: a.Height, Until: a.Vested}
		if l.Shares == 0 {
			continue
		}
		if err := k.locks.Set(ctx, key, l); err != nil {
			return err
		}
	}
	return nil
}

// lockOf returns a holder's lock and whether it still holds anything back.
func (k Keeper) lockOf(ctx context.Context, id uint64, holder sdk.AccAddress) (l Lock, locked bool, err error) {
	l, err = k.locks.Get(ctx, collections.Join(id, holder))
	if stderrors.Is(err, collections.ErrNotFound) {
		return Lock{}, false, nil
	}
	return l, sdk.UnwrapSDKContext(ctx).BlockHeight() < l.Until, err
}

// shares that may not be sent at a height.
func (l Lock) shares(height int64) uint64 {
	free := math.NewIntFromUint64(l.Shares).MulRaw(height - l.From).QuoRaw(l.Until - l.From)
	return l.Shares - free.Uint64()
}

// pass lets shares leave one holder for another, or says how many may.
func (k Keeper) pass(ctx context.Context, id uint64, from, to sdk.AccAddress, n math.Int) error {
	if from.Equals(to) || n.GT(math.NewInt(Shares)) { // x/bank refuses more than there are
		return nil
	}
	if err := k.leave(ctx, id, from, n); err != nil {
		return err
	}
	l, locked, err := k.lockOf(ctx, id, to)
	if err != nil || !locked {
		return err
	}
	l.Held += n.Uint64()
	return k.locks.Set(ctx, collections.Join(id, to), l)
}

// leave counts shares that a holder sends. A lock whose time is over is removed.
func (k Keeper) leave(ctx context.Context, id uint64, from sdk.AccAddress, n math.Int) error {
	key := collections.Join(id, from)
	l, locked, err := k.lockOf(ctx, id, from)
	if err != nil || l.Shares == 0 {
		return err
	}
	if !locked {
		return k.locks.Remove(ctx, key)
	}
	kept := l.shares(sdk.UnwrapSDKContext(ctx).BlockHeight())
	if free := max(l.Held, kept) - kept; n.GT(math.NewIntFromUint64(free)) {
		return ErrLocked.Wrapf("%s of %s: %d of the sender's %d are free now, all from height %d on", n, Denom(id), free,
			l.Held, l.Until)
	}
	l.Held -= n.Uint64()
	return k.locks.Set(ctx, key, l)
}

// Locked tells how many of a holder's shares may not be sent in this block.
func (q queries) Locked(ctx context.Context, req *QueryLockedRequest) (*QueryLockedResponse, error) {
	holder, err := q.account(req.Holder)
	if err != nil {
		return nil, err
	}
	if _, err = q.earned(ctx, req.Asset); err != nil {
		return nil, err
	}
	l, locked, err := q.lockOf(ctx, req.Asset, holder)
	if err != nil || !locked {
		return &QueryLockedResponse{}, err
	}
	kept := l.shares(sdk.UnwrapSDKContext(ctx).BlockHeight())
	return &QueryLockedResponse{Shares: min(kept, l.Held), Until: l.Until}, nil
}

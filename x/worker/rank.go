package worker

import (
	"context"
	"math"

	"cosmossdk.io/collections"
	sdkmath "cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Rank calls fn for each offer of a kind until it says stop: by rising price, then
// by record (fewer failed first, then more done), then by id. Workers that are
// leaving are among them. fn must not change workers; callers bound the walk.
func (k Keeper) Rank(ctx context.Context, kind Kind,
	fn func(w Worker, price sdkmath.Int) (stop bool, err error)) error {
	ofKind := collections.NewPrefixedQuadRange[string, uint64, uint64, uint64](string(kind))
	return k.Offers.Walk(ctx, ofKind, func(at place, account sdk.AccAddress) (bool, error) {
		w, err := k.Workers.Get(ctx, account)
		if err != nil {
			return true, err
		}
		return fn(w, sdkmath.NewIntFromUint64(at.K2()))
	})
}

// Record adds a job done, or one failed, and moves the worker's offers accordingly.
func (k Keeper) Record(ctx context.Context, addr string, done bool) error {
	account, w, err := k.load(ctx, addr)
	if err != nil {
		return err
	}
	if err := k.unrank(ctx, w); err != nil {
		return err
	}
	if done {
		w.Done++
	} else {
		w.Failed++
	}
	if err := k.rank(ctx, account, w); err != nil {
		return err
	}
	return k.Workers.Set(ctx, account, w)
}

func (k Keeper) rank(ctx context.Context, account sdk.AccAddress, w Worker) error {
	for _, o := range w.Offers {
		if err := k.Offers.Set(ctx, placeOf(w, o), account); err != nil {
			return err
		}
	}
	return nil
}

func (k Keeper) unrank(ctx context.Context, w Worker) error {
	for _, o := range w.Offers {
		if err := k.Offers.Remove(ctx, placeOf(w, o)); err != nil {
			return err
		}
	}
	return nil
}

// placeOf orders offers by their bytes as Rank promises. The record is one number:
// failed in the upper half, and in the lower half done counted downwards, so that
// the smaller number is the better record. Counts beyond 2^32 rank as 2^32-1.
func placeOf(w Worker, o Offer) place {
	failed, done := min(w.Failed, math.MaxUint32), min(w.Done, math.MaxUint32)
	return collections.Join4(string(o.Kind), o.Price.Uint64(), failed<<32|(math.MaxUint32-done), w.Id)
}

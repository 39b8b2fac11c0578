package asset

import (
	"context"
	stderrors "errors"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// A model that was trained from another, its base, owes the base's holders a part of all
// it earns: as many basis points as the base's own royalty says. What the base gets in
// this way it earns, so of that it owes its own base a part, and so on, all in the
// transaction of the deposit. A base exists before what is trained from it, so there are
// no circles.
//
// Of x that a model gets, with p basis points for its base:
//
//	base        ⌊x·p/10000⌋
//	the model   ⌊x·(10000−p)/10000⌋
//	commons     the rest, 0 or 1 uminga, which neither may round up to itself
//
// The three sum to x, so the parts of all levels and the commons' sum to the deposit.
// After maxDepth steps up the model reached keeps all it gets: a chain of models may be
// longer, but no deposit costs more than that.

// basis is how many points are everything.
const basis = 10_000

// royaltyTo says what a model to be minted will owe its base.
func (k Keeper) royaltyTo(ctx context.Context, m Asset) (Royalty, error) {
	if m.Base == 0 {
		return Royalty{}, nil
	}
	base, err := k.Get(ctx, m.Base)
	if err != nil {
		return Royalty{}, err
	}
	if base.Kind != KindModel {
		return Royalty{}, ErrInvalid.Wrapf("base %s is a dataset: name the model to train from", Denom(m.Base))
	}
	return Royalty{Base: m.Base, Points: base.Royalty}, nil
}

// share divides what has come in for an asset between its holders and those it owes.
func (k Keeper) share(ctx context.Context, id uint64, amount math.Int, job uint64) error {
	dust := math.ZeroInt()
	for range maxDepth {
		owed, err := k.royalties.Get(ctx, id)
		if stderrors.Is(err, collections.ErrNotFound) || amount.IsZero() {
			break
		}
		if err != nil {
			return err
		}
		up := amount.MulRaw(int64(owed.Points)).QuoRaw(basis)
		kept := amount.MulRaw(basis - int64(owed.Points)).QuoRaw(basis)
		rest := amount.Sub(up).Sub(kept)
		if err = k.credit(ctx, id, kept); err != nil {
			return err
		}
		err = sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(&EventRoyalty{
			Asset: id, Base: owed.Base, Amount: up.String() + money, Commons: rest.String() + money, Job: job})
		if err != nil {
			return err
		}
		id, amount, dust = owed.Base, up, dust.Add(rest)
	}
	if err := k.credit(ctx, id, amount); err != nil || dust.IsZero() {
		return err
	}
	return k.bank.SendCoinsFromModuleToAccount(ctx, Name, CommonsAddress(), coins(money, dust))
}

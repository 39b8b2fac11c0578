package asset

import (
	"context"
	stderrors "errors"
	"fmt"
	"slices"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
)

// roles are the reasons why somebody gets first shares.
var roles = []string{"data", "compute", "creator", "commons"}

// MintModel registers the model that a train job made and gives out its shares by m.Parts. The caller fills in name,
// creator, root, bytes, licence, parents, state, job, parts and, as wanted, vested, royalty, attribution and base; the
// module the rest. A file belongs to the model that was claimed first, for ever: otherwise its owners and those it
// owes royalties could be left out by minting it again. m.Since is the height of the claim that made the file. Errors:
// ErrExists, if a model that was claimed no later has the file.
func (k Keeper) MintModel(ctx context.Context, m Asset) (uint64, error) {
	if m.Kind != KindModel {
		return 0, ErrInvalid.Wrapf("kind %s: a train job mints a model", m.Kind)
	}
	if m.Royalty > basis || m.Attribution > basis || m.Vested < 0 {
		return 0, ErrInvalid.Wrapf("royalty %d, attribution %d, vested %d: give at most %d basis points each and a height",
			m.Royalty, m.Attribution, m.Vested, basis)
	}
	if err := k.check(ctx, m); err != nil {
		return 0, err
	}
	if err := k.checkParts(m.Parts); err != nil {
		return 0, err
	}
	if err := k.checkFirst(ctx, m); err != nil {
		return 0, err
	}
	if m.Price.IsNil() {
		m.Price = math.ZeroInt()
	}
	owed, err := k.royaltyTo(ctx, m)
	if err != nil {
		return 0, err
	}
	id, err := k.add(ctx, m)
	if err != nil || owed.Points == 0 {
		return id, err
	}
	return id, k.royalties.Set(ctx, id, owed)
}

// checkFirst refuses a file that a model has which was claimed no later. By the height of its posting a job could lie
// in wait for somebody's file.
func (k Keeper) checkFirst(ctx context.Context, m Asset) error {
	id, err := k.ModelOf(ctx, m.Root)
	if err != nil || id == 0 {
		return err
	}
	standing, err := k.assets.Get(ctx, id)
	if err == nil && standing.Since <= m.Since {
		err = ErrExists.Wrapf("%s has this file already", Denom(id))
	}
	return err
}

// ModelOf returns the model that a file belongs to, 0 if there is none.
func (k Keeper) ModelOf(ctx context.Context, root []byte) (uint64, error) {
	id, err := k.models.Get(ctx, root)
	if stderrors.Is(err, collections.ErrNotFound) {
		return 0, nil
	}
	return id, err
}

// checkParts wants every share given to somebody, for a known reason.
func (k Keeper) checkParts(parts []Part) error {
	left := uint64(Shares)
	for _, p := range parts {
		if _, err := k.account(p.Holder); err != nil {
			return err
		}
		if !slices.Contains(roles, p.Role) {
			return ErrInvalid.Wrapf("part of %s has role %q: give one of %q", p.Holder, p.Role, roles)
		}
		// Comparing before subtracting, so that no sum of large parts wraps round to Shares.
		if p.Shares > left {
			return ErrInvalid.Wrapf("parts sum to more than %d shares", uint64(Shares))
		}
		left -= p.Shares
	}
	if left != 0 {
		return ErrInvalid.Wrapf("parts leave %d of %d shares: give each to somebody", left, uint64(Shares))
	}
	return nil
}

// add stores a checked asset under the next id and gives out its shares.
func (k Keeper) add(ctx context.Context, a Asset) (uint64, error) {
	last, err := k.last.Next(ctx)
	if err != nil {
		return 0, err
	}
	a.Id, a.Shares, a.Height = last+1, Shares, sdk.UnwrapSDKContext(ctx).BlockHeight()
	if err := k.store(ctx, a); err != nil {
		return 0, err
	}
	if err := k.issue(ctx, a); err != nil {
		return 0, err
	}
	return a.Id, sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(
		&EventRegistered{Asset: a.Id, Kind: a.Kind, Creator: a.Creator, Name: a.Name, Job: a.Job})
}

// store writes the record, with nothing earned yet.
func (k Keeper) store(ctx context.Context, a Asset) error {
	a.Income, a.Paid = math.ZeroInt(), math.ZeroInt()
	if err := k.income.Set(ctx, a.Id, a.Income); err != nil {
		return err
	}
	if err := k.paid.Set(ctx, a.Id, a.Paid); err != nil {
		return err
	}
	if err := k.own(ctx, a); err != nil {
		return err
	}
	return k.assets.Set(ctx, a.Id, a)
}

// own lets an asset have its root: a dataset if no other has it, a model always, as it was the first.
func (k Keeper) own(ctx context.Context, a Asset) error {
	if a.Kind == KindModel {
		return k.models.Set(ctx, a.Root, a.Id)
	}
	_, err := k.roots.Get(ctx, a.Root)
	if stderrors.Is(err, collections.ErrNotFound) {
		return k.roots.Set(ctx, a.Root, a.Id)
	}
	return err
}

// issue mints the shares and sends each part to its holder. It is the only place that
// mints. The commons' part goes to its address rather than to its name: x/bank would
// panic by name if somebody's plain send had made an ordinary account there before.
func (k Keeper) issue(ctx context.Context, a Asset) error {
	denom := Denom(a.Id)
	if err := k.bank.MintCoins(ctx, Name, coins(denom, math.NewInt(Shares))); err != nil {
		return err
	}
	for _, p := range a.Parts {
		if p.Shares == 0 {
			continue
		}
		to, err := k.account(p.Holder)
		if err != nil {
			return err
		}
		err = k.bank.SendCoinsFromModuleToAccount(ctx, Name, to, coins(denom, math.NewIntFromUint64(p.Shares)))
		if err != nil {
			return err
		}
	}
	k.bank.SetDenomMetaData(ctx, metadata(a))
	return k.lock(ctx, a)
}

// metadata is what wallets show of an asset's shares. One display unit is one share:
// people, the command line and this module then speak of the same number.
func metadata(a Asset) banktypes.Metadata {
	kind := "dataset"
	if a.Kind == KindModel {
		kind = "model"
	}
	denom := Denom(a.Id)
	return banktypes.Metadata{
		Description: fmt.Sprintf("Shares of the %s %s: %d in all", kind, denom, uint64(Shares)),
		Base:        denom,
		Display:     denom,
		DenomUnits:  []*banktypes.DenomUnit{{Denom: denom, Exponent: 0}},
		Name:        a.Name,
		Symbol:      fmt.Sprintf("ASSET-%d", a.Id),
	}
}

// coins is one coin as x/bank wants it.
func coins(denom string, amount math.Int) sdk.Coins {
	return sdk.NewCoins(sdk.NewCoin(denom, amount))
}

package asset

import (
	"context"
	stderrors "errors"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Why nothing is rounded, and nobody is forgotten.
//
// Of an asset, let S be its shares (fixed), I all income so far and P all that was
// withdrawn. A holder h has b(h) shares in x/bank, and here s(h), the income it has
// seen, and f(h), its fractions: one uminga is S fractions. What h is owed is
//
//	owed(h) = f(h) + b(h)·(I − s(h))
//
// and the invariant is Σ owed(h) + S·P = S·I, over all holders. Each thing that can
// happen keeps it:
//   - a credit of X, a deposit or the asset's part of one, adds b(h)·X to every owed(h), together S·X as the b(h) sum
//     to S,
//     and S·X on the right. It writes one number, however many holders there are;
//   - settling h moves b(h)·(I − s(h)) into f(h) and sets s(h) = I: owed(h) is the same;
//   - a send of shares comes after both sides were settled: with I − s = 0 it does not
//     matter to either owed(h) what b(h) becomes;
//   - a withdrawal of w = ⌊f/S⌋ takes w·S from f(h) and adds w to P. The remainder, less
//     than one uminga, stays in f(h) and counts towards the next.
//
// All of it is sums and products of integers. As no owed(h) is negative, the module's
// account, which holds I − P, covers every withdrawal: w·S ≤ f(h) ≤ S·(I − P).
// A holder without a record has f = s = 0. That is right: it has had no shares, or none
// since before the first income, as receiving any later would have settled it.
//
// Numbers stay far under the 256 bits of math.Int: a deposit has at most 128 bits, so
// 2^60 of them make fractions of less than 188 + 30 bits.

// Deposit pays amount (uminga) from an account, that of a module included, to the
// asset's holders and, where it is a model trained from another, to those it owes
// royalties (royalty.go). job is the job that earned it, or 0. Nothing is done for
// amount 0.
func (k Keeper) Deposit(ctx context.Context, from sdk.AccAddress, id uint64, amount math.Int, job uint64) error {
	_, err := k.earned(ctx, id)
	switch {
	case err != nil:
		return err
	case !isAmount(amount):
		return ErrInvalid.Wrapf("deposit to asset %d: give an amount of %s of at most %d bits", id, money, maxBits)
	case amount.IsZero():
		return nil
	}
	if err = k.bank.SendCoinsFromAccountToModule(ctx, from, Name, coins(money, amount)); err != nil {
		return err
	}
	payer, err := k.addr.BytesToString(from)
	if err != nil {
		return err
	}
	err = sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(
		&EventDeposited{Asset: id, From: payer, Amount: amount.String() + money, Job: job})
	if err != nil {
		return err
	}
	return k.share(ctx, id, amount, job)
}

// credit adds to what an asset's holders have earned, however many they are.
func (k Keeper) credit(ctx context.Context, id uint64, amount math.Int) error {
	if amount.IsZero() {
		return nil
	}
	income, err := k.earned(ctx, id)
	if err != nil {
		return err
	}
	return k.income.Set(ctx, id, income.Add(amount))
}

// accrued returns a holding brought up to date, without storing it, and whether that changed it.
func (k Keeper) accrued(ctx context.Context, id uint64, holder sdk.AccAddress) (h Holding, changed bool, err error) {
	income, err := k.earned(ctx, id)
	if err != nil {
		return Holding{}, false, err
	}
	h, err = k.holdings.Get(ctx, collections.Join(id, holder))
	if stderrors.Is(err, collections.ErrNotFound) {
		h = Holding{Asset: id, Seen: math.ZeroInt(), Fractions: math.ZeroInt()}
		h.Holder, err = k.addr.BytesToString(holder)
	}
	if err != nil {
		return Holding{}, false, err
	}
	fresh := income.Sub(h.Seen)
	shares := k.bank.GetBalance(ctx, holder, Denom(id)).Amount
	h.Fractions = h.Fractions.Add(shares.Mul(fresh))
	h.Seen = income
	return h, !fresh.IsZero(), nil
}

// settle brings a holding up to date. It must run before the holder's shares change.
func (k Keeper) settle(ctx context.Context, id uint64, holder sdk.AccAddress) (Holding, error) {
	h, changed, err := k.accrued(ctx, id, holder)
	if err != nil || !changed {
		return h, err
	}
	return h, k.holdings.Set(ctx, collections.Join(id, holder), h)
}

// withdraw pays a holder its whole uminga and keeps the fractions below one.
func (k Keeper) withdraw(ctx context.Context, id uint64, holder sdk.AccAddress) (math.Int, error) {
	h, err := k.settle(ctx, id, holder)
	if err != nil {
		return math.Int{}, err
	}
	amount := h.Fractions.QuoRaw(Shares)
	if amount.IsZero() {
		return math.Int{}, ErrNothing.Wrapf("asset %d owes %s less than 1%s: wait until it earns more", id, h.Holder, money)
	}
	h.Fractions = h.Fractions.Sub(amount.MulRaw(Shares))
	if err = k.holdings.Set(ctx, collections.Join(id, holder), h); err != nil {
		return math.Int{}, err
	}
	paid, err := k.paid.Get(ctx, id)
	if err != nil {
		return math.Int{}, err
	}
	if err := k.paid.Set(ctx, id, paid.Add(amount)); err != nil {
		return math.Int{}, err
	}
	if err := k.bank.SendCoinsFromModuleToAccount(ctx, Name, holder, coins(money, amount)); err != nil {
		return math.Int{}, err
	}
	return amount, sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(
		&EventWithdrawn{Asset: id, Holder: h.Holder, Amount: amount.String() + money})
}

// Deposit pays income to an asset's holders from the sender's account.
func (m msgs) Deposit(ctx context.Context, msg *MsgDeposit) (*MsgDepositResponse, error) {
	from, err := m.account(msg.From)
	if err != nil {
		return nil, err
	}
	if !isAmount(msg.Amount) || msg.Amount.IsZero() {
		return nil, ErrInvalid.Wrapf("deposit to asset %d: give more than 0%s", msg.Asset, money)
	}
	return &MsgDepositResponse{}, m.Keeper.Deposit(ctx, from, msg.Asset, msg.Amount, 0)
}

// Withdraw pays the sender, or the commons, what an asset has earned for it.
func (m msgs) Withdraw(ctx context.Context, msg *MsgWithdraw) (*MsgWithdrawResponse, error) {
	name := msg.Holder
	if name == "" {
		name = msg.Sender
	}
	holder, err := m.account(name)
	if err != nil {
		return nil, err
	}
	if name != msg.Sender && !holder.Equals(CommonsAddress()) {
		return nil, ErrNotAllowed.Wrapf("income of %s: only the holder withdraws it, or anyone for the commons", name)
	}
	amount, err := m.withdraw(ctx, msg.Asset, holder)
	if err != nil {
		return nil, err
	}
	return &MsgWithdrawResponse{Amount: amount}, nil
}

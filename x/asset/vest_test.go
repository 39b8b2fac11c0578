package asset

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/minga-network/minga/x/ledgertest"
)

// vesting is a model whose first shares are all free at a height.
func (l *ledger) vesting(until int64, parts ...Part) uint64 {
	m := l.model(parts...)
	m.Vested = until
	id, err := l.k.MintModel(l.Ctx, m)
	require.NoError(l, err)
	return id
}

// try executes a transaction, as a whole or not at all.
func (l *ledger) try(op func(ctx sdk.Context) error) error {
	ctx, write := l.Ctx.CacheContext()
	err := op(ctx)
	if err == nil {
		write()
	}
	return err
}

func (l *ledger) trySend(from, to sdk.AccAddress, id uint64, shares int64) error {
	return l.try(func(ctx sdk.Context) error {
		return l.Bank.SendCoins(ctx, from, to, coins(Denom(id), math.NewInt(shares)))
	})
}

func (l *ledger) locked(id uint64, holder sdk.AccAddress) (shares uint64, until int64) {
	res, err := l.q.Locked(l.Ctx, &QueryLockedRequest{Asset: id, Holder: holder.String()})
	require.NoError(l, err)
	return res.Shares, res.Until
}

func TestFirstSharesBecomeFreeLinearly(t *testing.T) {
	for height, free := range map[int64]int64{42: 0, 43: 10_000_000, 67: 250_000_000, 141: 990_000_000, 142: Shares,
		500: Shares} {
		l := newLedger(t)
		ana, ben := l.User("ana"), l.User("ben")
		id := l.vesting(142, Part{Holder: ana.String(), Role: "compute", Shares: 400_000_000},
			Part{Holder: ana.String(), Role: "data", Shares: 600_000_000})
		l.at(height)
		if free < Shares {
			err := l.trySend(ana, ben, id, free+1)
			require.ErrorIs(t, err, ErrLocked)
			require.ErrorContains(t, err, fmt.Sprintf("%d of the sender's 1000000000 are free now, all from height 142 on",
				free))
			locked, until := l.locked(id, ana)
			require.Equal(t, []int64{Shares - free, 142}, []int64{int64(locked), until})
		} else {
			locked, until := l.locked(id, ana)
			require.Zero(t, locked)
			require.Zero(t, until)
		}
		if free > 0 {
			require.NoError(t, l.trySend(ana, ben, id, free))
		}
	}
}

func TestWhatWasBoughtLaterIsFree(t *testing.T) {
	l := newLedger(t)
	ana, ben, eva := l.User("ana"), l.User("ben"), l.User("eva")
	id := l.vesting(142, Part{Holder: ana.String(), Role: "compute", Shares: 600_000_000},
		Part{Holder: ben.String(), Role: "data", Shares: 400_000_000})
	l.at(92) // half of each is free
	require.NoError(t, l.trySend(ana, eva, id, 300_000_000))
	require.NoError(t, l.trySend(eva, ben, id, 100_000_000), "who has none of the first shares is free")
	require.NoError(t, l.trySend(ben, eva, id, 300_000_000), "100 million bought, 200 million vested")
	require.ErrorIs(t, l.trySend(ben, eva, id, 1), ErrLocked)
	require.NoError(t, l.trySend(ben, ben, id, 200_000_000), "to oneself nothing is lost")
	require.ErrorIs(t, l.trySend(ana, eva, id, 1), ErrLocked)
	l.at(102)
	require.NoError(t, l.trySend(ana, eva, id, 60_000_000))
	require.ErrorIs(t, l.trySend(ana, eva, id, 1), ErrLocked)
}

// x/bank asks about the outputs of a MultiSend one by one, all before any coin moves.
func TestManyOutputsDoNotUnlockMore(t *testing.T) {
	l := newLedger(t)
	ana, ben, eva := l.User("ana"), l.User("ben"), l.User("eva")
	id := l.vesting(142, Part{Holder: ana.String(), Role: "compute", Shares: Shares})
	l.at(92)
	multi := func(ns ...int64) error {
		in := banktypes.Input{Address: ana.String()}
		var outs []banktypes.Output
		for i, n := range ns {
			c := coins(Denom(id), math.NewInt(n))
			in.Coins = in.Coins.Add(c...)
			outs = append(outs, banktypes.Output{Address: []sdk.AccAddress{ben, eva, ana}[i%3].String(), Coins: c})
		}
		return l.try(func(ctx sdk.Context) error { return l.Bank.InputOutputCoins(ctx, in, outs) })
	}
	require.ErrorIs(t, multi(300_000_000, 300_000_000), ErrLocked)
	require.NoError(t, multi(200_000_000, 100_000_000, 500_000_000))
	require.ErrorIs(t, multi(100_000_000, 100_000_001), ErrLocked)
	require.NoError(t, multi(100_000_000, 100_000_000))
}

func TestTheCommonsVestsLikeEverybody(t *testing.T) {
	l := newLedger(t)
	ana := l.User("ana")
	id := l.vesting(142, Part{Holder: CommonsAddress().String(), Role: "commons", Shares: Shares})
	spend := func(n int64) error {
		return l.try(func(ctx sdk.Context) error {
			_, err := l.msg.Spend(ctx, &MsgSpend{Authority: ledgertest.Authority(), To: ana.String(),
				Amount: coins(Denom(id), math.NewInt(n))})
			return err
		})
	}
	require.ErrorIs(t, spend(1), ErrLocked)
	l.at(52)
	require.NoError(t, spend(100_000_000))
}

func TestIncomeIsNotHeldBack(t *testing.T) {
	l := newLedger(t)
	ana, eva := l.User("ana"), l.User("eva")
	id := l.vesting(142, Part{Holder: ana.String(), Role: "compute", Shares: Shares})
	l.deposit(eva, id, 1_000)
	require.Equal(t, int64(1_000), l.withdraw(ana, id))
	l.checkConserved()
}

func TestASendOfMoreThanThereAreOnlyFails(t *testing.T) {
	l := newLedger(t)
	ana, ben := l.User("ana"), l.User("ben")
	id := l.vesting(142, Part{Holder: ana.String(), Role: "compute", Shares: Shares})
	huge := coins(Denom(id), math.NewIntWithDecimal(1, 60))
	for _, from := range []sdk.AccAddress{ana, ben} {
		err := l.try(func(ctx sdk.Context) error { return l.Bank.SendCoins(ctx, from, ana, huge) })
		require.ErrorIs(t, err, sdkerrors.ErrInsufficientFunds)
	}
}

func TestNoVestingLeavesNoRecord(t *testing.T) {
	l := newLedger(t)
	ana, ben := l.User("ana"), l.User("ben")
	id := l.vesting(42, Part{Holder: ana.String(), Role: "compute", Shares: Shares})
	require.NoError(t, l.trySend(ana, ben, id, Shares))
	later := l.vesting(60, Part{Holder: ana.String(), Role: "compute", Shares: Shares})
	require.NoError(t, l.at(60).trySend(ana, ben, later, 1))
	it, err := l.k.locks.Iterate(l.Ctx, nil)
	require.NoError(t, err)
	keys, err := it.Keys()
	require.NoError(t, err)
	require.Empty(t, keys, "a lock goes when its time is over")
	m := l.model(Part{Holder: ana.String(), Role: "compute", Shares: Shares})
	m.Vested = -1
	_, err = l.k.MintModel(l.Ctx, m)
	require.ErrorIs(t, err, ErrInvalid)
}

// Random sends while shares vest, against plain arithmetic on balances.
func TestRandomSendsNeverGoBelowWhatIsLocked(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 1))
	l := newLedger(t)
	var who []sdk.AccAddress
	var parts []Part
	first, left := []int64{}, int64(Shares)
	for i, n := range []int64{300_000_000, 1, 0, 199_999_999, 500_000_000} {
		who = append(who, l.User(fmt.Sprint("holder", i)))
		parts = append(parts, Part{Holder: who[i].String(), Role: "data", Shares: uint64(n)})
		first, left = append(first, n), left-n
	}
	require.Zero(t, left)
	id := l.vesting(42+200, parts...)
	balance := append([]int64(nil), first...)
	refused, done := 0, 0
	for step := range 8_000 {
		height := 42 + int64(step)/35
		l.Ctx = l.Ctx.WithBlockHeight(height).WithEventManager(sdk.NewEventManager())
		from := rnd.IntN(5)
		outs := make([]int64, 5) // to each holder
		in := banktypes.Input{Address: who[from].String()}
		var list []banktypes.Output
		total := int64(0)
		for range 1 + rnd.IntN(3) {
			to, n := rnd.IntN(5), 1+rnd.Int64N(max(1, balance[from]/int64(1+rnd.IntN(4))))
			outs[to], total = outs[to]+n, total+n
			list = append(list, banktypes.Output{Address: who[to].String(), Coins: coins(Denom(id), math.NewInt(n))})
		}
		in.Coins = coins(Denom(id), math.NewInt(total))
		kept := first[from] - first[from]*min(height-42, 200)/200
		allowed := total <= balance[from] && balance[from]-(total-outs[from]) >= kept
		err := l.try(func(ctx sdk.Context) error { return l.Bank.InputOutputCoins(ctx, in, list) })
		require.Equal(t, allowed, err == nil, "step %d: %v", step, err)
		if err != nil {
			refused++
			continue
		}
		done++
		balance[from] -= total
		for to, n := range outs {
			balance[to] += n
			require.Equal(t, balance[to], l.Balance(who[to], Denom(id)).Int64())
		}
	}
	t.Logf("%d sends done, %d refused", done, refused)
	require.Greater(t, min(done, refused), 1_000)
}

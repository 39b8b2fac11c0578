package asset

import (
	"fmt"
	"testing"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
)

func TestIncomeGoesToWhoHeldTheSharesWhenItCame(t *testing.T) {
	l := newLedger(t)
	ana, ben, eva := l.User("ana"), l.User("ben"), l.User("eva")
	id := l.register(ana)
	l.deposit(eva, id, 100)           // ana holds all
	l.send(ana, ben, id, 250_000_000) // a quarter to ben
	l.deposit(eva, id, 1_000)         // 750 and 250
	l.send(ana, ben, id, 750_000_000) // ana sells the rest
	l.deposit(eva, id, 10)            // ben holds all
	require.Equal(t, int64(850), l.withdraw(ana, id))
	require.Equal(t, int64(260), l.withdraw(ben, id))
	require.Zero(t, l.withdraw(ana, id))
	require.Zero(t, l.withdraw(eva, id))
	l.checkConserved()
}

func TestSellingBackAndForthPaysNobodyTwice(t *testing.T) {
	l := newLedger(t)
	ana, ben, eva := l.User("ana"), l.User("ben"), l.User("eva")
	id := l.register(ana)
	l.deposit(eva, id, 1_000)
	for range 5 {
		l.send(ana, ben, id, Shares)
		require.Zero(t, l.withdraw(ben, id), "the buyer was paid the seller's income")
		l.send(ben, ana, id, Shares)
	}
	l.send(ana, ana, id, Shares)
	require.Equal(t, int64(1_000), l.withdraw(ana, id))
	l.send(ana, ben, id, Shares)
	require.Zero(t, l.withdraw(ben, id))
	l.checkConserved()
}

func TestFractionsAddUpToWholeCoins(t *testing.T) {
	l := newLedger(t)
	ana, ben, eva := l.User("ana"), l.User("ben"), l.User("eva")
	id := l.register(ana)
	l.send(ana, ben, id, 333_333_333)
	for range 3 { // ben earns 0.333333333 each time
		l.deposit(eva, id, 1)
		require.Zero(t, l.withdraw(ben, id))
	}
	l.deposit(eva, id, 1) // 1.333333332
	res, err := l.q.Income(l.Ctx, &QueryIncomeRequest{Asset: id, Holder: ben.String()})
	require.NoError(t, err)
	require.Equal(t, "1 333333332 1000000000", fmt.Sprint(res.Amount, " ", res.Fractions, " ", res.Shares))
	require.Equal(t, int64(1), l.withdraw(ben, id))
	l.checkConserved()
}

func TestDepositRefuses(t *testing.T) {
	l := newLedger(t)
	ana, poor := l.User("ana"), sdk.AccAddress("poor________________")
	id := l.register(ana)
	for name, c := range map[string]struct {
		msg  MsgDeposit
		want error
	}{
		"an unknown asset":  {MsgDeposit{From: ana.String(), Asset: 9, Amount: math.OneInt()}, ErrUnknown},
		"nothing":           {MsgDeposit{From: ana.String(), Asset: id, Amount: math.ZeroInt()}, ErrInvalid},
		"less than nothing": {MsgDeposit{From: ana.String(), Asset: id, Amount: math.NewInt(-1)}, ErrInvalid},
		"no amount":         {MsgDeposit{From: ana.String(), Asset: id}, ErrInvalid},
		"an amount that may overflow": {MsgDeposit{From: ana.String(), Asset: id, Amount: math.NewIntWithDecimal(1, 40)},
			ErrInvalid},
		"an address that is none": {MsgDeposit{From: "ana", Asset: id, Amount: math.OneInt()}, ErrInvalid},
		"more than the payer has": {MsgDeposit{From: poor.String(), Asset: id, Amount: math.OneInt()},
			sdkerrors.ErrInsufficientFunds},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := l.msg.Deposit(l.Ctx, &c.msg)
			require.ErrorIs(t, err, c.want)
		})
	}
	l.checkConserved()
}

func TestAModuleDepositsForAJob(t *testing.T) {
	l := newLedger(t)
	ana := l.User("ana")
	id := l.register(ana)
	require.NoError(t, l.Bank.SendCoinsFromAccountToModule(l.Ctx, ana, "job", coins(money, math.NewInt(70))))
	job := authtypes.NewModuleAddress("job")
	require.NoError(t, l.k.Deposit(l.Ctx, job, id, math.NewInt(70), 5))
	require.NoError(t, l.k.Deposit(l.Ctx, job, id, math.ZeroInt(), 6), "a free dataset is no special case")
	a, err := l.k.Get(l.Ctx, id)
	require.NoError(t, err)
	require.Equal(t, int64(70), a.Income.Int64())
	events := l.Ctx.EventManager().ABCIEvents()
	last, err := sdk.ParseTypedEvent(events[len(events)-1])
	require.NoError(t, err)
	require.Equal(t, &EventDeposited{Asset: id, From: job.String(), Amount: "70uminga", Job: 5}, last)
}

func TestWithdrawRefuses(t *testing.T) {
	l := newLedger(t)
	ana, ben := l.User("ana"), l.User("ben")
	id := l.register(ana)
	l.deposit(ben, id, 5)
	for name, c := range map[string]struct {
		msg  MsgWithdraw
		want error
	}{
		"an unknown asset":        {MsgWithdraw{Sender: ana.String(), Asset: 9}, ErrUnknown},
		"somebody else's income":  {MsgWithdraw{Sender: ben.String(), Asset: id, Holder: ana.String()}, ErrNotAllowed},
		"an address that is none": {MsgWithdraw{Sender: ben.String(), Asset: id, Holder: "ana"}, ErrInvalid},
		"who holds nothing":       {MsgWithdraw{Sender: ben.String(), Asset: id}, ErrNothing},
		"a commons without any": {MsgWithdraw{Sender: ben.String(), Asset: id, Holder: CommonsAddress().String()},
			ErrNothing},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := l.msg.Withdraw(l.Ctx, &c.msg)
			require.ErrorIs(t, err, c.want)
		})
	}
	res, err := l.msg.Withdraw(l.Ctx, &MsgWithdraw{Sender: ana.String(), Asset: id, Holder: ana.String()})
	require.NoError(t, err)
	require.Equal(t, int64(5), res.Amount.Int64())
}

// gas returns what an operation costs. Only reads and writes of the store cost something.
func (l *ledger) gas(op func(ctx sdk.Context) error) uint64 {
	ctx, _ := l.Ctx.WithGasMeter(storetypes.NewInfiniteGasMeter()).CacheContext()
	require.NoError(l, op(ctx))
	return ctx.GasMeter().GasConsumed()
}

func TestTheCostDoesNotGrowWithTheNumberOfHolders(t *testing.T) {
	l := newLedger(t)
	ana, eva := l.User("ana"), l.User("eva")
	few, many := l.register(ana), l.register(ana)
	for _, id := range []uint64{few, many} {
		l.deposit(eva, id, 1_000) // both earned something before
		l.send(ana, eva, id, 1_000)
	}
	for i := range 3_000 {
		l.send(ana, sdk.AccAddress(fmt.Sprintf("holder %013d", i)), many, 1_000)
	}
	l.send(ana, eva, few, 3_000_000) // so that ana's balances have equally many digits
	require.Equal(t, l.Balance(ana, Denom(few)), l.Balance(ana, Denom(many)))
	deposit := func(id uint64) uint64 {
		return l.gas(func(ctx sdk.Context) error { return l.k.Deposit(ctx, eva, id, math.NewInt(1_000), 0) })
	}
	withdraw := func(id uint64) uint64 {
		return l.gas(func(ctx sdk.Context) error { _, err := l.k.withdraw(ctx, id, ana); return err })
	}
	send := func(id uint64) uint64 {
		return l.gas(func(ctx sdk.Context) error {
			return l.Bank.SendCoins(ctx, ana, sdk.AccAddress("somebody new        "), coins(Denom(id), math.NewInt(10)))
		})
	}
	require.Positive(t, deposit(few))
	require.Equal(t, deposit(few), deposit(many))
	require.Equal(t, withdraw(few), withdraw(many))
	require.Equal(t, send(few), send(many))
}

func TestADepositCostsTheSameHoweverManyPartsAModelHas(t *testing.T) {
	l := newLedger(t)
	ana := l.User("ana")
	parts := make([]Part, 200)
	for i := range parts {
		parts[i] = Part{Holder: ana.String(), Role: "data", Shares: Shares / 200}
	}
	small, err := l.k.MintModel(l.Ctx, l.model(Part{Holder: ana.String(), Role: "compute", Shares: Shares}))
	require.NoError(t, err)
	large, err := l.k.MintModel(l.Ctx, l.model(parts...))
	require.NoError(t, err)
	deposit := func(id uint64) uint64 {
		return l.gas(func(ctx sdk.Context) error { return l.k.Deposit(ctx, ana, id, math.NewInt(1_000), 0) })
	}
	require.Equal(t, deposit(small), deposit(large))
}

// What a fee costs, in time and in gas, for more and more holders.
func BenchmarkDeposit(b *testing.B) {
	l := newLedger(b)
	ana := l.User("ana")
	id, holders := l.register(ana), 1
	l.deposit(ana, id, 1_000)
	for _, n := range []int{10, 100, 1_000, 10_000, 100_000} {
		for ; holders < n; holders++ {
			l.Ctx = l.Ctx.WithEventManager(sdk.NewEventManager())
			l.send(ana, sdk.AccAddress(fmt.Sprintf("holder %013d", holders)), id, 9_000)
		}
		b.Run(fmt.Sprint("holders=", n), func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				ctx, _ := l.Ctx.WithEventManager(sdk.NewEventManager()).CacheContext()
				require.NoError(b, l.k.Deposit(ctx, ana, id, math.NewInt(1_000), 0))
			}
			gas := l.gas(func(ctx sdk.Context) error { return l.k.Deposit(ctx, ana, id, math.NewInt(1_000), 0) })
			b.ReportMetric(float64(gas), "gas/op")
		})
	}
}

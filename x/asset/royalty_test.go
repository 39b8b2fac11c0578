package asset

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// tuned is a model that was trained from a base (0: from none) and datasets. The owner has all its shares.
func (l *ledger) tuned(owner sdk.AccAddress, base uint64, royalty uint32, datasets ...uint64) uint64 {
	m := l.model(Part{Holder: owner.String(), Role: "compute", Shares: Shares})
	m.Base, m.Royalty, m.Parents = base, royalty, datasets
	id, err := l.k.MintModel(l.Ctx, m)
	require.NoError(l, err)
	return id
}

func (l *ledger) income(id uint64) int64 {
	a, err := l.k.Get(l.Ctx, id)
	require.NoError(l, err)
	return a.Income.Int64()
}

func TestRoyaltiesGoUpTheLineInOneDeposit(t *testing.T) {
	l := newLedger(t)
	ana := l.User("ana")
	first := l.tuned(ana, 0, 2_500)
	second := l.tuned(ana, first, 1_000)
	third := l.tuned(ana, second, 9_000)
	l.Ctx = l.Ctx.WithEventManager(sdk.NewEventManager())
	require.NoError(t, l.k.Deposit(l.Ctx, ana, third, math.NewInt(1_234_567), 5))

	// third owes a tenth to second, which owes a quarter of that to first.
	require.Equal(t, []int64{1_111_110, 92_592, 30_864}, []int64{l.income(third), l.income(second), l.income(first)})
	require.Equal(t, int64(1), l.Balance(CommonsAddress(), money).Int64())
	var told []string
	for _, e := range l.Ctx.EventManager().ABCIEvents() {
		switch e, _ := sdk.ParseTypedEvent(e); e := e.(type) {
		case *EventDeposited:
			told = append(told, fmt.Sprint(e.Asset, " gets ", e.Amount, " for ", e.Job))
		case *EventRoyalty:
			told = append(told, fmt.Sprint(e.Asset, " owes ", e.Base, " ", e.Amount, ", commons ", e.Commons, " for ", e.Job))
		}
	}
	require.Equal(t, []string{
		"3 gets 1234567uminga for 5", "3 owes 2 123456uminga, commons 1uminga for 5",
		"2 owes 1 30864uminga, commons 0uminga for 5",
	}, told)
	l.checkConserved()
}

func TestSmallAndExtremeRoyalties(t *testing.T) {
	for name, c := range map[string]struct {
		royalty             uint32
		fee                 int64
		model, base, common int64
	}{
		"none":                      {0, 77, 77, 0, 0},
		"everything":                {10_000, 77, 0, 77, 0},
		"too small a fee to divide": {1, 1, 0, 0, 1},
		"half of an odd fee":        {5_000, 7, 3, 3, 1},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLedger(t)
			ana := l.User("ana")
			base := l.tuned(ana, 0, c.royalty)
			model := l.tuned(ana, base, 0)
			l.deposit(ana, model, c.fee)
			require.Equal(t, []int64{c.model, c.base, c.common},
				[]int64{l.income(model), l.income(base), l.Balance(CommonsAddress(), money).Int64()})
			l.checkConserved()
		})
	}
}

// After 32 bases nothing more is paid, and a deposit costs no more.
func TestRoyaltiesAreBoundedInDepth(t *testing.T) {
	l := newLedger(t)
	ana := l.User("ana")
	line := []uint64{0} // from the oldest on; 0 is for none
	for range 41 {
		line = append(line, l.tuned(ana, line[len(line)-1], 5_000))
	}
	cost := func(id uint64) uint64 {
		return l.gas(func(ctx sdk.Context) error { return l.k.Deposit(ctx, ana, id, math.NewInt(1<<49), 0) })
	}
	require.Greater(t, cost(line[33]), cost(line[32]))
	require.InEpsilon(t, cost(line[33]), cost(line[41]), 0.01)
	t.Logf("gas of a deposit: %d with no base, %d with 1, %d with 32 and more", cost(line[1]), cost(line[2]),
		cost(line[41]))
	l.deposit(ana, line[41], 1<<49)
	for steps := range 32 {
		require.Equal(t, int64(1)<<(48-steps), l.income(line[41-steps]), "after %d steps", steps)
	}
	require.Equal(t, int64(1)<<17, l.income(line[9]), "the 32nd base keeps all it gets")
	require.Zero(t, l.income(line[8]))
	l.checkConserved()
}

func TestMintModelRefusesABaseThatIsNone(t *testing.T) {
	l := newLedger(t)
	ana := l.User("ana")
	dataset := l.register(ana)
	for name, c := range map[string]struct {
		base    uint64
		royalty uint32
		want    error
	}{
		"a dataset":             {dataset, 0, ErrInvalid},
		"itself":                {dataset + 1, 0, ErrUnknown},
		"a model yet to come":   {99, 0, ErrUnknown},
		"more than all as part": {0, 10_001, ErrInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			m := l.model(Part{Holder: ana.String(), Role: "compute", Shares: Shares})
			m.Base, m.Royalty = c.base, c.royalty
			_, err := l.k.MintModel(l.Ctx, m)
			require.ErrorIs(t, err, c.want)
		})
	}
}

// Fees are paid to models of random trees. All of each fee goes to holders and the commons, and each model
// gets what exact arithmetic says.
func TestRandomFeesThroughRandomTrees(t *testing.T) {
	rnd := rand.New(rand.NewPCG(8, 1))
	const trees = 20
	for tree := range trees {
		l := newLedger(t)
		ana := l.User("ana")
		base, royalty := []int{0}, []int64{0}
		for i := 1; i <= 45; i++ {
			base = append(base, rnd.IntN(i)) // 0: trained from nothing
			if tree%2 == 0 && i > 1 {
				base[i] = i - 1 // each model is the base of the next
			}
			royalty = append(royalty, []int64{rnd.Int64N(10_001), 0, 1, 9_999, 10_000, 500}[rnd.IntN(6)])
			l.tuned(ana, uint64(base[i]), uint32(royalty[i]))
		}
		want, commons, all := zeros(len(base)), new(big.Int), new(big.Int)
		for range *operations / trees {
			l.Ctx = l.Ctx.WithEventManager(sdk.NewEventManager())
			fee := rnd.Int64N([]int64{10, 1_000, 1_000_000, 10_000_000_000}[rnd.IntN(4)]) + 1
			paid := 1 + rnd.IntN(len(base)-1)
			require.NoError(t, l.k.Deposit(l.Ctx, ana, uint64(paid), math.NewInt(fee), 0))
			all.Add(all, big.NewInt(fee))
			left := big.NewInt(fee)
			for steps := 0; steps < 32 && base[paid] != 0; steps++ {
				up := new(big.Rat).SetFrac(new(big.Int).Mul(left, big.NewInt(royalty[base[paid]])), big.NewInt(10_000))
				dust := int64(1)
				if up.IsInt() {
					dust = 0
				}
				floor := new(big.Int).Quo(up.Num(), up.Denom())
				want[paid].Add(want[paid], left).Sub(want[paid], floor).Sub(want[paid], big.NewInt(dust))
				commons.Add(commons, big.NewInt(dust))
				left, paid = floor, base[paid]
				if royalty[paid] == 0 {
					// A model that owes nothing passes nothing on.
					break
				}
			}
			want[paid].Add(want[paid], left)
		}
		got := l.Balance(CommonsAddress(), money).BigInt()
		require.Equal(t, commons.String(), got.String())
		for id := 1; id < len(base); id++ {
			a, err := l.k.Get(l.Ctx, uint64(id))
			require.NoError(t, err)
			require.Equal(t, want[id].String(), a.Income.String(), "model %d of tree %d", id, tree)
			got.Add(got, a.Income.BigInt())
		}
		require.Equal(t, all.String(), got.String(), "every unit of the fees")
		l.checkConserved()
	}
}

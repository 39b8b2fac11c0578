package worker

import (
	"context"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"cosmossdk.io/collections"
	"cosmossdk.io/core/genesis"
	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/module"
	"github.com/cosmos/cosmos-sdk/types/query"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/minga-network/minga/x/ledgertest"
	"github.com/minga-network/minga/x/page"
)

func TestRegisterRefuses(t *testing.T) {
	good := func(addr string) *MsgRegister {
		return &MsgRegister{Worker: addr, Offers: []Offer{offer("train", 2)}, Endpoint: "http://127.0.0.1:9000",
			Stake: math.NewInt(1_000_000)}
	}
	for _, c := range []struct {
		name   string
		change func(*MsgRegister)
		want   error
	}{
		{"an address that is none", func(m *MsgRegister) { m.Worker = "minga1x" }, ErrUnknown},
		{"no offers", func(m *MsgRegister) { m.Offers = nil }, ErrOffer},
		{"no kind", func(m *MsgRegister) { m.Offers[0].Kind = "" }, ErrOffer},
		{"a kind in capitals", func(m *MsgRegister) { m.Offers[0].Kind = "Train" }, ErrOffer},
		{"a kind with a space", func(m *MsgRegister) { m.Offers[0].Kind = "tra in" }, ErrOffer},
		{"a kind that is too long", func(m *MsgRegister) { m.Offers[0].Kind = Kind(strings.Repeat("a", 33)) }, ErrOffer},
		{"more offers than a worker makes", func(m *MsgRegister) { m.Offers = many(17) }, ErrOffer},
		{"a kind twice", func(m *MsgRegister) { m.Offers = append(m.Offers, offer("train", 3)) }, ErrOffer},
		{"a kind twice with another between",
			func(m *MsgRegister) { m.Offers = append(m.Offers, offer("infer", 3), offer("train", 3)) }, ErrOffer},
		{"an offer without a price", func(m *MsgRegister) { m.Offers[0].Price = math.Int{} }, ErrOffer},
		{"a negative price", func(m *MsgRegister) { m.Offers[0].Price = math.NewInt(-1) }, ErrOffer},
		{"a price over 64 bits", func(m *MsgRegister) { m.Offers[0].Price = math.NewIntFromUint64(1 << 63).MulRaw(2) },
			ErrOffer},
		{"an endpoint that is a path", func(m *MsgRegister) { m.Endpoint = "/etc/passwd" }, ErrOffer},
		{"an endpoint without a host", func(m *MsgRegister) { m.Endpoint = "http://" }, ErrOffer},
		{"an endpoint with a line break", func(m *MsgRegister) { m.Endpoint = "http://a\nb" }, ErrOffer},
		{"an endpoint that is too long", func(m *MsgRegister) { m.Endpoint = "http://" + strings.Repeat("a", 250) },
			ErrOffer},
		{"no stake", func(m *MsgRegister) { m.Stake = math.Int{} }, ErrStake},
		{"a negative stake", func(m *MsgRegister) { m.Stake = math.NewInt(-5) }, ErrStake},
		{"a stake below the minimum", func(m *MsgRegister) { m.Stake = math.NewInt(999_999) }, ErrStake},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLedger(t)
			msg := good(l.user("ana"))
			c.change(msg)
			_, err := l.k.Register(l.Ctx, msg)
			require.ErrorIs(t, err, c.want)
			l.checkStakes()
		})
	}
	t.Run("more stake than the account has", func(t *testing.T) {
		l := newLedger(t)
		msg := good(l.user("ana"))
		msg.Stake = math.NewInt(ledgertest.Purse + 1)
		_, err := l.k.Register(l.Ctx, msg)
		require.ErrorContains(t, err, "insufficient funds")
	})
	t.Run("a worker twice, also in capitals", func(t *testing.T) {
		l := newLedger(t)
		addr := l.worker("ana", offer("train", 2))
		_, err := l.k.Register(l.Ctx, good(strings.ToUpper(addr)))
		require.ErrorIs(t, err, ErrRegistered)
	})
}

func TestWorkerComesChangesAndLeaves(t *testing.T) {
	l := newLedger(t)
	addr := l.user("ana")
	res, err := l.k.Register(l.Ctx,
		&MsgRegister{Worker: addr, Offers: []Offer{offer("train", 2)}, Stake: math.NewInt(5_000_000)})
	require.NoError(t, err)
	require.Equal(t, uint64(1), res.Id)
	require.Equal(t, int64(ledgertest.Purse-5_000_000), l.Money(addr))
	l.checkStakes()

	_, err = l.k.Update(l.Ctx, &MsgUpdate{Worker: addr, Offers: []Offer{offer("infer", 7)},
		Endpoint: "https://ana.example",
		AddStake: math.NewInt(1)})
	require.NoError(t, err)
	w := l.get(addr)
	require.Equal(t, "https://ana.example", w.Endpoint)
	require.Equal(t, "5000001", w.Stake.String())
	require.Empty(t, l.ranked("train"))
	require.Equal(t, []string{addr}, l.ranked("infer"))
	l.checkStakes()

	out, err := l.k.Unbond(l.Ctx, &MsgUnbond{Worker: addr})
	require.NoError(t, err)
	require.Equal(t, int64(10+100_000), out.Release)
	_, err = l.k.Unbond(l.Ctx, &MsgUnbond{Worker: addr})
	require.ErrorIs(t, err, ErrLeaving)
	require.ErrorIs(t, l.k.Lock(l.Ctx, addr, math.NewInt(1)), ErrLeaving)

	l.Ctx = l.Ctx.WithBlockHeight(out.Release - 1)
	l.to(out.Release)
	require.NotEqual(t, int64(ledgertest.Purse), l.Money(addr), "paid back too early")
	l.to(out.Release + 1)
	require.Equal(t, int64(ledgertest.Purse), l.Money(addr))
	_, err = l.k.Get(l.Ctx, addr)
	require.ErrorIs(t, err, ErrUnknown)
	l.checkStakes()
}

func TestUpdateRefuses(t *testing.T) {
	l := newLedger(t)
	addr := l.worker("ana", offer("train", 2))
	for name, c := range map[string]struct {
		msg  *MsgUpdate
		want error
	}{
		"a stranger": {&MsgUpdate{Worker: l.user("eve"), Offers: []Offer{offer("train", 2)}, AddStake: math.ZeroInt()},
			ErrUnknown},
		"offers of nothing": {&MsgUpdate{Worker: addr, AddStake: math.ZeroInt()}, ErrOffer},
		"to take stake out": {&MsgUpdate{Worker: addr, Offers: []Offer{offer("train", 2)}, AddStake: math.NewInt(-1)},
			ErrStake},
		"stake that is unset": {&MsgUpdate{Worker: addr, Offers: []Offer{offer("train", 2)}}, ErrStake},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := l.k.Update(l.Ctx, c.msg)
			require.ErrorIs(t, err, c.want)
		})
	}
	l.checkStakes()
}

func TestLockHoldsALeaverBack(t *testing.T) {
	l := newLedger(t)
	addr := l.worker("ana", offer("train", 2))
	require.NoError(t, l.k.Params.Set(l.Ctx, Params{MinStake: math.NewInt(1), UnbondBlocks: 3}))
	require.ErrorIs(t, l.k.Lock(l.Ctx, addr, math.NewInt(5_000_001)), ErrStake)
	require.NoError(t, l.k.Lock(l.Ctx, addr, math.NewInt(3_000_000)))
	require.NoError(t, l.k.Lock(l.Ctx, addr, math.NewInt(2_000_000)))
	require.ErrorIs(t, l.k.Lock(l.Ctx, addr, math.NewInt(1)), ErrStake)
	_, err := l.k.Unbond(l.Ctx, &MsgUnbond{Worker: addr})
	require.NoError(t, err)

	l.to(20)
	require.NoError(t, l.k.Unlock(l.Ctx, addr, math.NewInt(3_000_000)))
	l.to(21)
	require.Equal(t, "5000000", l.get(addr).Stake.String(), "paid back while something is locked")
	require.ErrorIs(t, l.k.Unlock(l.Ctx, addr, math.NewInt(2_000_001)), ErrStake)
	require.NoError(t, l.k.Slash(l.Ctx, addr, math.NewInt(2_000_000), nil))
	l.to(22)
	require.Equal(t, int64(ledgertest.Purse-2_000_000), l.Money(addr), "the last lock went by slashing")
	l.checkStakes()
}

func TestSlash(t *testing.T) {
	for _, c := range []struct {
		name                        string
		slash, first, second        int64
		gets1, gets2, burned, stake int64
	}{
		{"half to others, half burned", 1_000_000, 300_000, 200_000, 300_000, 200_000, 500_000, 4_000_000},
		{"rewards in order as far as it reaches", 1_000_000, 900_000, 200_000, 900_000, 100_000, 0, 4_000_000},
		{"no more than there is", 9_000_000, 0, 4_000_000, 0, 4_000_000, 1_000_000, 0},
		{"nobody to reward", 5, 0, 0, 0, 0, 5, 4_999_995},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLedger(t)
			addr, a, b := l.worker("ana", offer("train", 2)), l.user("a"), l.user("b")
			require.NoError(t, l.k.Lock(l.Ctx, addr, math.NewInt(1_000_000)))
			before := l.Bank.GetSupply(l.Ctx, Coin).Amount.Int64()
			require.NoError(t, l.k.Slash(l.Ctx, addr, math.NewInt(c.slash),
				[]Reward{{a, math.NewInt(c.first)}, {b, math.NewInt(c.second)}}))
			require.Equal(t, c.gets1, l.Money(a)-ledgertest.Purse)
			require.Equal(t, c.gets2, l.Money(b)-ledgertest.Purse)
			require.Equal(t, c.burned, before-l.Bank.GetSupply(l.Ctx, Coin).Amount.Int64())
			require.Equal(t, c.stake, l.get(addr).Stake.Int64())
			l.checkStakes()
		})
	}
}

func (l *ledger) ranked(kind Kind) (addrs []string) {
	require.NoError(l, l.k.Rank(l.Ctx, kind, func(w Worker, _ math.Int) (bool, error) {
		addrs = append(addrs, w.Address)
		return false, nil
	}))
	return addrs
}

// TestRankIsASort compares the index with sorting, after random updates and records.
func TestRankIsASort(t *testing.T) {
	l, rng := newLedger(t), rand.New(rand.NewSource(1))
	var all []string
	for i := range 40 {
		all = append(all, l.worker(fmt.Sprint(i), offer("train", rng.Int63n(4)), offer("infer", rng.Int63n(4))))
	}
	for range 400 {
		addr := all[rng.Intn(len(all))]
		if rng.Intn(4) == 0 {
			_, err := l.k.Update(l.Ctx, &MsgUpdate{Worker: addr, Offers: []Offer{offer("train", rng.Int63n(4))},
				AddStake: math.ZeroInt()})
			require.NoError(t, err)
			continue
		}
		require.NoError(t, l.k.Record(l.Ctx, addr, rng.Intn(3) > 0))
	}
	var want []Worker
	for _, addr := range all {
		want = append(want, l.get(addr))
	}
	slices.SortFunc(want, func(a, b Worker) int {
		return slices.Compare(
			[]int64{a.Offers[0].Price.Int64(), int64(a.Failed), -int64(a.Done), int64(a.Id)},
			[]int64{b.Offers[0].Price.Int64(), int64(b.Failed), -int64(b.Done), int64(b.Id)})
	})
	for i, addr := range l.ranked("train") {
		require.Equal(t, want[i].Address, addr, "place %d", i)
	}
	l.checkStakes()
}

func TestRecordsBeyond32BitsDoNotWrap(t *testing.T) {
	best := placeOf(Worker{Done: 1 << 40}, offer("train", 0))
	good := placeOf(Worker{Done: 5}, offer("train", 0))
	bad := placeOf(Worker{Done: 1 << 40, Failed: 1}, offer("train", 0))
	worst := placeOf(Worker{Failed: 1 << 40}, offer("train", 0))
	require.Less(t, best.K3(), good.K3())
	require.Less(t, good.K3(), bad.K3())
	require.Less(t, bad.K3(), worst.K3())
}

func TestReleasesAreBoundedAndNoneIsLost(t *testing.T) {
	l := newLedger(t)
	require.NoError(t, l.k.Params.Set(l.Ctx, Params{MinStake: math.NewInt(1), UnbondBlocks: 1}))
	const n = 250
	for i := range n {
		_, err := l.k.Unbond(l.Ctx, &MsgUnbond{Worker: l.worker(fmt.Sprint(i), offer("train", 1))})
		require.NoError(t, err)
	}
	left := func() (n int) {
		require.NoError(t, l.k.Workers.Walk(l.Ctx, nil,
			func(sdk.AccAddress, Worker) (bool, error) { n++; return false, nil }))
		return n
	}
	l.to(11)
	for _, want := range []int{n - 100, n - 200, 0} {
		l.to(l.Ctx.BlockHeight() + 1)
		require.Equal(t, want, left())
		l.checkStakes()
	}
}

func TestAStakeTheBankRefusesToPayWaits(t *testing.T) {
	l := newLedger(t)
	addr := sdk.AccAddress(fmt.Sprintf("%-20s", "ana"))
	l.worker("ana", offer("train", 1))
	l.leaves(addr, 11)
	stake := l.Bank.GetBalance(l.Ctx, authtypes.NewModuleAddress(Name), Coin)
	require.NoError(t, l.Bank.SendCoins(l.Ctx, authtypes.NewModuleAddress(Name), addr, sdk.NewCoins(stake)))
	l.to(12)
	require.Equal(t, "5000000", l.get(addr.String()).Stake.String())
	waits, err := l.k.Leaving.Has(l.Ctx, collections.Join(int64(11+retry), addr))
	require.NoError(t, err)
	require.True(t, waits)
}

// leaves lets somebody leave, with an entry of the queue at each of the heights.
func (l *ledger) leaves(addr sdk.AccAddress, heights ...int64) {
	blocks := heights[0] - l.Ctx.BlockHeight()
	require.NoError(l, l.k.Params.Set(l.Ctx, Params{MinStake: math.OneInt(), UnbondBlocks: blocks}))
	_, err := l.k.Unbond(l.Ctx, &MsgUnbond{Worker: addr.String()})
	require.NoError(l, err)
	for _, height := range heights[1:] {
		require.NoError(l, l.k.Leaving.Set(l.Ctx, collections.Join(height, addr)))
	}
}

// A second entry of the queue finds nobody, or one who has registered again: neither may stop the
// chain, or pay out a stake that is at work.
func TestASecondEntryOfALeaverChangesNothing(t *testing.T) {
	l := newLedger(t)
	for _, name := range []string{"ana", "ben"} {
		addr := sdk.AccAddress(fmt.Sprintf("%-20s", name))
		l.worker(name, offer("train", 1))
		l.leaves(addr, 11, 13)
	}
	l.to(12)
	again := l.worker("ben", offer("train", 1))
	l.to(15)
	require.Zero(t, l.get(again).Release)
	require.Equal(t, "5000000", l.get(again).Stake.String())
	l.checkStakes()
}

// broken is a bank that panics over one account.
type broken struct {
	Bank
	over sdk.AccAddress
}

func (b broken) SendCoinsFromModuleToAccount(ctx context.Context, from string, to sdk.AccAddress, c sdk.Coins) error {
	if to.Equals(b.over) {
		panic("overflow")
	}
	return b.Bank.SendCoinsFromModuleToAccount(ctx, from, to, c)
}

func TestPagesOfWorkersAreBounded(t *testing.T) {
	l := newLedger(t)
	for i := range 3 {
		l.worker(fmt.Sprint(i), offer("train", 1))
	}
	ask := func(p *query.PageRequest) (*QueryWorkersResponse, error) {
		return queries{l.k}.Workers(l.Ctx, &QueryWorkersRequest{Pagination: p})
	}
	_, err := ask(&query.PageRequest{Limit: maxWorkers + 1})
	require.ErrorIs(t, err, page.ErrPage)
	first, err := ask(&query.PageRequest{Limit: 2})
	require.NoError(t, err)
	rest, err := ask(&query.PageRequest{Limit: maxWorkers, Key: first.Pagination.NextKey})
	require.NoError(t, err)
	require.Equal(t, []int{2, 1}, []int{len(first.Workers), len(rest.Workers)})
}

func TestAPanicOverOneStakeStopsNothing(t *testing.T) {
	l := newLedger(t)
	ana := sdk.AccAddress(fmt.Sprintf("%-20s", "ana"))
	l.k.bank = broken{l.Bank, ana}
	l.worker("ana", offer("train", 1))
	ben := l.worker("ben", offer("train", 1))
	l.leaves(ana, 11)
	l.leaves(sdk.AccAddress(fmt.Sprintf("%-20s", "ben")), 11)
	l.to(12)
	require.Equal(t, "5000000", l.get(ana.String()).Stake.String())
	_, err := l.k.Get(l.Ctx, ben)
	require.ErrorIs(t, err, ErrUnknown, "ben is paid back")
}

func TestParamsAreForTheAuthority(t *testing.T) {
	l := newLedger(t)
	_, err := l.k.UpdateParams(l.Ctx, &MsgUpdateParams{Authority: l.user("eve"), Params: DefaultParams()})
	require.ErrorIs(t, err, ErrUnauthorized)
	for _, bad := range []Params{{}, {MinStake: math.ZeroInt(), UnbondBlocks: 1}, {MinStake: math.OneInt()},
		{MinStake: math.OneInt(), UnbondBlocks: mostUnbond + 1}, {MinStake: math.OneInt(), UnbondBlocks: 1<<63 - 1}} {
		_, err = l.k.UpdateParams(l.Ctx, &MsgUpdateParams{Authority: ledgertest.Authority(), Params: bad})
		require.ErrorIs(t, err, ErrParams)
	}
	want := Params{MinStake: math.NewInt(3), UnbondBlocks: 7}
	_, err = l.k.UpdateParams(l.Ctx, &MsgUpdateParams{Authority: ledgertest.Authority(), Params: want})
	require.NoError(t, err)
	res, err := queries{l.k}.Params(l.Ctx, nil)
	require.NoError(t, err)
	require.Equal(t, want.String(), res.Params.String())
}

// A genesis may set no more than governance may.
func TestParamsOfAGenesisAreChecked(t *testing.T) {
	l := newLedger(t)
	require.NoError(t, l.k.Params.Set(l.Ctx, Params{MinStake: math.OneInt()}))
	source, err := genesis.SourceFromRawJSON(l.export())
	require.NoError(t, err)
	other := newLedger(t)
	require.ErrorIs(t, NewModule(other.k).InitGenesis(other.Ctx, source), ErrParams)
}

func TestGenesisKeepsEverything(t *testing.T) {
	l := newLedger(t)
	l.worker("ana", offer("train", 2), offer("infer", 3))
	leaver := l.worker("beto", offer("train", 1))
	require.NoError(t, l.k.Lock(l.Ctx, leaver, math.NewInt(7)))
	_, err := l.k.Unbond(l.Ctx, &MsgUnbond{Worker: leaver})
	require.NoError(t, err)
	require.NoError(t, l.k.Params.Set(l.Ctx, DefaultParams()))
	exported := l.export()

	other := newLedger(t)
	module.CoreAppModuleAdaptor(Name, NewModule(other.k)).(module.HasABCIGenesis).InitGenesis(other.Ctx, other.Codec,
		exported)
	require.JSONEq(t, string(exported), string(other.export()))
	require.Equal(t, l.ranked("train"), other.ranked("train"))
	require.Equal(t, l.get(leaver), other.get(leaver))
	last, err := other.k.LastID.Peek(other.Ctx)
	require.NoError(t, err)
	require.Equal(t, uint64(2), last)
}

// many are offers of as many kinds.
func many(n int) (offers []Offer) {
	for i := range n {
		offers = append(offers, offer(Kind(fmt.Sprint("kind-", i)), 1))
	}
	return offers
}

package asset

import (
	"testing"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/minga-network/minga/x/ledgertest"
)

func TestMintModelGivesOutTheParts(t *testing.T) {
	l := newLedger(t)
	ana, ben := l.User("ana"), l.User("ben")
	d1, d2 := l.register(ana), l.register(ana)
	m := l.model(
		Part{Holder: ana.String(), Role: "data", Shares: 300_000_000, Asset: d1},
		Part{Holder: ana.String(), Role: "data", Shares: 0, Asset: d2},
		Part{Holder: ben.String(), Role: "compute", Shares: 499_999_999},
		Part{Holder: ana.String(), Role: "creator", Shares: 100_000_000},
		Part{Holder: CommonsAddress().String(), Role: "commons", Shares: 100_000_001},
	)
	m.Parents = []uint64{d1, d2}
	id, err := l.k.MintModel(l.Ctx, m)
	require.NoError(t, err)

	a, err := l.k.Get(l.Ctx, id)
	require.NoError(t, err)
	m.Id, m.Shares, m.Height, m.Price, m.Income, m.Paid = 3, Shares, 42, math.ZeroInt(), math.ZeroInt(), math.ZeroInt()
	require.Equal(t, m, a)
	require.Equal(t, int64(400_000_000), l.Balance(ana, "asset/3").Int64())
	require.Equal(t, int64(499_999_999), l.Balance(ben, "asset/3").Int64())
	require.Equal(t, int64(100_000_001), l.Balance(CommonsAddress(), "asset/3").Int64())
	require.Equal(t, int64(Shares), l.Bank.GetSupply(l.Ctx, "asset/3").Amount.Int64())

	var reg *EventRegistered
	for _, e := range l.Ctx.EventManager().ABCIEvents() {
		if msg, err := sdk.ParseTypedEvent(e); err == nil {
			if e, ok := msg.(*EventRegistered); ok {
				reg = e
			}
		}
	}
	require.Equal(t, &EventRegistered{Asset: 3, Kind: KindModel, Creator: ledgertest.Authority(), Name: "abuela", Job: 3},
		reg)
}

// TestAFileBelongsToTheFirstClaim, whichever is minted first: nobody takes a model over by copying its file.
func TestAFileBelongsToTheFirstClaim(t *testing.T) {
	l := newLedger(t)
	m := l.model(Part{Holder: l.User("ana").String(), Role: "compute", Shares: Shares})
	copied := m
	copied.Since++
	late, err := l.k.MintModel(l.Ctx, copied)
	require.NoError(t, err)
	first, err := l.k.MintModel(l.Ctx, m)
	require.NoError(t, err)
	require.NotEqual(t, first, late)
	for _, again := range []Asset{m, copied} {
		_, err = l.k.MintModel(l.Ctx, again)
		require.ErrorIs(t, err, ErrExists)
	}
	of, err := l.k.ModelOf(l.Ctx, m.Root)
	require.NoError(t, err)
	require.Equal(t, first, of)
}

func TestMintModelRefuses(t *testing.T) {
	l := newLedger(t)
	ana := l.User("ana").String()
	all := Part{Holder: ana, Role: "compute", Shares: Shares}
	for name, c := range map[string]struct {
		change func(m *Asset)
		says   string
	}{
		"a dataset":              {func(m *Asset) { m.Kind = KindDataset }, "mints a model"},
		"a licence that is none": {func(m *Asset) { m.Licence = "" }, "licence"},
		"no parts":               {func(m *Asset) { m.Parts = nil }, "leave 1000000000 of 1000000000"},
		"a share that nobody gets": {func(m *Asset) { m.Parts = []Part{{Holder: ana, Role: "data", Shares: Shares - 1}} },
			"leave 1 of"},
		"a share too many": {func(m *Asset) { m.Parts = []Part{all, {Holder: ana, Role: "data", Shares: 1}} },
			"more than"},
		"parts whose sum wraps round": {func(m *Asset) {
			m.Parts = []Part{{Holder: ana, Role: "data", Shares: 1 << 63}, {Holder: ana, Role: "data", Shares: 1<<63 + Shares}}
		}, "more than"},
		"a part for an unknown reason": {func(m *Asset) { m.Parts = []Part{{Holder: ana, Role: "friend", Shares: Shares}} },
			`"friend"`},
		"a part for no account":        {func(m *Asset) { m.Parts = []Part{all, {Holder: "x", Role: "data"}} }, "account"},
		"a parent that does not exist": {func(m *Asset) { m.Parents = []uint64{5} }, "no such asset"},
		"a creator that is no account": {func(m *Asset) { m.Creator = "" }, "account"},
		"a root that is no hash":       {func(m *Asset) { m.Root = nil }, "root"},
		"a name that breaks the line":  {func(m *Asset) { m.Name = "a\nb" }, "invisible"},
	} {
		t.Run(name, func(t *testing.T) {
			m := l.model(all)
			c.change(&m)
			_, err := l.k.MintModel(l.Ctx, m)
			require.ErrorContains(t, err, c.says)
			require.False(t, l.Bank.HasSupply(l.Ctx, "asset/1"))
		})
	}
}

func TestWalletsCanShowShares(t *testing.T) {
	l := newLedger(t)
	id := l.register(l.User("ana"))
	m, found := l.Bank.GetDenomMetaData(l.Ctx, Denom(id))
	require.True(t, found)
	require.NoError(t, m.Validate())
	require.Equal(t, "cuentos", m.Name)
	require.Equal(t, "ASSET-1", m.Symbol)
	require.Equal(t, "Shares of the dataset asset/1: 1000000000 in all", m.Description)
	require.Equal(t, m.Base, m.Display)
}

// When a stranger sends coins to the commons' address before there is a model, an ordinary account is made
// there. Models must be minted all the same, and the commons must get its income.
func TestAStrangersSendDoesNotBlockTheCommons(t *testing.T) {
	l := newLedger(t)
	ana := l.User("ana")
	require.NoError(t, l.Bank.SendCoins(l.Ctx, ana, CommonsAddress(), coins(money, math.OneInt())))
	id, err := l.k.MintModel(l.Ctx, l.model(Part{Holder: CommonsAddress().String(), Role: "commons", Shares: Shares}))
	require.NoError(t, err)
	l.deposit(ana, id, 10)
	_, err = l.msg.Withdraw(l.Ctx, &MsgWithdraw{Sender: ana.String(), Asset: id, Holder: CommonsAddress().String()})
	require.NoError(t, err)
	_, err = l.msg.Spend(l.Ctx, &MsgSpend{Authority: ledgertest.Authority(), To: ana.String(),
		Amount: coins(money, math.NewInt(11))})
	require.NoError(t, err)
}

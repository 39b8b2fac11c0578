package worker

import (
	"encoding/json"
	"fmt"
	"testing"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/module"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/minga-network/minga/x/ledgertest"
)

// ledger is the module over a bank.
type ledger struct {
	*ledgertest.Ledger
	k Keeper
}

func newLedger(t testing.TB) *ledger {
	l := &ledger{Ledger: ledgertest.New(t, map[string][]string{Name: {authtypes.Burner}}, nil, Name)}
	var err error
	l.k, err = NewKeeper(l.Store(Name), l.Codec, l.Addresses, l.Bank, ledgertest.Authority())
	require.NoError(t, err)
	return l
}

// user is a funded account.
func (l *ledger) user(name string) string { return l.User(name).String() }

func offer(kind Kind, price int64) Offer { return Offer{Kind: kind, Price: math.NewInt(price)} }

// worker is a registered user with a stake of 5 MINGA.
func (l *ledger) worker(name string, offers ...Offer) string {
	addr := l.user(name)
	_, err := l.k.Register(l.Ctx, &MsgRegister{Worker: addr, Offers: offers, Stake: math.NewInt(5_000_000)})
	require.NoError(l, err)
	return addr
}

func (l *ledger) get(addr string) Worker {
	w, err := l.k.Get(l.Ctx, addr)
	require.NoError(l, err)
	return w
}

// to ends blocks up to a height.
func (l *ledger) to(height int64) {
	for l.Ctx.BlockHeight() < height {
		require.NoError(l, l.k.EndBlock(l.Ctx))
		l.Next()
	}
}

// checkStakes adds up every stake, and looks for offers that have no worker.
func (l *ledger) checkStakes() {
	l.Helper()
	l.Conserved()
	sum, offers := math.ZeroInt(), 0
	require.NoError(l, l.k.Workers.Walk(l.Ctx, nil, func(_ sdk.AccAddress, w Worker) (bool, error) {
		require.False(l, w.Locked.IsNegative() || w.Locked.GT(w.Stake), "%s locks %s of %s", w.Address, w.Locked, w.Stake)
		sum = sum.Add(w.Stake)
		offers += len(w.Offers)
		return false, nil
	}))
	held := l.Held(Name)
	require.Equal(l, sum.String(), held.String(), "stakes are not the module's balance")
	require.NoError(l, l.k.Offers.Walk(l.Ctx, nil, func(_ place, a sdk.AccAddress) (bool, error) {
		offers--
		known, err := l.k.Workers.Has(l.Ctx, a)
		require.True(l, known, "an offer of nobody")
		return false, err
	}))
	require.Zero(l, offers, "offers and places differ in number")
	l.checkLots()
}

// checkLots compares the leaves of all trees with the stakes of those that stay.
func (l *ledger) checkLots() {
	l.Helper()
	want, got := map[string]uint64{}, map[string]uint64{}
	require.NoError(l, l.k.Workers.Walk(l.Ctx, nil, func(a sdk.AccAddress, w Worker) (bool, error) {
		member, err := l.k.Members.Get(l.Ctx, w.Id)
		require.Equal(l, a, member)
		for _, o := range w.Offers {
			if w.Release == 0 && w.Stake.IsPositive() {
				want[fmt.Sprint(o.Kind, w.Id)] = w.Stake.Uint64()
			}
		}
		return false, err
	}))
	require.NoError(l, l.k.Nodes.Walk(l.Ctx, nil, func(at spot, b []byte) (bool, error) {
		n, err := decodeNode(b)
		require.NotZero(l, n.sum(), "a node of nothing")
		for i, weight := range n.sums {
			if at.K2() == 0 && weight > 0 {
				got[fmt.Sprint(at.K1(), at.K3()<<6|uint64(i))] = weight
			}
		}
		return false, err
	}))
	require.Equal(l, want, got)
}

func (l *ledger) export() json.RawMessage {
	return module.CoreAppModuleAdaptor(Name, NewModule(l.k)).(module.HasABCIGenesis).ExportGenesis(l.Ctx, l.Codec)
}

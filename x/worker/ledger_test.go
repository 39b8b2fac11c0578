package worker

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"cosmossdk.io/core/store"
	"cosmossdk.io/log/v2"
	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/codec/address"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/runtime"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	"github.com/cosmos/cosmos-sdk/testutil"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/module"
	authkeeper "github.com/cosmos/cosmos-sdk/x/auth/keeper"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	bankkeeper "github.com/cosmos/cosmos-sdk/x/bank/keeper"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
)

const (
	prefix = "minga"
	faucet = "faucet"
	purse  = 1_000_000_000 // uminga of each user
)

func TestMain(m *testing.M) {
	sdk.GetConfig().SetBech32PrefixForAccount(prefix, prefix+"pub")
	authority = authtypes.NewModuleAddress("gov").String()
	os.Exit(m.Run())
}

var authority string

// ledger is x/auth, x/bank and x/worker over one store in memory.
type ledger struct {
	t    testing.TB
	ctx  sdk.Context
	cdc  codec.Codec
	bank bankkeeper.BaseKeeper
	k    Keeper
}

func newLedger(t testing.TB) *ledger {
	ac := address.NewBech32Codec(prefix)
	reg := codectypes.NewInterfaceRegistry()
	authtypes.RegisterInterfaces(reg)
	l := &ledger{t: t, cdc: codec.NewProtoCodec(reg)}
	keys := storetypes.NewKVStoreKeys(authtypes.StoreKey, banktypes.StoreKey, Name)
	l.ctx = testutil.DefaultContextWithKeys(keys, nil, nil).WithBlockHeight(10)
	service := func(name string) store.KVStoreService { return runtime.NewKVStoreService(keys[name]) }
	auth := authkeeper.NewAccountKeeper(l.cdc, service(authtypes.StoreKey), authtypes.ProtoBaseAccount,
		map[string][]string{Name: {authtypes.Burner}, faucet: {authtypes.Minter}}, ac, prefix, authority)
	blocked := map[string]bool{authtypes.NewModuleAddress(Name).String(): true,
		authtypes.NewModuleAddress(faucet).String(): true}
	l.bank = bankkeeper.NewBaseKeeper(l.cdc, service(banktypes.StoreKey), auth, blocked, authority, log.NewNopLogger())
	require.NoError(t, auth.Params.Set(l.ctx, authtypes.DefaultParams()))
	require.NoError(t, l.bank.SetParams(l.ctx, banktypes.DefaultParams()))
	var err error
	l.k, err = NewKeeper(service(Name), l.cdc, ac, l.bank, authority)
	require.NoError(t, err)
	return l
}

// user is a funded account.
func (l *ledger) user(name string) string {
	addr := sdk.AccAddress(fmt.Sprintf("%-20s", name))
	require.NoError(l.t, l.bank.MintCoins(l.ctx, faucet, coins(math.NewInt(purse))))
	require.NoError(l.t, l.bank.SendCoinsFromModuleToAccount(l.ctx, faucet, addr, coins(math.NewInt(purse))))
	return addr.String()
}

func offer(kind Kind, price int64) Offer { return Offer{Kind: kind, Price: math.NewInt(price)} }

// worker is a registered user with a stake of 5 MINGA.
func (l *ledger) worker(name string, offers ...Offer) string {
	addr := l.user(name)
	_, err := l.k.Register(l.ctx, &MsgRegister{Worker: addr, Offers: offers, Stake: math.NewInt(5_000_000)})
	require.NoError(l.t, err)
	return addr
}

func (l *ledger) get(addr string) Worker {
	w, err := l.k.Get(l.ctx, addr)
	require.NoError(l.t, err)
	return w
}

func (l *ledger) balance(addr string) int64 {
	a, err := sdk.AccAddressFromBech32(addr)
	require.NoError(l.t, err)
	return l.bank.GetBalance(l.ctx, a, Coin).Amount.Int64()
}

// to ends blocks up to a height.
func (l *ledger) to(height int64) {
	for l.ctx.BlockHeight() < height {
		require.NoError(l.t, l.k.EndBlock(l.ctx))
		l.ctx = l.ctx.WithBlockHeight(l.ctx.BlockHeight() + 1)
	}
}

// checkStakes adds up every stake, and looks for offers that have no worker.
func (l *ledger) checkStakes() {
	l.t.Helper()
	sum, offers := math.ZeroInt(), 0
	require.NoError(l.t, l.k.Workers.Walk(l.ctx, nil, func(_ sdk.AccAddress, w Worker) (bool, error) {
		require.False(l.t, w.Locked.IsNegative() || w.Locked.GT(w.Stake), "%s locks %s of %s", w.Address, w.Locked, w.Stake)
		sum = sum.Add(w.Stake)
		offers += len(w.Offers)
		return false, nil
	}))
	held := l.bank.GetBalance(l.ctx, authtypes.NewModuleAddress(Name), Coin).Amount
	require.Equal(l.t, sum.String(), held.String(), "stakes are not the module's balance")
	require.NoError(l.t, l.k.Offers.Walk(l.ctx, nil, func(_ place, a sdk.AccAddress) (bool, error) {
		offers--
		known, err := l.k.Workers.Has(l.ctx, a)
		require.True(l.t, known, "an offer of nobody")
		return false, err
	}))
	require.Zero(l.t, offers, "offers and places differ in number")
}

func (l *ledger) export() json.RawMessage {
	return module.CoreAppModuleAdaptor(Name, NewModule(l.k)).(module.HasABCIGenesis).ExportGenesis(l.ctx, l.cdc)
}

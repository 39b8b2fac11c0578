// Package ledgertest is money and a block clock for the tests of a module: x/auth and
// x/bank over one store in memory, with accounts that have coins, and nothing else of
// the chain.
//
//	l := ledgertest.New(t, map[string][]string{"pool": {authtypes.Burner}}, "pool")
//	k, err := pool.NewKeeper(l.Store("pool"), l.Codec, l.Addresses, l.Bank, ledgertest.Authority())
//	ana := l.User("ana")
//	k.Deposit(l.Ctx, …)
//	l.Next()      // the next block
//	l.Conserved() // no coin was lost or made
//
// A module's test embeds the Ledger in a type of its own that knows the keeper. The bank
// is the chain's own, with its rules about who may mint, burn and be sent to.
//
// What can go wrong: every failure ends the test that the Ledger was made for.
package ledgertest

import (
	"fmt"
	"math/big"
	"testing"

	"cosmossdk.io/core/address"
	"cosmossdk.io/core/store"
	"cosmossdk.io/log/v2"
	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/codec"
	addresscodec "github.com/cosmos/cosmos-sdk/codec/address"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/runtime"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	"github.com/cosmos/cosmos-sdk/testutil"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authkeeper "github.com/cosmos/cosmos-sdk/x/auth/keeper"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	bankkeeper "github.com/cosmos/cosmos-sdk/x/bank/keeper"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
)

const (
	// Prefix begins every address.
	Prefix = "minga"
	// Coin is money.
	Coin = "uminga"
	// Purse is how much of it every user has at first.
	Purse = 1_000_000_000_000_000
	// Start is the first block's height.
	Start = 10

	faucet = "faucet" // the module that mints what users have
)

func init() { prefix() }

// prefix has the SDK print addresses as ours.
func prefix() { sdk.GetConfig().SetBech32PrefixForAccount(Prefix, Prefix+"pub") }

// Authority is the account that governance acts as.
func Authority() string { return authtypes.NewModuleAddress("gov").String() }

// Ledger is a bank and a block under way.
type Ledger struct {
	testing.TB
	Ctx       sdk.Context
	Codec     codec.Codec
	Addresses address.Codec
	Auth      authkeeper.AccountKeeper
	Bank      bankkeeper.BaseKeeper

	keys map[string]*storetypes.KVStoreKey
}

// New makes a ledger with the module accounts that are named, each with what it may do to
// the supply of coins, and with stores for the modules. Nobody may send to a module account
// but to those in open.
func New(t testing.TB, accounts map[string][]string, open []string, stores ...string) *Ledger {
	t.Setenv(sdk.EnvConfigScope, Prefix) // package chain tells why
	prefix()
	reg := codectypes.NewInterfaceRegistry()
	authtypes.RegisterInterfaces(reg)
	banktypes.RegisterInterfaces(reg)
	l := &Ledger{
		TB: t, Codec: codec.NewProtoCodec(reg), Addresses: addresscodec.NewBech32Codec(Prefix),
		keys: storetypes.NewKVStoreKeys(append(stores, authtypes.StoreKey, banktypes.StoreKey)...),
	}
	// Many blocks' writes are kept in a cache, which is faster than a tree that no block commits.
	l.Ctx, _ = testutil.DefaultContextWithKeys(l.keys, nil, nil).WithBlockHeight(Start).CacheContext()
	may, blocked := map[string][]string{faucet: {authtypes.Minter}}, map[string]bool{}
	for name, permissions := range accounts {
		may[name] = permissions
		blocked[authtypes.NewModuleAddress(name).String()] = true
	}
	for _, name := range open {
		delete(blocked, authtypes.NewModuleAddress(name).String())
	}
	l.Auth = authkeeper.NewAccountKeeper(l.Codec, l.Store(authtypes.StoreKey), authtypes.ProtoBaseAccount, may,
		l.Addresses, Prefix, Authority())
	l.Bank = bankkeeper.NewBaseKeeper(l.Codec, l.Store(banktypes.StoreKey), l.Auth, blocked,
		Authority(), log.NewNopLogger())
	require.NoError(t, l.Auth.Params.Set(l.Ctx, authtypes.DefaultParams()))
	require.NoError(t, l.Bank.SetParams(l.Ctx, banktypes.DefaultParams()))
	return l
}

// Store is the store of a module.
func (l *Ledger) Store(name string) store.KVStoreService {
	return runtime.NewKVStoreService(l.keys[name])
}

// User is an account with a purse.
func (l *Ledger) User(name string) sdk.AccAddress {
	l.Helper()
	addr, purse := sdk.AccAddress(fmt.Sprintf("%-20s", name)), sdk.NewCoins(sdk.NewInt64Coin(Coin, Purse))
	require.NoError(l, l.Bank.MintCoins(l.Ctx, faucet, purse))
	require.NoError(l, l.Bank.SendCoinsFromModuleToAccount(l.Ctx, faucet, addr, purse))
	return addr
}

// Balance is how much of a coin somebody has.
func (l *Ledger) Balance(of sdk.AccAddress, coin string) math.Int {
	return l.Bank.GetBalance(l.Ctx, of, coin).Amount
}

// Money is how much money the account with an address has.
func (l *Ledger) Money(addr string) int64 {
	l.Helper()
	account, err := sdk.AccAddressFromBech32(addr)
	require.NoError(l, err)
	return l.Balance(account, Coin).Int64()
}

// Held is how much money a module account has.
func (l *Ledger) Held(module string) math.Int {
	return l.Balance(authtypes.NewModuleAddress(module), Coin)
}

// At lets the block under way be the one of a height.
func (l *Ledger) At(height int64) { l.Ctx = l.Ctx.WithBlockHeight(height) }

// Next begins the next block.
func (l *Ledger) Next() { l.At(l.Ctx.BlockHeight() + 1) }

// Conserved adds up what everybody has of every coin: it must be the coin's supply.
func (l *Ledger) Conserved() {
	l.Helper()
	left := map[string]*big.Int{}
	of := func(coin string) *big.Int {
		if left[coin] == nil {
			left[coin] = new(big.Int)
		}
		return left[coin]
	}
	l.Bank.IterateTotalSupply(l.Ctx, func(c sdk.Coin) bool {
		of(c.Denom).Add(of(c.Denom), c.Amount.BigIntMut())
		return false
	})
	l.Bank.IterateAllBalances(l.Ctx, func(_ sdk.AccAddress, c sdk.Coin) bool {
		of(c.Denom).Sub(of(c.Denom), c.Amount.BigIntMut())
		return false
	})
	for coin, n := range left {
		require.Zero(l, n.Sign(), "the supply of %s is %v more than what everybody has", coin, n)
	}
}

package asset

import (
	"bytes"
	"fmt"
	"os"
	"testing"

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
	authkeeper "github.com/cosmos/cosmos-sdk/x/auth/keeper"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	bankkeeper "github.com/cosmos/cosmos-sdk/x/bank/keeper"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
)

const prefix = "minga"

func TestMain(m *testing.M) {
	sdk.GetConfig().SetBech32PrefixForAccount(prefix, prefix+"pub")
	os.Exit(m.Run())
}

// ledger is x/auth, x/bank and x/asset over one store in memory.
type ledger struct {
	t    testing.TB
	ctx  sdk.Context
	cdc  codec.Codec
	auth authkeeper.AccountKeeper
	bank bankkeeper.BaseKeeper
	k    Keeper
	msg  msgs
	q    queries
	made int // assets, to give each its own root
}

// The modules that take part: faucet stands for whatever mints money, job for a module that pays and holds.
var perms = map[string][]string{
	Name: {authtypes.Minter}, Commons: nil, "faucet": {authtypes.Minter}, "job": nil, govtypes.ModuleName: nil,
}

func gov() string { return authtypes.NewModuleAddress(govtypes.ModuleName).String() }

func newLedger(t testing.TB) *ledger {
	ac := address.NewBech32Codec(prefix)
	reg := codectypes.NewInterfaceRegistry()
	authtypes.RegisterInterfaces(reg)
	banktypes.RegisterInterfaces(reg)
	l := &ledger{t: t, cdc: codec.NewProtoCodec(reg)}
	keys := storetypes.NewKVStoreKeys(authtypes.StoreKey, banktypes.StoreKey, Name)
	l.ctx, _ = testutil.DefaultContextWithKeys(keys, nil, nil).WithBlockHeight(42).CacheContext()
	l.auth = authkeeper.NewAccountKeeper(l.cdc, runtime.NewKVStoreService(keys[authtypes.StoreKey]),
		authtypes.ProtoBaseAccount, perms, ac, prefix, gov())
	blocked := map[string]bool{authtypes.NewModuleAddress(Name).String(): true}
	l.bank = bankkeeper.NewBaseKeeper(l.cdc, runtime.NewKVStoreService(keys[banktypes.StoreKey]), l.auth, blocked, gov(), log.NewNopLogger())
	var err error
	l.k, err = NewKeeper(runtime.NewKVStoreService(keys[Name]), l.cdc, ac, l.bank, gov())
	require.NoError(t, err)
	l.bank.AppendSendRestriction(l.k.SendRestriction)
	l.msg, l.q = msgs{l.k}, queries{l.k}
	require.NoError(t, l.bank.SetParams(l.ctx, banktypes.DefaultParams()))
	require.NoError(t, l.auth.Params.Set(l.ctx, authtypes.DefaultParams()))
	return l
}

// user is a funded account.
func (l *ledger) user(name string) sdk.AccAddress {
	addr := sdk.AccAddress(fmt.Sprintf("%-20s", name))
	purse := coins(money, math.NewInt(1_000_000_000_000_000))
	require.NoError(l.t, l.bank.MintCoins(l.ctx, "faucet", purse))
	require.NoError(l.t, l.bank.SendCoinsFromModuleToAccount(l.ctx, "faucet", addr, purse))
	return addr
}

// root is one that no other asset of the ledger has.
func (l *ledger) root() []byte {
	l.made++
	return bytes.Repeat([]byte{byte(l.made), byte(l.made >> 8), 7, 9}, 8)
}

func (l *ledger) dataset(creator sdk.AccAddress) *MsgRegister {
	return &MsgRegister{
		Creator: creator.String(), Name: "cuentos", Root: l.root(), Bytes: 300_000, Records: 2_000,
		Licence: "CC0-1.0", Price: math.NewInt(1_000_000), Source: "https://data.example.org/blobs",
		Salt: bytes.Repeat([]byte{5}, SaltSize),
	}
}

// commit makes the commitment of a message, in a block of its own if back is not 0.
func (l *ledger) commit(msg *MsgRegister, back int64) error {
	ctx := l.ctx.WithBlockHeight(l.ctx.BlockHeight() - back)
	creator, _ := l.k.addr.StringToBytes(msg.Creator)
	_, err := l.msg.Commit(ctx, &MsgCommit{Creator: msg.Creator, Commitment: Commitment(creator, msg.Root, msg.Salt)})
	return err
}

// publish registers what was committed to in the block before.
func (l *ledger) publish(msg *MsgRegister) (uint64, error) {
	if err := l.commit(msg, 1); err != nil {
		return 0, err
	}
	res, err := l.msg.Register(l.ctx, msg)
	if err != nil {
		return 0, err
	}
	return res.Asset, nil
}

func (l *ledger) register(creator sdk.AccAddress) uint64 {
	id, err := l.publish(l.dataset(creator))
	require.NoError(l.t, err)
	return id
}

func (l *ledger) model(parts ...Part) Asset {
	return Asset{
		Kind: KindModel, Name: "abuela", Creator: gov(), Root: l.root(), Bytes: 4_000_000,
		Licence: "Apache-2.0", State: l.root(), Job: 3, Parts: parts,
	}
}

func (l *ledger) deposit(from sdk.AccAddress, id uint64, amount int64) {
	_, err := l.msg.Deposit(l.ctx, &MsgDeposit{From: from.String(), Asset: id, Amount: math.NewInt(amount)})
	require.NoError(l.t, err)
}

// withdraw returns what a holder is paid, 0 when nothing is owed.
func (l *ledger) withdraw(holder sdk.AccAddress, id uint64) int64 {
	res, err := l.msg.Withdraw(l.ctx, &MsgWithdraw{Sender: holder.String(), Asset: id})
	if err != nil {
		require.ErrorIs(l.t, err, ErrNothing)
		return 0
	}
	return res.Amount.Int64()
}

func (l *ledger) send(from, to sdk.AccAddress, id uint64, shares int64) {
	require.NoError(l.t, l.bank.SendCoins(l.ctx, from, to, coins(Denom(id), math.NewInt(shares))))
}

func (l *ledger) balance(of sdk.AccAddress, denom string) math.Int {
	return l.bank.GetBalance(l.ctx, of, denom).Amount
}

// checkConserved settles everybody and adds up every unit.
func (l *ledger) checkConserved() {
	l.t.Helper()
	held := math.ZeroInt()
	last, err := l.k.last.Peek(l.ctx)
	require.NoError(l.t, err)
	for id := uint64(1); id <= last; id++ {
		a, err := l.k.Get(l.ctx, id)
		require.NoError(l.t, err)
		require.Equal(l.t, int64(Shares), l.bank.GetSupply(l.ctx, Denom(id)).Amount.Int64())
		sum := a.Paid.MulRaw(Shares)
		for _, holder := range l.auth.GetAllAccounts(l.ctx) {
			h, err := l.k.settle(l.ctx, id, holder.GetAddress())
			require.NoError(l.t, err)
			sum = sum.Add(h.Fractions)
		}
		require.Equal(l.t, a.Income.MulRaw(Shares).String(), sum.String(), "fractions of %s", Denom(id))
		held = held.Add(a.Income).Sub(a.Paid)
	}
	require.Equal(l.t, held.String(), l.balance(authtypes.NewModuleAddress(Name), money).String())
}

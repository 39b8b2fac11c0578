package asset

import (
	"bytes"
	"testing"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"

	"github.com/minga-network/minga/x/ledgertest"
)

// ledger is the module over a bank.
type ledger struct {
	*ledgertest.Ledger
	k    Keeper
	msg  msgs
	q    queries
	made int // assets, to give each its own root
}

// The modules that take part. job is an example of a module that pays and holds shares.
var accounts = map[string][]string{Name: {authtypes.Minter}, Commons: nil, "job": nil, govtypes.ModuleName: nil}

func newLedger(t testing.TB) *ledger {
	open := []string{Commons, "job", govtypes.ModuleName}
	l := &ledger{Ledger: ledgertest.New(t, accounts, open, Name)}
	l.At(42)
	var err error
	l.k, err = NewKeeper(l.Store(Name), l.Codec, l.Addresses, l.Bank, ledgertest.Authority())
	require.NoError(t, err)
	l.Bank.AppendSendRestriction(l.k.SendRestriction)
	l.msg, l.q = msgs{l.k}, queries{l.k}
	return l
}

// root returns a root that no other asset of the ledger has.
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

// commit makes the commitment of a message, as many blocks back as back says.
func (l *ledger) commit(msg *MsgRegister, back int64) error {
	ctx := l.Ctx.WithBlockHeight(l.Ctx.BlockHeight() - back)
	creator, _ := l.k.addr.StringToBytes(msg.Creator)
	_, err := l.msg.Commit(ctx, &MsgCommit{Creator: msg.Creator, Commitment: Commitment(creator, msg.Root, msg.Salt)})
	return err
}

// publish registers what was committed to in the block before.
func (l *ledger) publish(msg *MsgRegister) (uint64, error) {
	if err := l.commit(msg, 1); err != nil {
		return 0, err
	}
	res, err := l.msg.Register(l.Ctx, msg)
	if err != nil {
		return 0, err
	}
	return res.Asset, nil
}

func (l *ledger) register(creator sdk.AccAddress) uint64 {
	id, err := l.publish(l.dataset(creator))
	require.NoError(l, err)
	return id
}

func (l *ledger) model(parts ...Part) Asset {
	return Asset{
		Kind: KindModel, Name: "abuela", Creator: ledgertest.Authority(), Root: l.root(), Bytes: 4_000_000,
		Licence: "Apache-2.0", State: l.root(), Job: 3, Parts: parts,
	}
}

func (l *ledger) deposit(from sdk.AccAddress, id uint64, amount int64) {
	_, err := l.msg.Deposit(l.Ctx, &MsgDeposit{From: from.String(), Asset: id, Amount: math.NewInt(amount)})
	require.NoError(l, err)
}

// withdraw returns what a holder is paid, 0 when nothing is owed.
func (l *ledger) withdraw(holder sdk.AccAddress, id uint64) int64 {
	res, err := l.msg.Withdraw(l.Ctx, &MsgWithdraw{Sender: holder.String(), Asset: id})
	if err != nil {
		require.ErrorIs(l, err, ErrNothing)
		return 0
	}
	return res.Amount.Int64()
}

func (l *ledger) send(from, to sdk.AccAddress, id uint64, shares int64) {
	require.NoError(l, l.Bank.SendCoins(l.Ctx, from, to, coins(Denom(id), math.NewInt(shares))))
}

// checkConserved settles the income of all holders and adds up every unit.
func (l *ledger) checkConserved() {
	l.Helper()
	l.Conserved()
	held := math.ZeroInt()
	last, err := l.k.last.Peek(l.Ctx)
	require.NoError(l, err)
	for id := uint64(1); id <= last; id++ {
		a, err := l.k.Get(l.Ctx, id)
		require.NoError(l, err)
		require.Equal(l, int64(Shares), l.Bank.GetSupply(l.Ctx, Denom(id)).Amount.Int64())
		sum := a.Paid.MulRaw(Shares)
		for _, holder := range l.Auth.GetAllAccounts(l.Ctx) {
			h, err := l.k.settle(l.Ctx, id, holder.GetAddress())
			require.NoError(l, err)
			sum = sum.Add(h.Fractions)
		}
		require.Equal(l, a.Income.MulRaw(Shares).String(), sum.String(), "fractions of %s", Denom(id))
		held = held.Add(a.Income).Sub(a.Paid)
	}
	require.Equal(l, held.String(), l.Balance(authtypes.NewModuleAddress(Name), money).String())
}

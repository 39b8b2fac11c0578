package asset

import (
	"testing"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	bankkeeper "github.com/cosmos/cosmos-sdk/x/bank/keeper"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
)

// All ways of x/bank in which a user or a module can move shares. The seller keeps the 1,000 that came before
// the sale, and each side gets half of the 1,000 that came after it.
func TestEveryWayToSendSettlesBothSides(t *testing.T) {
	ana, ben := sdk.AccAddress("ana                 "), sdk.AccAddress("ben                 ")
	job, commons := authtypes.NewModuleAddress("job"), CommonsAddress()
	half := coins("asset/1", math.NewInt(Shares/2))
	for name, c := range map[string]struct {
		from, to sdk.AccAddress
		send     func(l *ledger) error
	}{
		"send": {ana, ben, func(l *ledger) error {
			_, err := bankkeeper.NewMsgServerImpl(l.Bank).Send(l.Ctx, banktypes.NewMsgSend(ana, ben, half))
			return err
		}},
		"multi-send, twice to one and once to oneself": {ana, ben, func(l *ledger) error {
			quarter := coins("asset/1", math.NewInt(Shares/4))
			in := banktypes.NewInput(ana, half.Add(quarter...))
			outs := []banktypes.Output{banktypes.NewOutput(ben, quarter), banktypes.NewOutput(ana, quarter),
				banktypes.NewOutput(ben, quarter)}
			_, err := bankkeeper.NewMsgServerImpl(l.Bank).MultiSend(l.Ctx, banktypes.NewMsgMultiSend(in, outs))
			return err
		}},
		"account to module": {ana, job, func(l *ledger) error {
			return l.Bank.SendCoinsFromAccountToModule(l.Ctx, ana, "job", half)
		}},
		"module to account": {job, ben, func(l *ledger) error {
			return l.Bank.SendCoinsFromModuleToAccount(l.Ctx, "job", ben, half)
		}},
		"module to module": {job, commons, func(l *ledger) error {
			return l.Bank.SendCoinsFromModuleToModule(l.Ctx, "job", Commons, half)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLedger(t)
			l.User("ana")
			payer := l.User("eva")
			_, err := l.k.MintModel(l.Ctx, l.model(Part{Holder: c.from.String(), Role: "compute", Shares: Shares}))
			require.NoError(t, err)
			l.deposit(payer, 1, 1_000)
			require.NoError(t, c.send(l))
			l.deposit(payer, 1, 1_000)
			require.Equal(t, int64(1_500), l.owed(c.from))
			require.Equal(t, int64(500), l.owed(c.to))
			l.checkConserved()
		})
	}
}

// owed is what asset 1 would pay a holder now, in uminga.
func (l *ledger) owed(holder sdk.AccAddress) int64 {
	res, err := l.q.Income(l.Ctx, &QueryIncomeRequest{Asset: 1, Holder: holder.String()})
	require.NoError(l, err)
	return res.Amount.Int64()
}

func TestASendThatFailsChangesNoIncome(t *testing.T) {
	l := newLedger(t)
	ana, ben := l.User("ana"), l.User("ben")
	id := l.register(ana)
	l.deposit(ben, id, 1_000)
	require.Error(t, l.Bank.SendCoins(l.Ctx, ben, ana, coins(Denom(id), math.OneInt())))
	require.Equal(t, int64(1_000), l.owed(ana))
	require.Zero(t, l.owed(ben))
	l.checkConserved()
}

// The module's own account keeps books of coins: it is one of those that refuse plain sends.
func TestModulesThatCannotUseSharesGetNone(t *testing.T) {
	l := newLedger(t)
	ana := l.User("ana")
	id := l.register(ana)
	err := l.Bank.SendCoinsFromAccountToModule(l.Ctx, ana, Name, coins(Denom(id), math.OneInt()))
	require.ErrorIs(t, err, ErrUseless)
	require.NoError(t, l.Bank.SendCoinsFromAccountToModule(l.Ctx, ana, Name, coins(money, math.OneInt())))
	require.NoError(t, l.Bank.SendCoinsFromAccountToModule(l.Ctx, ana, Commons, coins(Denom(id), math.OneInt())))
}

func TestOtherCoinsPassUntouched(t *testing.T) {
	l := newLedger(t)
	ana, ben := l.User("ana"), l.User("ben")
	before := l.gas(func(ctx sdk.Context) error {
		to, err := l.k.SendRestriction(ctx, ana, ben, coins(money, math.NewInt(5)))
		require.Equal(t, ben, to)
		return err
	})
	require.Zero(t, before)
}

func TestSharesOfNoAssetDoNotMove(t *testing.T) {
	l := newLedger(t)
	ana, ben := l.User("ana"), l.User("ben")
	require.ErrorIs(t, l.Bank.SendCoins(l.Ctx, ana, ben, coins("asset/9", math.OneInt())), ErrUnknown)
}

// If a later x/bank lets users burn or mint, the number of shares is not fixed any more. Then restrict.go must
// be changed.
func TestBankOffersUsersNoWayToBurn(t *testing.T) {
	var names []string
	for _, m := range banktypes.Msg_serviceDesc.Methods {
		names = append(names, m.MethodName)
	}
	require.ElementsMatch(t, []string{"Send", "MultiSend", "UpdateParams", "SetSendEnabled"}, names)
}

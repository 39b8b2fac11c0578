package asset

import (
	"testing"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/minga-network/minga/x/ledgertest"
)

func TestTheCommonsEarnsAndGovernanceSpends(t *testing.T) {
	l := newLedger(t)
	ana, ben := l.User("ana"), l.User("ben")
	id, err := l.k.MintModel(l.Ctx, l.model(
		Part{Holder: ana.String(), Role: "compute", Shares: 900_000_000},
		Part{Holder: CommonsAddress().String(), Role: "commons", Shares: 100_000_000}))
	require.NoError(t, err)
	l.deposit(ana, id, 1_000)
	res, err := l.msg.Withdraw(l.Ctx, &MsgWithdraw{Sender: ben.String(), Asset: id, Holder: CommonsAddress().String()})
	require.NoError(t, err, "anyone may withdraw for the commons")
	require.Equal(t, int64(100), res.Amount.Int64())
	require.Equal(t, int64(100), l.Balance(CommonsAddress(), money).Int64())

	before := l.Balance(ben, money)
	amount := sdk.NewCoins(sdk.NewInt64Coin(money, 60), sdk.NewInt64Coin(Denom(id), 50_000_000))
	l.deposit(ana, id, 1_000)
	_, err = l.msg.Spend(l.Ctx, &MsgSpend{Authority: ledgertest.Authority(), To: ben.String(), Amount: amount})
	require.NoError(t, err)
	require.Equal(t, int64(60), l.Balance(ben, money).Sub(before).Int64())
	require.Equal(t, int64(50_000_000), l.Balance(ben, Denom(id)).Int64())
	require.Equal(t, int64(100), l.owed(CommonsAddress()), "shares went, what they had earned stayed")
	l.checkConserved()

	events := l.Ctx.EventManager().ABCIEvents()
	var spent *EventSpent
	for _, e := range events {
		if msg, err := sdk.ParseTypedEvent(e); err == nil {
			if s, ok := msg.(*EventSpent); ok {
				spent = s
			}
		}
	}
	require.Equal(t, &EventSpent{To: ben.String(), Amount: "50000000asset/1,60uminga"}, spent)
}

func TestSpendRefuses(t *testing.T) {
	l := newLedger(t)
	ana := l.User("ana")
	one := coins(money, math.OneInt())
	for name, c := range map[string]struct {
		msg  MsgSpend
		want error
	}{
		"anyone but governance": {MsgSpend{Authority: ana.String(), To: ana.String(), Amount: one}, ErrNotAllowed},
		"nothing":               {MsgSpend{Authority: ledgertest.Authority(), To: ana.String()}, ErrInvalid},
		"coins out of order": {MsgSpend{Authority: ledgertest.Authority(), To: ana.String(),
			Amount: sdk.Coins{one[0], one[0]}}, ErrInvalid},
		"a coin without a number": {MsgSpend{Authority: ledgertest.Authority(), To: ana.String(),
			Amount: sdk.Coins{{Denom: money}}}, ErrInvalid},
		"a receiver that is none": {MsgSpend{Authority: ledgertest.Authority(), To: "ana", Amount: one}, ErrInvalid},
		"more than there is": {MsgSpend{Authority: ledgertest.Authority(), To: ana.String(), Amount: one},
			sdkerrors.ErrInsufficientFunds},
		"to the income account": {
			MsgSpend{Authority: ledgertest.Authority(), To: authtypes.NewModuleAddress(Name).String(), Amount: one},
			sdkerrors.ErrUnauthorized,
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := l.msg.Spend(l.Ctx, &c.msg)
			require.ErrorIs(t, err, c.want)
		})
	}
}

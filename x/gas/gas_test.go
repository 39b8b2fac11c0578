package gas

import (
	"testing"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	"github.com/minga-network/minga/x/ledgertest"
)

func TestThePriceIsBoundedAndGovernances(t *testing.T) {
	l := ledgertest.New(t, nil, nil, Name)
	k, err := NewKeeper(l.Store(Name), l.Codec, ledgertest.Authority())
	require.NoError(t, err)
	price, err := k.MinPrice(l.Ctx)
	require.NoError(t, err)
	require.Equal(t, DefaultParams().MinPrice, price)
	require.NoError(t, DefaultParams().Check())

	set := func(by string, p Params) error {
		_, err := k.UpdateParams(l.Ctx, &MsgUpdateParams{Authority: by, Params: p})
		return err
	}
	dec := math.LegacyMustNewDecFromStr
	require.ErrorIs(t, set(l.User("eve").String(), Params{MinPrice: dec("0.01")}), ErrUnauthorized)
	for _, wrong := range []Params{{}, {MinPrice: dec("0")}, {MinPrice: dec("0.00009")}, {MinPrice: dec("1.1")},
		{MinPrice: dec("-1")}} {
		require.ErrorIs(t, set(ledgertest.Authority(), wrong), ErrParams)
	}
	for _, right := range []string{"0.0001", "0.02", "1"} {
		require.NoError(t, set(ledgertest.Authority(), Params{MinPrice: dec(right)}))
		res, err := queries{k}.Params(l.Ctx, nil)
		require.NoError(t, err)
		require.Equal(t, right, res.Params.MinPrice.String()[:len(right)])
	}
}

package client_test

import (
	"context"
	"testing"

	cmtbytes "github.com/cometbft/cometbft/libs/bytes"
	rpcclient "github.com/cometbft/cometbft/rpc/client"
	ctypes "github.com/cometbft/cometbft/rpc/core/types"
	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/minga-network/minga/chain"
	"github.com/minga-network/minga/chain/solo"
	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/x/gas"
)

// A liar is a node that answers some queries as it likes.
type liar struct {
	client.Node
	lies map[string][]byte // by the query's path
}

func (l liar) ABCIQueryWithOptions(
	ctx context.Context, path string, data cmtbytes.HexBytes, o rpcclient.ABCIQueryOptions,
) (*ctypes.ResultABCIQuery, error) {
	r, err := l.Node.ABCIQueryWithOptions(ctx, path, data, o)
	if lie, ok := l.lies[path]; ok && err == nil {
		r.Response.Value = lie
	}
	return r, err
}

// A node that lies about what a transaction needs or costs gets no more than the highest fee.
func TestALyingNodeDrainsNothing(t *testing.T) {
	ctx := t.Context()
	ann := signer("ann")
	s, err := solo.New(solo.Config{Accounts: []chain.Account{{Address: ann.Address, Amount: math.NewInt(rich)}}})
	require.NoError(t, err)
	defer s.Close()
	require.NoError(t, s.Step(1))
	const simulate, price = "/app/simulate", "/minga.gas.v1.Query/Params"
	much := []byte(`{"gas_info":{"gas_used":"90000000000"}}`)
	params := func(text string) []byte {
		r := &gas.QueryParamsResponse{Params: gas.Params{MinPrice: math.LegacyMustNewDecFromStr(text)}}
		bz, err := proto.Marshal(r)
		require.NoError(t, err)
		return bz
	}
	for name, test := range map[string]struct {
		lies map[string][]byte
		want error
	}{
		"much gas":          {map[string][]byte{simulate: much}, client.ErrMaxFee},
		"high price":        {map[string][]byte{price: params("1")}, client.ErrMaxFee},
		"price over bounds": {map[string][]byte{price: params("1000000000000000000000000000000000000")}, gas.ErrParams},
		"no price":          {map[string][]byte{price: {}}, gas.ErrParams},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := client.New(ctx, liar{s, test.lies})
			require.NoError(t, err)
			defer c.Close()
			_, err = c.Send(ctx, ann, send(ann, signer("ben"), 1))
			require.ErrorIs(t, err, test.want)
		})
	}
	c, err := client.New(ctx, s)
	require.NoError(t, err)
	defer c.Close()
	b, err := banktypes.NewQueryClient(c).Balance(ctx,
		&banktypes.QueryBalanceRequest{Address: ann.String(), Denom: chain.Denom})
	require.NoError(t, err)
	require.Equal(t, int64(rich), b.Balance.Amount.Int64())
}

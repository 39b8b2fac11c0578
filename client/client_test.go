package client_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/minga-network/minga/chain"
	"github.com/minga-network/minga/chain/node"
	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/worker"
)

// The network that all tests of this package share.
var network *node.Network

const rich = 1_000_000_000_000

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	var accounts []chain.Account
	for _, name := range []string{"alice", "bob", "carol", "dave"} {
		accounts = append(accounts, chain.Account{Address: signer(name).Address, Amount: math.NewInt(rich)})
	}
	var err error
	network, err = node.Local(context.Background(),
		node.LocalConfig{Validators: 1, Accounts: accounts, BlockTime: 100 * time.Millisecond})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	code := m.Run()
	if err := network.Stop(); err != nil {
		fmt.Println(err)
		return 1
	}
	return code
}

func signer(name string) *client.Signer { return client.NewSigner(node.LocalKey(name)) }

func dial(t *testing.T) (context.Context, *client.Client) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	c, err := client.Dial(ctx, network.URL())
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return ctx, c
}

func send(from, to *client.Signer, amount int64) sdk.Msg {
	return banktypes.NewMsgSend(from.Address, to.Address, sdk.NewCoins(sdk.NewInt64Coin(chain.Denom, amount)))
}

func TestNamesAreTheChains(t *testing.T) {
	require.Equal(t, chain.Prefix, client.Prefix)
	require.Equal(t, chain.Denom, client.Denom)
}

func TestSendMovesCoins(t *testing.T) {
	ctx, c := dial(t)
	alice, to := signer("alice"), signer("a moved coin")
	r, err := c.Send(ctx, alice, send(alice, to, 7), send(alice, to, 5))
	require.NoError(t, err)
	require.Len(t, r.Responses, 2)
	require.IsType(t, &banktypes.MsgSendResponse{}, r.Responses[0])
	require.Positive(t, r.Height)
	b, err := banktypes.NewQueryClient(c).Balance(ctx,
		&banktypes.QueryBalanceRequest{Address: to.String(), Denom: chain.Denom})
	require.NoError(t, err)
	require.Equal(t, "12", b.Balance.Amount.String())
}

func TestTypedResponseAndEvent(t *testing.T) {
	ctx, c := dial(t)
	dave := signer("dave")
	r, err := c.Send(ctx, dave, &worker.MsgRegister{
		Worker: dave.String(), Endpoint: "http://127.0.0.1:9", Stake: math.NewInt(50_000_000),
		Offers: []worker.Offer{{Kind: "train", Price: math.NewInt(1)}},
	})
	require.NoError(t, err)
	require.IsType(t, &worker.MsgRegisterResponse{}, r.Responses[0])
	e, ok := client.Event[*worker.EventRegistered](r.Events)
	require.True(t, ok)
	require.Equal(t, dave.String(), e.Worker)
}

func TestManySendersOfOneSigner(t *testing.T) {
	ctx, c := dial(t)
	bob, to := signer("bob"), signer("many")
	const n = 40
	var g errgroup.Group
	for range n {
		g.Go(func() error {
			_, err := c.Send(ctx, bob, send(bob, to, 1))
			return err
		})
	}
	require.NoError(t, g.Wait())
	b, err := banktypes.NewQueryClient(c).Balance(ctx,
		&banktypes.QueryBalanceRequest{Address: to.String(), Denom: chain.Denom})
	require.NoError(t, err)
	require.Equal(t, fmt.Sprint(n), b.Balance.Amount.String())
}

// Two processes with one account, or one that has restarted: each finds its number again.
func TestTwoSignersOfOneAccountRecover(t *testing.T) {
	ctx, c := dial(t)
	one, two, to := signer("carol"), signer("carol"), signer("two")
	for range 3 {
		for _, s := range []*client.Signer{one, two} {
			_, err := c.Send(ctx, s, send(s, to, 1))
			require.NoError(t, err)
		}
	}
}

func TestRefusalsKeepTheirIdentity(t *testing.T) {
	ctx, c := dial(t)
	alice := signer("alice")
	_, err := c.Send(ctx, alice, send(alice, signer("nobody"), 2*rich))
	require.ErrorIs(t, err, sdkerrors.ErrInsufficientFunds)
	_, err = c.Send(ctx, alice, &worker.MsgUnbond{Worker: alice.String()})
	require.ErrorIs(t, err, worker.ErrUnknown)
	_, err = c.Send(ctx, alice, send(alice, signer("nobody"), 1))
	require.NoError(t, err, "a refusal costs no number")
}

func TestFeesArePaid(t *testing.T) {
	ctx, c := dial(t)
	c.SetGasPrice(math.LegacyMustNewDecFromStr("0.01"))
	alice, to := signer("alice"), signer("fees")
	bank := banktypes.NewQueryClient(c)
	before, err := bank.Balance(ctx, &banktypes.QueryBalanceRequest{Address: alice.String(), Denom: chain.Denom})
	require.NoError(t, err)
	_, err = c.Send(ctx, alice, send(alice, to, 1))
	require.NoError(t, err)
	after, err := bank.Balance(ctx, &banktypes.QueryBalanceRequest{Address: alice.String(), Denom: chain.Denom})
	require.NoError(t, err)
	require.True(t, before.Balance.Amount.Sub(after.Balance.Amount).GT(math.NewInt(500)), "%s %s", before, after)
}

func TestBlocksCountUp(t *testing.T) {
	ctx, c := dial(t)
	ctx, cancel := context.WithCancel(ctx)
	blocks := c.Blocks(ctx)
	last := <-blocks
	for range 5 {
		h := <-blocks
		require.Greater(t, h, last)
		last = h
	}
	cancel()
	for range blocks {
	}
}

// Every block comes once and in order, also for a reader that begins in the past, and with it
// what its transactions and its end say.
func TestEventsResumeFromAHeight(t *testing.T) {
	ctx, c := dial(t)
	carol := signer("carol")
	r, err := c.Register(ctx, carol, &asset.MsgRegister{
		Name: "river songs", Root: append(make([]byte, 31), 1), Bytes: 9, Records: 1, Licence: "CC0-1.0",
		Price: math.ZeroInt(),
	})
	require.NoError(t, err)
	from := r.Height - 3
	var registered []int64
	for b, err := range c.Events(ctx, from) {
		require.NoError(t, err)
		from++
		require.Equal(t, from, b.Height)
		for _, e := range b.Events {
			if e, ok := e.(*asset.EventRegistered); ok && e.Creator == carol.String() {
				registered = append(registered, b.Height)
			}
		}
		if b.Height == r.Height+2 {
			break
		}
	}
	require.Equal(t, []int64{r.Height}, registered)
}

func TestBlockThatIsNotThere(t *testing.T) {
	ctx, c := dial(t)
	for _, err := range c.Events(ctx, -5) { // there is no block -4
		require.ErrorIs(t, err, client.ErrGone)
	}
}

func TestNobodyThere(t *testing.T) {
	_, err := client.Dial(context.Background(), "http://127.0.0.1:1")
	require.ErrorIs(t, err, client.ErrUnreachable)
}

func TestRegisterCommitsFirst(t *testing.T) {
	ctx, c := dial(t)
	alice := signer("alice")
	r, err := c.Register(ctx, alice, &asset.MsgRegister{
		Name: "folk tales", Root: make([]byte, 32), Bytes: 9, Records: 1, Licence: "CC0-1.0", Price: math.ZeroInt(),
	})
	require.NoError(t, err)
	made, err := asset.NewQueryClient(c).Asset(ctx,
		&asset.QueryAssetRequest{Id: r.Responses[0].(*asset.MsgRegisterResponse).Asset})
	require.NoError(t, err)
	require.Equal(t, alice.String(), made.Asset.Creator)
	require.Positive(t, made.Asset.Since)
	require.Less(t, made.Asset.Since, r.Height)
}

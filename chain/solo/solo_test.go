package solo_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	cmttypes "github.com/cometbft/cometbft/types"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/minga-network/minga/chain"
	"github.com/minga-network/minga/chain/solo"
	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/x/worker"
)

var _ client.Node = (*solo.Chain)(nil)

const purse = 1_000_000_000

func signer(name string) *client.Signer {
	return client.NewSigner(secp256k1.GenPrivKeyFromSecret([]byte(name)))
}

func newChain(t testing.TB, names ...string) (*solo.Chain, *client.Client) {
	t.Helper()
	return open(t, 1, names...)
}

func open(t testing.TB, validators int, names ...string) (*solo.Chain, *client.Client) {
	t.Helper()
	var accounts []chain.Account
	for _, name := range names {
		accounts = append(accounts, chain.Account{Address: signer(name).Address, Amount: math.NewInt(purse)})
	}
	s, err := solo.New(solo.Config{Accounts: accounts, Validators: validators})
	require.NoError(t, err)
	require.NoError(t, s.Step(1))
	c, err := client.New(context.Background(), s)
	require.NoError(t, err)
	t.Cleanup(func() {
		c.Close()
		require.NoError(t, s.Close())
	})
	return s, c
}

// run makes blocks in the background until the test ends.
func run(t *testing.T, s *solo.Chain, pace time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	ended := make(chan error)
	go func() { ended <- s.Run(ctx, pace) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-ended)
	})
	return ctx
}

func send(from, to *client.Signer, amount int64) sdk.Msg {
	return banktypes.NewMsgSend(from.Address, to.Address, sdk.NewCoins(sdk.NewInt64Coin(chain.Denom, amount)))
}

func balance(t *testing.T, c *client.Client, of *client.Signer) string {
	t.Helper()
	b, err := banktypes.NewQueryClient(c).Balance(context.Background(),
		&banktypes.QueryBalanceRequest{Address: of.String(), Denom: chain.Denom})
	require.NoError(t, err)
	return b.Balance.Amount.String()
}

func TestSendsAndRefusalsAreAsOnANetwork(t *testing.T) {
	s, c := newChain(t, "ana")
	ctx := run(t, s, 0)
	ana, ben := signer("ana"), signer("ben")
	r, err := c.Send(ctx, ana, send(ana, ben, 7), send(ana, ben, 5))
	require.NoError(t, err)
	require.Len(t, r.Responses, 2)
	require.Equal(t, "12", balance(t, c, ben))
	found, err := c.Find(ctx, r.Hash)
	require.NoError(t, err)
	require.Equal(t, r, found)

	_, err = c.Send(ctx, ana, send(ana, ben, 2*purse))
	require.ErrorIs(t, err, sdkerrors.ErrInsufficientFunds)
	_, err = c.Send(ctx, ana, &worker.MsgUnbond{Worker: ana.String()})
	require.ErrorIs(t, err, worker.ErrUnknown)
}

// Nothing but transactions makes a block, when there is no pace.
func TestBlocksAreMadeWhenTransactionsWait(t *testing.T) {
	s, c := newChain(t, "ana")
	ctx := run(t, s, 0)
	ana := signer("ana")
	for i := range 3 {
		_, err := c.Send(ctx, ana, send(ana, signer("ben"), 1))
		require.NoError(t, err)
		require.EqualValues(t, i+2, s.Height())
	}
}

func TestTimeIsTheTests(t *testing.T) {
	s, _ := newChain(t)
	begin := s.Time()
	require.Equal(t, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), begin)
	require.NoError(t, s.Step(10))
	require.Equal(t, begin.Add(10*time.Second), s.Time())
	s.Wait(time.Hour)
	require.NoError(t, s.Step(1))
	require.Equal(t, begin.Add(11*time.Second+time.Hour), s.Time())
}

// A light client accepts the headers, and the application's hash in them proves the state.
func TestHeadersAreSigned(t *testing.T) {
	s, c := open(t, 4, "ana")
	s.Wait(time.Minute)
	require.NoError(t, s.Step(3))
	ctx := context.Background()
	for height := int64(1); height <= 4; height++ {
		signed, err := c.Signed(ctx, height)
		require.NoError(t, err)
		all, err := c.Validators(ctx, height)
		require.NoError(t, err)
		require.NoError(t, signed.ValidateBasic("minga-solo-1"))
		set, err := cmttypes.ValidatorSetFromExistingValidators(all)
		require.NoError(t, err)
		require.Equal(t, set.Hash(), signed.ValidatorsHash.Bytes())
		require.NoError(t, set.VerifyCommitLight("minga-solo-1", signed.Commit.BlockID, height, signed.Commit))
	}
	e, err := c.Prove(ctx, banktypes.StoreKey, banktypes.SupplyKey.Bytes(), 3)
	require.NoError(t, err)
	require.Len(t, e.Proof, 2)
}

func TestTheSameTransactionsGiveTheSameBlocks(t *testing.T) {
	var hashes []string
	for range 2 {
		s, c := newChain(t, "ana")
		ctx := run(t, s, 0)
		ana := signer("ana")
		_, err := c.Send(ctx, ana, send(ana, signer("ben"), 1))
		require.NoError(t, err)
		require.NoError(t, s.Step(5))
		b, err := s.Block(ctx, nil)
		require.NoError(t, err)
		hashes = append(hashes, b.BlockID.Hash.String())
	}
	require.Equal(t, hashes[0], hashes[1])
}

// In a bubble a week of blocks passes while everybody waits, and no block while somebody works.
func TestBlocksPassWhenEverybodyWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := newChain(t, "ana", "ben")
		ctx := run(t, s, time.Second)
		ana := signer("ana")
		_, err := c.Send(ctx, ana, &worker.MsgRegister{
			Worker: ana.String(), Endpoint: "http://ana", Stake: math.NewInt(5_000_000),
			Offers: []worker.Offer{{Kind: "train", Price: math.NewInt(1)}},
		})
		require.NoError(t, err)
		height := s.Height()
		for end := time.Now().Add(300 * time.Second); time.Now().Before(end); {
			<-c.Blocks(ctx)
			time.Sleep(time.Second)
		}
		require.InDelta(t, height+300, s.Height(), 2)
	})
}

func BenchmarkBlock(b *testing.B) {
	s, _ := newChain(b)
	for b.Loop() {
		require.NoError(b, s.Step(1))
	}
}

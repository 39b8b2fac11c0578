package sim

import (
	"context"
	"net/http"
	"testing"
	"time"

	rpchttp "github.com/cometbft/cometbft/rpc/client/http"
	"github.com/stretchr/testify/require"

	"github.com/minga-network/minga/blob/transfer"
	"github.com/minga-network/minga/chain/node"
	"github.com/minga-network/minga/client"
)

const (
	patience  = 2 * time.Minute
	blockTime = 100 * time.Millisecond
)

// NewNetwork makes a village on a network of one validator, for tests whose workers are
// processes of their own.
func NewNetwork(t *testing.T, names ...string) *Village {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	net, err := node.Local(ctx, node.LocalConfig{Validators: 1, Accounts: accounts(names), BlockTime: blockTime})
	require.NoError(t, err)
	t.Cleanup(func() {
		cancel()
		_ = net.Wait() // a chain that stopped has failed the test already
	})
	v := newVillage(t, sockets{net.URL()}, patience)
	v.URL, v.Over = net.URL(), transfer.AnyAddress()
	return v
}

// sockets reaches the chain and people over loopback sockets.
type sockets struct{ url string }

func (m sockets) dial(ctx context.Context) (*client.Client, error) { return client.Dial(ctx, m.url) }

func (m sockets) blocks() (blocks, error) { return rpchttp.New(m.url, "/websocket") }

func (m sockets) serve(ctx context.Context, _ string, h http.Handler) (string, func() error, error) {
	return transfer.Serve(ctx, "", h)
}

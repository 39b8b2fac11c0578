package node_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"cosmossdk.io/math"

	"github.com/minga-network/minga/chain"
	"github.com/minga-network/minga/chain/node"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// Of the SDK's keyring, from the start of the process.
		goleak.IgnoreTopFunction("github.com/desertbit/timer.timerRoutine"),
		// CometBFT's routines for peers end by themselves, some seconds after their node.
		goleak.IgnoreAnyFunction("github.com/cometbft/cometbft/consensus.(*Reactor).queryMaj23Routine"),
		goleak.IgnoreAnyFunction("github.com/cometbft/cometbft/p2p.(*Switch).reconnectToPeer"),
		goleak.IgnoreAnyFunction("github.com/cometbft/cometbft/blocksync.(*BlockPool).makeRequestersRoutine"),
		goleak.IgnoreAnyFunction("github.com/cometbft/cometbft/blocksync.(*Reactor).poolRoutine"),
		// CometBFT leaves the files of its log open; goleveldb drains its pool for a while after Close.
		goleak.IgnoreTopFunction("github.com/cometbft/cometbft/libs/autofile.OpenAutoFile.func1"),
		goleak.IgnoreTopFunction("github.com/cometbft/cometbft/libs/autofile.(*AutoFile).closeFileRoutine"),
		goleak.IgnoreTopFunction("github.com/syndtr/goleveldb/leveldb.(*DB).mpoolDrain"),
	)
}

const blockTime = 100 * time.Millisecond

func bounded(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 80*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func local(ctx context.Context, t *testing.T, c node.LocalConfig) *node.Network {
	t.Helper()
	if testing.Short() {
		t.Skip("skipped with -short: it starts a network; run without -short, as make long does")
	}
	c.BlockTime = blockTime
	n, err := node.Local(ctx, c)
	require.NoError(t, err)
	return n
}

func TestBlocksGoOnWithThreeOfFour(t *testing.T) {
	t.Parallel()
	ctx := bounded(t)
	n := local(ctx, t, node.LocalConfig{})
	require.NoError(t, n.WaitHeight(ctx, 3))
	t.Logf("resident memory of 4 validators: %s", resident(t))
	require.NoError(t, n.Nodes[3].Stop())
	left := n.Nodes[:3]
	height := left[0].Height()
	for _, v := range left {
		require.NoError(t, v.WaitHeight(ctx, height+6))
	}
	require.NoError(t, n.Stop())
}

// The watchdog ends a chain that cannot make blocks, and says why.
func TestChainThatStopsEndsWithTheReason(t *testing.T) {
	t.Parallel()
	ctx := bounded(t)
	n := local(ctx, t, node.LocalConfig{Stall: 8 * time.Second})
	require.NoError(t, n.Nodes[2].Stop())
	require.NoError(t, n.Nodes[3].Stop())
	err := n.Wait()
	require.ErrorIs(t, err, node.ErrStopped)
	require.ErrorContains(t, err, "no block for 8s")
	require.ErrorContains(t, err, "peers connected")
	require.Error(t, n.Nodes[0].WaitHeight(ctx, 1<<40))
}

func TestNetworkOnDiskGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	ctx := bounded(t)
	home := t.TempDir()
	n := local(ctx, t, node.LocalConfig{Home: home, Validators: 2})
	require.NoError(t, n.WaitHeight(ctx, 4))
	require.NoError(t, n.Stop())
	before := n.Nodes[0].Height()
	n = local(ctx, t, node.LocalConfig{Home: home, Validators: 2})
	require.NoError(t, n.WaitHeight(ctx, before+2))
	require.NoError(t, n.Stop())
	doc, err := node.Export(filepath.Join(home, "validator-1"))
	require.NoError(t, err)
	require.Greater(t, doc.InitialHeight, before+2)
}

// An operator's node: made once, started twice; what it lacks is said.
func TestOperatorsNode(t *testing.T) {
	t.Parallel()
	ctx := bounded(t)
	home := folder(t)
	operator := node.LocalKey("operator").PubKey().Address().Bytes()
	_, err := node.Start(ctx, node.Config{Home: home})
	require.ErrorIs(t, err, node.ErrNoHome)
	id, err := node.Init(home, "minga-test-1", operator, []chain.Account{{Address: operator, Amount: math.NewInt(1)}})
	require.NoError(t, err)
	again, err := node.Identify(home)
	require.NoError(t, err)
	require.Equal(t, id, again)
	_, err = node.Init(home, "minga-test-1", operator, nil)
	require.ErrorIs(t, err, node.ErrExists)

	rpc, listen, err := node.FreePorts()
	require.NoError(t, err)
	var last int64
	for range 2 {
		n, err := node.Start(ctx, node.Config{Home: home, RPC: rpc, Listen: listen, BlockTime: blockTime})
		require.NoError(t, err)
		require.Equal(t, id.ID+"@"+listen, n.Peer())
		require.NoError(t, n.WaitHeight(ctx, last+3))
		require.NoError(t, n.Stop())
		last = n.Height()
	}
	require.GreaterOrEqual(t, last, int64(6))
}

// folder is a home that CometBFT may still be writing its address book to when the
// test has ended.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "minga-node-")
	require.NoError(t, err)
	t.Cleanup(func() {
		require.Eventually(t, func() bool { return os.RemoveAll(dir) == nil }, 10*time.Second, 50*time.Millisecond)
	})
	return dir
}

// resident is what the process has in memory.
func resident(t *testing.T) string {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return "unknown"
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			return strings.TrimSpace(rest)
		}
	}
	return "unknown"
}

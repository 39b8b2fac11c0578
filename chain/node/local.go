package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	cmttypes "github.com/cometbft/cometbft/types"
	"golang.org/x/sync/errgroup"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"

	"github.com/minga-network/minga/chain"
)

// LocalConfig describes a network of validators in this process, on the loopback
// address. Its coins are test money.
type LocalConfig struct {
	ChainID    string          // minga-local-1 when empty
	Validators int             // 4 when 0
	Accounts   []chain.Account // have coins from the start
	// Home keeps the network on disk and goes on with what it finds there; when
	// empty the network lives in memory.
	Home      string
	BlockTime time.Duration // about 400 ms when 0
	Stall     time.Duration // 1 minute when 0
	Log       *slog.Logger  // nothing is written when nil
}

// Network is a running local network.
type Network struct {
	ChainID string
	Genesis *cmttypes.GenesisDoc
	Nodes   []*Node

	home   string // removed in the end, when it is ours
	cancel context.CancelFunc
	nodes  *errgroup.Group
	done   chan struct{} // closed when all have ended; err is set then
	err    error
}

// LocalKey is the throw-away key of a name: anyone can compute it. For local
// networks only. Validators are operated by "validator-0" and so on.
func LocalKey(name string) *secp256k1.PrivKey {
	return secp256k1.GenPrivKeyFromSecret([]byte("minga local network: " + name))
}

// Local starts a network and returns when all its validators have the first block.
// It ends when ctx does, at Stop, or when the chain stops.
func Local(ctx context.Context, c LocalConfig) (*Network, error) {
	c = c.withDefaults()
	n := &Network{ChainID: c.ChainID, done: make(chan struct{})}
	if c.Home == "" {
		dir, err := os.MkdirTemp("", "minga-local-")
		if err != nil {
			return nil, fmt.Errorf("local network: %w", err)
		}
		n.home = dir
	}
	ctx, n.cancel = context.WithCancel(ctx)
	n.nodes, ctx = errgroup.WithContext(ctx)
	err := n.start(ctx, c)
	go n.finish()
	if err == nil {
		err = n.WaitHeight(ctx, 1)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("local network: %w", err), n.Stop())
	}
	return n, nil
}

func (c LocalConfig) withDefaults() LocalConfig {
	if c.ChainID == "" {
		c.ChainID = "minga-local-1"
	}
	if c.Validators == 0 {
		c.Validators = 4
	}
	if c.BlockTime == 0 {
		c.BlockTime = 300 * time.Millisecond
	}
	if c.Stall == 0 {
		c.Stall = time.Minute
	}
	return c
}

// start makes the homes that are missing and starts the validators, each with the
// ones before it as peers.
func (n *Network) start(ctx context.Context, c LocalConfig) error {
	root := c.Home + n.home
	homes := make([]string, c.Validators)
	for i := range homes {
		homes[i] = filepath.Join(root, fmt.Sprintf("validator-%d", i))
	}
	var err error
	if n.Genesis, err = c.genesis(homes); err != nil {
		return err
	}
	var peers []string
	for _, home := range homes {
		node, err := startFree(ctx, Config{
			Home: home, Peers: peers, BlockTime: c.BlockTime, Stall: c.Stall, Log: c.Log,
			MinGasPrice: "0" + chain.Denom, memory: c.Home == "", local: true,
		}.withDefaults(), n.Genesis)
		if err != nil {
			return err
		}
		n.Nodes = append(n.Nodes, node)
		n.nodes.Go(node.Wait)
		peers = append(peers, node.Peer())
	}
	return nil
}

// genesis reads the network's genesis, or makes keys and one.
func (c LocalConfig) genesis(homes []string) (*cmttypes.GenesisDoc, error) {
	doc, err := readGenesis(homes[0])
	if !errors.Is(err, ErrNoHome) {
		return doc, err
	}
	g := chain.Genesis{ChainID: c.ChainID, Time: time.Now(), Accounts: c.Accounts}
	for i, home := range homes {
		id, err := makeKeys(home)
		if err != nil {
			return nil, err
		}
		name := fmt.Sprintf("validator-%d", i)
		g.Validators = append(g.Validators, chain.Validator{
			Operator: LocalKey(name).PubKey().Address().Bytes(), Key: id.Key, Moniker: name, Stake: math.NewInt(bond),
		})
	}
	if doc, err = g.Doc(); err != nil {
		return nil, err
	}
	for _, home := range homes {
		if err := writeGenesis(home, doc); err != nil {
			return nil, err
		}
	}
	return doc, nil
}

// startFree starts a node on free ports. Another program may take a port between
// our finding and our using it, so a few are tried.
func startFree(ctx context.Context, c Config, doc *cmttypes.GenesisDoc) (*Node, error) {
	for try := 0; ; try++ {
		var err error
		if c.RPC, c.Listen, err = freePorts(); err != nil {
			return nil, err
		}
		n, err := start(ctx, c, doc)
		if err == nil || try == 4 || !strings.Contains(err.Error(), "address already in use") {
			return n, err
		}
	}
}

// freePorts finds two loopback addresses that nobody listens on.
func freePorts() (a, b string, err error) {
	la, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", "", fmt.Errorf("find a free port: %w", err)
	}
	defer la.Close()
	lb, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", "", fmt.Errorf("find a free port: %w", err)
	}
	defer lb.Close()
	return la.Addr().String(), lb.Addr().String(), nil
}

// URL is where the first validator answers.
func (n *Network) URL() string { return n.Nodes[0].URL() }

// WaitHeight returns when every validator has the block of a height.
func (n *Network) WaitHeight(ctx context.Context, height int64) error {
	for _, node := range n.Nodes {
		if err := node.WaitHeight(ctx, height); err != nil {
			return err
		}
	}
	return nil
}

// finish waits for the validators. The first that fails ends the others.
func (n *Network) finish() {
	n.err = n.nodes.Wait()
	n.cancel()
	if n.home != "" {
		n.err = errors.Join(n.err, os.RemoveAll(n.home))
	}
	close(n.done)
}

// Wait returns when all validators have ended: why the chain stopped, or nil when
// it was asked to.
func (n *Network) Wait() error {
	<-n.done
	return n.err
}

// Stop ends the network and waits until it has ended.
func (n *Network) Stop() error {
	n.cancel()
	return n.Wait()
}

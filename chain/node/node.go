// Package node runs Minga's chain: one validator or full node for an operator
// (Init or Join once, then Start), or a whole network of validators in this
// process for a demo, a local network and tests (Local).
//
// A node is the application of package chain under an embedded CometBFT. All
// configuration is built here from a Config; there are no files to edit. A home
// holds the node's two keys, the genesis and the blocks, under CometBFT's usual
// names. Everything listens on the loopback address unless told otherwise.
//
// What can go wrong: CometBFT only logs a consensus failure and stays up. So each
// node watches its own blocks: a consensus failure, or no block for Config.Stall,
// ends the node, and Wait returns the reason: the last height, the number of
// peers, and what CometBFT or the application last complained of.
package node

import (
	"context"
	"fmt"
	"sync"

	"github.com/cometbft/cometbft/crypto/ed25519"
	cmtnode "github.com/cometbft/cometbft/node"
	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/proxy"
	"github.com/cometbft/cometbft/rpc/client/local"
	cmttypes "github.com/cometbft/cometbft/types"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/server"

	"github.com/minga-network/minga/chain"
)

// Node is a running node.
type Node struct {
	app    *chain.App
	comet  *cmtnode.Node
	config Config
	peer   string
	faults *faults
	dbs    []*patient

	cancel context.CancelFunc
	done   chan struct{} // closed when the node has stopped; err is set then
	err    error

	mu      sync.Mutex
	height  int64
	changed chan struct{} // closed at the next block
}

// Start runs the node of a home that Init or Join made, from where it stopped.
// It returns when the node listens; it ends when ctx does, at Stop, or when the
// chain stops.
func Start(ctx context.Context, c Config) (*Node, error) {
	doc, err := readGenesis(c.Home)
	if err != nil {
		return nil, err
	}
	return start(ctx, c.withDefaults(), doc)
}

func start(ctx context.Context, c Config, doc *cmttypes.GenesisDoc) (*Node, error) {
	n := &Node{config: c, faults: newFaults(), done: make(chan struct{}), changed: make(chan struct{})}
	if err := n.open(doc); err != nil {
		return nil, err
	}
	sub, err := n.comet.EventBus().Subscribe(ctx, "watch", cmttypes.EventQueryNewBlockHeader, 64)
	if err != nil {
		n.close()
		return nil, fmt.Errorf("watch blocks: %w", err)
	}
	if err := n.comet.Start(); err != nil {
		n.close()
		return nil, fmt.Errorf("start the node: %w", err)
	}
	ctx, n.cancel = context.WithCancel(ctx)
	go func() {
		n.err = n.watch(ctx, sub)
		n.close()
		close(n.done)
	}()
	return n, nil
}

// open builds the application and CometBFT around it. CometBFT replays blocks into
// the application here, so a panic of either is this node's failure to start.
func (n *Node) open(doc *cmttypes.GenesisDoc) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the chain cannot go on from its last state: %v", r)
		}
	}()
	key, signer, err := loadKeys(n.config.Home)
	if err != nil {
		return err
	}
	db, err := n.config.database()
	if err != nil {
		return err
	}
	out := lines{n.config.Log, n.faults}
	if n.app, err = chain.New(appLog{out}, db, n.config.Home, n.config.options(doc.ChainID)...); err != nil {
		db.Close()
		return err
	}
	validator, ok := signer.Key.PrivKey.(ed25519.PrivKey)
	if !ok {
		n.closeDatabases()
		return fmt.Errorf("the validator's key in %s is of the type %s: votes need one of ed25519", n.config.Home,
			signer.Key.PrivKey.Type())
	}
	n.app.ProveWith(validator)
	cc := n.config.comet()
	n.comet, err = cmtnode.NewNode(cc, signer, key, proxy.NewLocalClientCreator(server.NewCometABCIWrapper(n.app)),
		func() (*cmttypes.GenesisDoc, error) { return doc, nil }, n.database,
		cmtnode.DefaultMetricsProvider(cc.Instrumentation), cometLog{out})
	if err != nil {
		n.closeDatabases()
		return fmt.Errorf("open the node: %w", err)
	}
	n.peer = p2p.IDAddressString(key.ID(), n.config.Listen)
	n.app.Attach(client.Context{}.WithChainID(doc.ChainID).WithClient(local.New(n.comet)).
		WithCodec(n.app.Encoding.Codec).WithInterfaceRegistry(n.app.Encoding.Registry).WithTxConfig(n.app.Encoding.Tx))
	return nil
}

// close stops CometBFT and then the application that it asks.
func (n *Node) close() {
	n.faults.ending.Store(true)
	if n.comet.IsRunning() {
		if err := n.comet.Stop(); err != nil {
			n.config.Log.Warn("stop the node", "err", err)
		}
		n.comet.Wait()
	}
	if err := n.comet.ProxyApp().Stop(); err != nil {
		n.config.Log.Warn("stop asking the application", "err", err)
	}
	n.closeDatabases()
}

// Stop ends the node and waits until it has ended.
func (n *Node) Stop() error {
	n.cancel()
	return n.Wait()
}

// Wait returns when the node has ended: nil after Stop or the end of its context,
// or why the chain stopped.
func (n *Node) Wait() error {
	<-n.done
	return n.err
}

// Done is closed when the node has ended.
func (n *Node) Done() <-chan struct{} { return n.done }

// URL is where the node answers: package client dials it.
func (n *Node) URL() string { return "http://" + n.config.RPC }

// Peer is how other nodes reach this one: id@host:port.
func (n *Node) Peer() string { return n.peer }

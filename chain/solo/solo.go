// Package solo is the whole chain without a network, for tests: all modules, signed
// transactions, blocks and proofs, in memory. A block takes a few milliseconds and is
// made when you say so.
//
//	chain, err := solo.New(solo.Config{Accounts: []chain.Account{{Address: ana.Address, Amount: purse}}})
//	defer chain.Close()
//	c, err := client.New(ctx, chain) // sends, queries and follows as over a network
//	go chain.Run(ctx, 0)             // makes a block whenever a transaction waits
//	c.Send(ctx, ana, &worker.MsgRegister{…})
//	chain.Wait(time.Hour)            // the next block is an hour later
//	chain.Step(20)                   // and 19 more follow
//
// How the pieces meet: the application of package chain runs under CometBFT's own mempool,
// block executor and block store. What is left out is the consensus with its sockets, clocks
// and goroutines: validators, whose keys everybody knows, propose in turn and all sign every
// block (block.go). So headers, signatures and proofs are as on a network. A Chain is the Node that
// a client needs (node.go).
//
// Time is the chain's own. It begins with Config.Genesis, and each block is one BlockTime later
// than the block before it. The same transactions in the same order give the same blocks,
// to the bit.
//
// For tests in which daemons work in the background, begin a bubble of testing/synctest and
// run the chain with a pace: go chain.Run(ctx, time.Second). The bubble's clock moves only when
// every goroutine waits, so blocks pass when nobody has anything to do before the next one:
// nobody is late because the machine is slow, and waiting for a deadline takes no time.
//
// What can go wrong: a block that cannot be made ends the chain; Step and Run return why, and
// so does every later call. The SDK's own queries about transactions and blocks are missing.
package solo

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	cmtdb "github.com/cometbft/cometbft-db"
	cmtcfg "github.com/cometbft/cometbft/config"
	"github.com/cometbft/cometbft/consensus"
	"github.com/cometbft/cometbft/crypto/ed25519"
	cmtlog "github.com/cometbft/cometbft/libs/log"
	"github.com/cometbft/cometbft/mempool"
	"github.com/cometbft/cometbft/proxy"
	sm "github.com/cometbft/cometbft/state"
	"github.com/cometbft/cometbft/store"
	cmttypes "github.com/cometbft/cometbft/types"
	dbm "github.com/cosmos/cosmos-db"

	"cosmossdk.io/log/v2"
	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/baseapp"
	"github.com/cosmos/cosmos-sdk/server"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/minga-network/minga/chain"
)

// stake is what each validator has put in, in uminga: 1,000 MINGA.
const stake = 1_000_000_000

// Config says what the chain begins with. All of it may be left out.
type Config struct {
	ChainID  string          // minga-solo-1 when empty
	Accounts []chain.Account // have coins from the start
	// Validators is how many sign each block; one when 0.
	Validators int
	// Genesis is the time of the first block; the beginning of 2026 when zero.
	Genesis time.Time
	// BlockTime is how much later a block is than the one before; a second when 0.
	BlockTime time.Duration
}

// Chain is a chain in this process. It is safe for concurrent use.
type Chain struct {
	config Config
	app    *chain.App
	conns  proxy.AppConns
	pool   *mempool.CListMempool
	exec   *sm.BlockExecutor
	states sm.Store
	blocks *store.BlockStore
	keys   map[string]ed25519.PrivKey // of the validators, by address

	mu    sync.Mutex
	state sm.State
	next  time.Time        // of the next block
	txs   map[string]place // by their hash
	err   error            // why there are no blocks any more
	made  chan struct{}    // closed at the next block
}

// place is where a transaction is.
type place struct {
	height int64
	index  int
}

// New makes a chain. It has no block yet.
func New(config Config) (*Chain, error) {
	config = config.withDefaults()
	c := &Chain{
		config: config, keys: map[string]ed25519.PrivKey{}, next: config.Genesis,
		txs: map[string]place{}, made: make(chan struct{}),
	}
	if err := c.open(); err != nil {
		return nil, errors.Join(fmt.Errorf("solo chain: %w", err), c.Close())
	}
	return c, nil
}

func (c Config) withDefaults() Config {
	if c.ChainID == "" {
		c.ChainID = "minga-solo-1"
	}
	if c.Validators == 0 {
		c.Validators = 1
	}
	if c.Genesis.IsZero() {
		c.Genesis = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	if c.BlockTime == 0 {
		c.BlockTime = time.Second
	}
	return c
}

// open makes the application, lets CometBFT give it the genesis, and puts mempool and executor
// around it.
func (c *Chain) open() error {
	genesis := chain.Genesis{ChainID: c.config.ChainID, Time: c.config.Genesis, Accounts: c.config.Accounts}
	for i := range c.config.Validators {
		genesis.Validators = append(genesis.Validators, c.validator(fmt.Sprintf("validator-%d", i)))
	}
	doc, err := genesis.Doc()
	if err != nil {
		return err
	}
	c.app, err = chain.New(log.NewNopLogger(), dbm.NewMemDB(), "", baseapp.SetChainID(doc.ChainID))
	if err != nil {
		return err
	}
	c.conns = proxy.NewAppConns(proxy.NewLocalClientCreator(server.NewCometABCIWrapper(c.app)), proxy.NopMetrics())
	if err := c.conns.Start(); err != nil {
		return err
	}
	if err := c.begin(doc); err != nil {
		return err
	}
	c.pool = mempool.NewCListMempool(cmtcfg.DefaultMempoolConfig(), c.conns.Mempool(), c.state.LastBlockHeight)
	c.pool.EnableTxsAvailable()
	c.exec = sm.NewBlockExecutor(c.states, cmtlog.NewNopLogger(), c.conns.Consensus(), c.pool, sm.EmptyEvidencePool{},
		c.blocks)
	return nil
}

// validator makes one whose key follows from its name.
func (c *Chain) validator(name string) chain.Validator {
	key := ed25519.GenPrivKeyFromSecret([]byte(name))
	address := key.PubKey().Address()
	c.keys[string(address)] = key
	return chain.Validator{Operator: sdk.AccAddress(address), Key: key.PubKey(), Moniker: name, Stake: math.NewInt(stake)}
}

// begin gives the application the genesis.
func (c *Chain) begin(doc *cmttypes.GenesisDoc) error {
	state, err := sm.MakeGenesisState(doc)
	if err != nil {
		return err
	}
	c.states, c.blocks = sm.NewStore(cmtdb.NewMemDB(), sm.StoreOptions{}), store.NewBlockStore(cmtdb.NewMemDB())
	if err := c.states.Save(state); err != nil {
		return err
	}
	if err := consensus.NewHandshaker(c.states, state, c.blocks, doc).Handshake(c.conns); err != nil {
		return err
	}
	c.state, err = c.states.Load()
	return err
}

// Close frees what the chain holds. Nothing may use it any more.
func (c *Chain) Close() error {
	var err error
	if c.conns != nil && c.conns.IsRunning() {
		err = c.conns.Stop()
	}
	if c.app != nil {
		err = errors.Join(err, c.app.Close())
	}
	return err
}

// Run makes a block as soon as a transaction waits, until ctx ends. With a pace it makes one too
// when none has waited for so long: see the package's comment.
func (c *Chain) Run(ctx context.Context, pace time.Duration) error {
	for {
		var late <-chan time.Time
		if pace > 0 {
			late = time.After(pace)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-c.pool.TxsAvailable():
		case <-late:
		}
		if err := c.Step(1); err != nil {
			return err
		}
	}
}

package node

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	cmtcfg "github.com/cometbft/cometbft/config"
	dbm "github.com/cosmos/cosmos-db"

	"github.com/cosmos/cosmos-sdk/baseapp"
	pruning "github.com/cosmos/cosmos-sdk/store/v2/pruning/types"
	"github.com/cosmos/cosmos-sdk/types/mempool"
)

const (
	// BlockTime is about how long a block of a node takes unless told otherwise.
	BlockTime = 2 * time.Second
	// Stall is how long a chain without a new block is waited for unless told otherwise.
	Stall = 2 * time.Minute
)

// Config says how a node runs. Only Home is needed.
type Config struct {
	// Home holds keys, genesis and blocks.
	Home string
	// RPC and Listen are host:port; loopback 26657 (for clients) and 26656 (for
	// other nodes) when empty.
	RPC, Listen string
	// Peers are other nodes to connect to: id@host:port.
	Peers []string
	// BlockTime and Stall replace the constants of these names unless 0.
	BlockTime, Stall time.Duration
	// MinGasPrice is the least that this node takes transactions for, as in
	// 0.01uminga; the chain's least when empty or less than that.
	MinGasPrice string
	// Log receives what the node says; nothing is written when nil.
	Log *slog.Logger

	memory bool // blocks and state are kept in memory
	local  bool // one of several nodes on this host
}

func (c Config) withDefaults() Config {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.RPC == "" {
		c.RPC = "127.0.0.1:26657"
	}
	if c.Listen == "" {
		c.Listen = "127.0.0.1:26656"
	}
	if c.BlockTime == 0 {
		c.BlockTime = BlockTime
	}
	if c.Stall == 0 {
		c.Stall = Stall
	}
	return c
}

// comet is CometBFT's configuration.
func (c Config) comet() *cmtcfg.Config {
	cc := cmtcfg.DefaultConfig()
	cc.SetRoot(c.Home)
	cc.DBBackend = "goleveldb"
	if c.memory {
		cc.DBBackend = "memdb"
	}
	cc.P2P.ListenAddress = "tcp://" + c.Listen
	cc.P2P.PersistentPeers = strings.Join(c.Peers, ",")
	// Loopback and private addresses are peers too; nodes of one host share theirs.
	cc.P2P.AddrBookStrict = false
	cc.P2P.AllowDuplicateIP = c.local
	cc.RPC.ListenAddress = "tcp://" + c.RPC
	cc.Consensus.TimeoutCommit = c.BlockTime
	// A peer that is behind is sent one block each time: fast blocks want short pauses,
	// or it never catches up.
	cc.Consensus.PeerGossipSleepDuration = min(cc.Consensus.PeerGossipSleepDuration, c.BlockTime/15)
	if c.local {
		// All peers are known, and a stopped proposer is waited for briefly.
		cc.P2P.PexReactor = false
		cc.Consensus.TimeoutPropose = max(2*c.BlockTime, time.Second)
	}
	return cc
}

func (c Config) database() (dbm.DB, error) {
	if c.memory {
		return dbm.NewMemDB(), nil
	}
	db, err := dbm.NewGoLevelDB("application", filepath.Join(c.Home, "data"), nil)
	if err != nil {
		return nil, fmt.Errorf("open the state of %s (is another node running there?): %w", c.Home, err)
	}
	return db, nil
}

// options tune the application: past states are kept for a while, CometBFT orders transactions.
func (c Config) options(chainID string) []func(*baseapp.BaseApp) {
	keep := pruning.NewPruningOptions(pruning.PruningDefault)
	if c.memory {
		keep = pruning.NewCustomPruningOptions(100, 10)
	}
	return []func(*baseapp.BaseApp){
		baseapp.SetChainID(chainID), baseapp.SetMinGasPrices(c.MinGasPrice),
		baseapp.SetMempool(mempool.NoOpMempool{}), baseapp.SetPruning(keep),
	}
}

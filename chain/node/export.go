package node

import (
	"fmt"

	cmtcfg "github.com/cometbft/cometbft/config"
	sm "github.com/cometbft/cometbft/state"
	cmttypes "github.com/cometbft/cometbft/types"

	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/baseapp"

	"github.com/minga-network/minga/chain"
)

// Export writes the state of a stopped node's home as the genesis of a chain that
// goes on at the next height, at the time of the last block.
func Export(home string) (*cmttypes.GenesisDoc, error) {
	genesis, err := readGenesis(home)
	if err != nil {
		return nil, err
	}
	c := Config{Home: home}
	state, err := c.lastBlock()
	if err != nil {
		return nil, err
	}
	db, err := c.database()
	if err != nil {
		return nil, err
	}
	app, err := chain.New(log.NewNopLogger(), db, home, baseapp.SetChainID(genesis.ChainID))
	if err != nil {
		db.Close()
		return nil, err
	}
	defer app.Close()
	return app.Export(state.LastBlockTime)
}

// lastBlock reads what CometBFT knows of the last block.
func (c Config) lastBlock() (sm.State, error) {
	db, err := cmtcfg.DefaultDBProvider(&cmtcfg.DBContext{ID: "state", Config: c.comet()})
	if err != nil {
		return sm.State{}, fmt.Errorf("open the blocks of %s (is the node still running?): %w", c.Home, err)
	}
	defer db.Close()
	return sm.NewStore(db, sm.StoreOptions{}).Load()
}

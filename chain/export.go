package chain

import (
	"encoding/json"
	"fmt"
	"time"

	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	cmttypes "github.com/cometbft/cometbft/types"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Export writes the latest committed state as the genesis of a chain that goes on
// at the next height. at becomes its genesis time.
func (a *App) Export(at time.Time) (*cmttypes.GenesisDoc, error) {
	height := a.LastBlockHeight()
	if height == 0 {
		return nil, fmt.Errorf("nothing to export: no block has been committed")
	}
	header := cmtproto.Header{ChainID: a.ChainID(), Height: height, Time: at}
	ctx := sdk.NewContext(a.CommitMultiStore(), header, true, a.Logger())
	doc, err := a.export(ctx)
	if err != nil {
		return nil, err
	}
	doc.ChainID, doc.GenesisTime, doc.InitialHeight = a.ChainID(), at.UTC(), height+1
	return doc, doc.ValidateAndComplete()
}

// export fills in the state and the consensus parameters.
func (a *App) export(ctx sdk.Context) (*cmttypes.GenesisDoc, error) {
	state, err := a.modules.ExportGenesis(ctx, a.Encoding.Codec)
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	raw, err := json.MarshalIndent(state, "", " ")
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	params := cmttypes.ConsensusParamsFromProto(a.GetConsensusParams(ctx))
	return &cmttypes.GenesisDoc{ConsensusParams: &params, AppState: raw}, nil
}

package chain

import (
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	cmttypes "github.com/cometbft/cometbft/types"
)

// ExportImported exports what InitChain has written, before the first block commits it.
func (a *App) ExportImported(like *cmttypes.GenesisDoc) (*cmttypes.GenesisDoc, error) {
	ctx := a.NewContextLegacy(false, cmtproto.Header{
		ChainID: like.ChainID, Height: like.InitialHeight, Time: like.GenesisTime,
	})
	doc, err := a.export(ctx)
	if err != nil {
		return nil, err
	}
	doc.ChainID, doc.GenesisTime, doc.InitialHeight = like.ChainID, like.GenesisTime, like.InitialHeight
	return doc, doc.ValidateAndComplete()
}

// Releases are the names of the upgrades.
func Releases() []string {
	var names []string
	for _, u := range upgrades {
		names = append(names, u.name)
	}
	return names
}

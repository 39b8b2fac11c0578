package chain

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/crypto/ed25519"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"
	"cosmossdk.io/core/appmodule"
	"cosmossdk.io/core/store"
	"cosmossdk.io/log/v2"
	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/baseapp"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	bankkeeper "github.com/cosmos/cosmos-sdk/x/bank/keeper"
)

// A well is a module that counts blocks and fills its account with a coin each.
type well struct {
	collections.Schema
	blocks collections.Sequence
	bank   bankkeeper.Keeper
}

func (well) IsOnePerModuleType() {}
func (well) IsAppModule()        {}

func (w well) EndBlock(ctx context.Context) error {
	if _, err := w.blocks.Next(ctx); err != nil {
		return err
	}
	return w.bank.MintCoins(ctx, "well", sdk.NewCoins(sdk.NewCoin(Denom, math.OneInt())))
}

func openWell(a *App, kv store.KVStoreService) (appmodule.AppModule, error) {
	b := collections.NewSchemaBuilder(kv)
	w := well{blocks: collections.NewSequence(b, collections.NewPrefix(0), "blocks"), bank: a.Bank}
	var err error
	w.Schema, err = b.Build()
	return w, err
}

// One entry in the list gives a module its store, account, genesis and end of block.
func TestAModuleCostsAnEntryInTheList(t *testing.T) {
	before := ours
	defer func() { ours = before }()
	ours = append(ours[:len(ours):len(ours)], own{
		name: "well", messages: well{}, open: openWell,
		accounts: []account{{name: "well", may: []string{authtypes.Minter}}},
	})
	operator := sdk.AccAddress("operator            ")
	doc, err := Genesis{ChainID: "minga-test-1", Time: time.Unix(1, 0), Validators: []Validator{
		{Operator: operator, Key: ed25519.GenPrivKey().PubKey(), Stake: math.NewInt(1_000_000)},
	}}.Doc()
	require.NoError(t, err)
	a, err := New(log.NewNopLogger(), dbm.NewMemDB(), "", baseapp.SetChainID(doc.ChainID))
	require.NoError(t, err)
	defer a.Close()
	params := doc.ConsensusParams.ToProto()
	_, err = a.InitChain(&abci.RequestInitChain{
		ChainId: doc.ChainID, Time: doc.GenesisTime, InitialHeight: 1, ConsensusParams: &params, AppStateBytes: doc.AppState,
	})
	require.NoError(t, err)
	_, err = a.FinalizeBlock(&abci.RequestFinalizeBlock{Height: 1, Time: doc.GenesisTime})
	require.NoError(t, err)
	_, err = a.Commit()
	require.NoError(t, err)

	held := a.Bank.GetBalance(a.NewContext(true), authtypes.NewModuleAddress("well"), Denom)
	require.Equal(t, "1uminga", held.String())
	exported, err := a.Export(doc.GenesisTime)
	require.NoError(t, err)
	var state struct {
		Well struct{ Blocks []struct{ Value string } }
	}
	require.NoError(t, json.Unmarshal(exported.AppState, &state))
	require.Equal(t, "1", state.Well.Blocks[0].Value)
}

// What depends on another module ends a block before it.
func TestEndOfBlockIsInReverse(t *testing.T) {
	require.Equal(t, []string{"gas", "beacon", "worker", "asset", "job"}, names())
	require.Equal(t, []string{"job", "asset", "worker", "beacon", "gas"}, ending())
}

// Commands are made for the modules that the application runs, and for no others.
func TestModulesWithoutStateAreThoseOfTheApplication(t *testing.T) {
	a, err := New(log.NewNopLogger(), dbm.NewMemDB(), "")
	require.NoError(t, err)
	require.ElementsMatch(t, slices.Collect(maps.Keys(a.modules.Modules)), slices.Collect(maps.Keys(Modules(a.Encoding))))
}

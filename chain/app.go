package chain

import (
	"encoding/json"
	"fmt"

	abci "github.com/cometbft/cometbft/abci/types"
	dbm "github.com/cosmos/cosmos-db"

	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"
	reflectionv1 "cosmossdk.io/api/cosmos/reflection/v1"
	"cosmossdk.io/log/v2"

	"github.com/cosmos/cosmos-sdk/baseapp"
	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/grpc/cmtservice"
	runtimeservices "github.com/cosmos/cosmos-sdk/runtime/services"
	"github.com/cosmos/cosmos-sdk/server"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/module"
	authtx "github.com/cosmos/cosmos-sdk/x/auth/tx"
)

// App is Minga's state machine: blocks in, state out.
type App struct {
	*baseapp.BaseApp
	Keepers
	Encoding Encoding

	prover  prover
	keys    map[string]*storetypes.KVStoreKey
	modules *module.Manager
	config  module.Configurator
}

// New opens the application over a database and loads its latest state. home is
// where an agreed upgrade leaves its note for the next start; it may be empty
// for an application that is never upgraded.
func New(logger log.Logger, db dbm.DB, home string, options ...func(*baseapp.BaseApp)) (*App, error) {
	enc, err := NewEncoding()
	if err != nil {
		return nil, err
	}
	// Pruning beside the blocks would leave a goroutine for each store behind the application.
	options = append(options, baseapp.SetIAVLSyncPruning(true))
	// A query is free. It may take as much as a block, which no page of a list comes near to.
	options = append(options, baseapp.SetQueryGasLimit(maxBlockGas))
	a := &App{
		BaseApp:  baseapp.NewBaseApp(Name, logger, db, enc.Tx.TxDecoder(), options...),
		Encoding: enc,
		keys:     storeKeys(),
	}
	a.SetInterfaceRegistry(enc.Registry)
	a.SetTxEncoder(enc.Tx.TxEncoder())
	a.SetProtocolVersion(Version)
	a.openKeepers(home)
	if a.modules, err = a.manager(); err != nil {
		return nil, err
	}
	if err := a.offerServices(); err != nil {
		return nil, err
	}
	a.setBlockers()
	if err := a.setUpgrades(upgrades, home); err != nil {
		return nil, err
	}
	if err := a.LoadLatestVersion(); err != nil {
		return nil, fmt.Errorf("load the latest state: %w", err)
	}
	return a, nil
}

// offerServices routes messages and queries to their modules.
func (a *App) offerServices() error {
	a.config = module.NewConfigurator(a.Encoding.Codec, a.MsgServiceRouter(), a.GRPCQueryRouter())
	if err := a.modules.RegisterServices(a.config); err != nil {
		return fmt.Errorf("register services: %w", err)
	}
	autocliv1.RegisterQueryServer(a.GRPCQueryRouter(), runtimeservices.NewAutoCLIQueryService(a.modules.Modules))
	reflection, err := runtimeservices.NewReflectionService()
	if err != nil {
		return fmt.Errorf("reflection: %w", err)
	}
	reflectionv1.RegisterReflectionServiceServer(a.GRPCQueryRouter(), reflection)
	return nil
}

// Attach gives the application's transaction and block queries a node to ask.
func (a *App) Attach(node client.Context) {
	authtx.RegisterTxService(a.GRPCQueryRouter(), node, a.Simulate, a.Encoding.Registry)
	ask := server.NewCometABCIWrapper(a).Query
	cmtservice.RegisterTendermintService(node, a.GRPCQueryRouter(), a.Encoding.Registry, ask)
}

// setBlockers says what happens to a block.
func (a *App) setBlockers() {
	a.MountKVStores(a.keys)
	a.SetInitChainer(a.initChain)
	a.SetPreBlocker(func(ctx sdk.Context, req *abci.RequestFinalizeBlock) (*sdk.ResponsePreBlock, error) {
		resp, err := a.modules.PreBlock(ctx)
		if err != nil {
			return nil, err
		}
		return resp, a.reveal(ctx, req)
	})
	a.SetBeginBlocker(func(ctx sdk.Context) (sdk.BeginBlock, error) { return a.modules.BeginBlock(ctx) })
	a.SetEndBlocker(func(ctx sdk.Context) (sdk.EndBlock, error) { return a.modules.EndBlock(ctx) })
	a.SetAnteHandler(a.anteHandler())
	a.setBeacon()
}

func (a *App) initChain(ctx sdk.Context, req *abci.RequestInitChain) (*abci.ResponseInitChain, error) {
	var state map[string]json.RawMessage
	if err := json.Unmarshal(req.AppStateBytes, &state); err != nil {
		return nil, fmt.Errorf("genesis: the application's state is not JSON: %w", err)
	}
	if err := a.Upgrade.SetModuleVersionMap(ctx, a.modules.GetVersionMap()); err != nil {
		return nil, err
	}
	return a.modules.InitGenesis(ctx, a.Encoding.Codec, state)
}

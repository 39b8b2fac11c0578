package chain

import (
	"fmt"

	"cosmossdk.io/core/appmodule"

	"github.com/cosmos/cosmos-sdk/types/module"
	"github.com/cosmos/cosmos-sdk/x/auth"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	"github.com/cosmos/cosmos-sdk/x/auth/vesting"
	vestingtypes "github.com/cosmos/cosmos-sdk/x/auth/vesting/types"
	"github.com/cosmos/cosmos-sdk/x/authz"
	authzmodule "github.com/cosmos/cosmos-sdk/x/authz/module"
	"github.com/cosmos/cosmos-sdk/x/bank"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	"github.com/cosmos/cosmos-sdk/x/consensus"
	consensustypes "github.com/cosmos/cosmos-sdk/x/consensus/types"
	distr "github.com/cosmos/cosmos-sdk/x/distribution"
	distrtypes "github.com/cosmos/cosmos-sdk/x/distribution/types"
	"github.com/cosmos/cosmos-sdk/x/evidence"
	evidencekeeper "github.com/cosmos/cosmos-sdk/x/evidence/keeper"
	evidencetypes "github.com/cosmos/cosmos-sdk/x/evidence/types"
	"github.com/cosmos/cosmos-sdk/x/feegrant"
	feegrantmodule "github.com/cosmos/cosmos-sdk/x/feegrant/module"
	"github.com/cosmos/cosmos-sdk/x/genutil"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"
	"github.com/cosmos/cosmos-sdk/x/gov"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	"github.com/cosmos/cosmos-sdk/x/mint"
	minttypes "github.com/cosmos/cosmos-sdk/x/mint/types"
	"github.com/cosmos/cosmos-sdk/x/slashing"
	slashingtypes "github.com/cosmos/cosmos-sdk/x/slashing/types"
	"github.com/cosmos/cosmos-sdk/x/staking"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"
	"github.com/cosmos/cosmos-sdk/x/upgrade"
	upgradetypes "github.com/cosmos/cosmos-sdk/x/upgrade/types"
)

// manager opens our own modules and holds every module with its state, in the orders below.
func (a *App) manager() (*module.Manager, error) {
	m := module.NewManager(a.sdkModules()...)
	for _, o := range ours {
		opened, err := o.open(a, a.kv(o.name))
		if err != nil {
			return nil, fmt.Errorf("x/%s: %w", o.name, err)
		}
		m.Modules[o.name] = opened
	}
	order(m)
	return m, nil
}

// sdkModules are the SDK's modules.
//
//nolint:staticcheck // the SDK's own manager takes no other type
func (a *App) sdkModules() []module.AppModule {
	cdc, reg := a.Encoding.Codec, a.Encoding.Registry
	return []module.AppModule{
		genutil.NewAppModule(a.Account, a.Staking, a, a.Encoding.Tx),
		auth.NewAppModule(cdc, a.Account, nil),
		vesting.NewAppModule(a.Account, a.Bank),
		bank.NewAppModule(cdc, a.Bank, a.Account),
		feegrantmodule.NewAppModule(cdc, a.Account, a.Bank, a.Feegrant, reg),
		gov.NewAppModule(cdc, a.Gov, a.Account, a.Bank),
		mint.NewAppModule(cdc, a.Mint, a.Account, nil),
		slashing.NewAppModule(cdc, a.Slashing, a.Account, a.Bank, a.Staking, reg),
		distr.NewAppModule(cdc, a.Distr, a.Account, a.Bank, a.Staking),
		staking.NewAppModule(cdc, a.Staking, a.Account, a.Bank),
		upgrade.NewAppModule(a.Upgrade, addresses),
		evidence.NewAppModule(*a.Evidence),
		authzmodule.NewAppModule(cdc, a.Authz, a.Account, a.Bank, reg),
		consensus.NewAppModule(cdc, a.Consensus),
	}
}

// Modules are the modules by name, for those who make commands of them. They know messages and addresses,
// but they have no state: no application is opened.
func Modules(enc Encoding) map[string]appmodule.AppModule {
	a := &App{Encoding: enc, keys: storeKeys()}
	a.openAccounts()
	a.Evidence = &evidencekeeper.Keeper{}
	all := map[string]appmodule.AppModule{}
	for _, m := range a.sdkModules() {
		all[m.Name()] = m
	}
	for _, o := range ours {
		all[o.name] = o.messages
	}
	return all
}

// order is who acts when. The manager panics where a module is forgotten.
func order(m *module.Manager) {
	m.SetOrderPreBlockers(upgradetypes.ModuleName, authtypes.ModuleName)
	m.SetOrderBeginBlockers(minttypes.ModuleName, distrtypes.ModuleName, slashingtypes.ModuleName,
		evidencetypes.ModuleName, stakingtypes.ModuleName, authz.ModuleName)
	m.SetOrderEndBlockers(append(ending(), govtypes.ModuleName, stakingtypes.ModuleName,
		feegrant.ModuleName, banktypes.ModuleName)...)
	// Accounts and coins come first; delegations need the distribution's records; genutil
	// needs validators; our own modules need all of these.
	genesis := append([]string{authtypes.ModuleName, banktypes.ModuleName, distrtypes.ModuleName, stakingtypes.ModuleName,
		slashingtypes.ModuleName, govtypes.ModuleName, minttypes.ModuleName, genutiltypes.ModuleName,
		evidencetypes.ModuleName, authz.ModuleName, feegrant.ModuleName, upgradetypes.ModuleName,
		vestingtypes.ModuleName, consensustypes.ModuleName}, names()...)
	m.SetOrderInitGenesis(genesis...)
	m.SetOrderExportGenesis(genesis...)
}

package chain

import (
	"cosmossdk.io/core/store"

	"github.com/cosmos/cosmos-sdk/codec/address"
	"github.com/cosmos/cosmos-sdk/runtime"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	authkeeper "github.com/cosmos/cosmos-sdk/x/auth/keeper"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	authzkeeper "github.com/cosmos/cosmos-sdk/x/authz/keeper"
	bankkeeper "github.com/cosmos/cosmos-sdk/x/bank/keeper"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	consensuskeeper "github.com/cosmos/cosmos-sdk/x/consensus/keeper"
	consensustypes "github.com/cosmos/cosmos-sdk/x/consensus/types"
	distrkeeper "github.com/cosmos/cosmos-sdk/x/distribution/keeper"
	distrtypes "github.com/cosmos/cosmos-sdk/x/distribution/types"
	evidencekeeper "github.com/cosmos/cosmos-sdk/x/evidence/keeper"
	evidencetypes "github.com/cosmos/cosmos-sdk/x/evidence/types"
	"github.com/cosmos/cosmos-sdk/x/feegrant"
	feegrantkeeper "github.com/cosmos/cosmos-sdk/x/feegrant/keeper"
	govkeeper "github.com/cosmos/cosmos-sdk/x/gov/keeper"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	mintkeeper "github.com/cosmos/cosmos-sdk/x/mint/keeper"
	minttypes "github.com/cosmos/cosmos-sdk/x/mint/types"
	slashingkeeper "github.com/cosmos/cosmos-sdk/x/slashing/keeper"
	slashingtypes "github.com/cosmos/cosmos-sdk/x/slashing/types"
	stakingkeeper "github.com/cosmos/cosmos-sdk/x/staking/keeper"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"
	upgradekeeper "github.com/cosmos/cosmos-sdk/x/upgrade/keeper"
	upgradetypes "github.com/cosmos/cosmos-sdk/x/upgrade/types"
)

// Keepers is the state of every module.
type Keepers struct {
	Account   authkeeper.AccountKeeper
	Bank      bankkeeper.BaseKeeper
	Staking   *stakingkeeper.Keeper
	Slashing  slashingkeeper.Keeper
	Mint      mintkeeper.Keeper
	Distr     distrkeeper.Keeper
	Gov       *govkeeper.Keeper
	Upgrade   *upgradekeeper.Keeper
	Feegrant  feegrantkeeper.Keeper
	Authz     authzkeeper.Keeper
	Evidence  *evidencekeeper.Keeper
	Consensus consensuskeeper.Keeper
	Ours
}

func storeKeys() map[string]*storetypes.KVStoreKey {
	return storetypes.NewKVStoreKeys(append(names(),
		authtypes.StoreKey, banktypes.StoreKey, stakingtypes.StoreKey, minttypes.StoreKey, distrtypes.StoreKey,
		slashingtypes.StoreKey, govtypes.StoreKey, consensustypes.StoreKey, upgradetypes.StoreKey, feegrant.StoreKey,
		evidencetypes.StoreKey, authzkeeper.StoreKey)...)
}

func (a *App) kv(name string) store.KVStoreService {
	return runtime.NewKVStoreService(a.keys[name])
}

// openKeepers opens the SDK's modules in the order in which they need one another.
func (a *App) openKeepers(home string) {
	cdc, gov := a.Encoding.Codec, authority()
	a.Consensus = consensuskeeper.NewKeeper(cdc, a.kv(consensustypes.StoreKey), gov, runtime.EventService{})
	a.SetParamStore(a.Consensus.ParamsStore)
	a.openAccounts()
	a.Bank = bankkeeper.NewBaseKeeper(cdc, a.kv(banktypes.StoreKey), a.Account, blocked(), gov, a.Logger())
	a.openStaking()
	a.Authz = authzkeeper.NewKeeper(a.kv(authzkeeper.StoreKey), cdc, a.MsgServiceRouter(), a.Account)
	a.Feegrant = feegrantkeeper.NewKeeper(cdc, a.kv(feegrant.StoreKey), a.Account)
	a.Upgrade = upgradekeeper.NewKeeper(map[int64]bool{}, a.kv(upgradetypes.StoreKey), cdc, home, a.BaseApp, gov)
	a.Gov = govkeeper.NewKeeper(cdc, a.kv(govtypes.StoreKey), a.Account, a.Bank, a.Distr, a.MsgServiceRouter(),
		govtypes.DefaultConfig(), gov, govkeeper.NewDefaultCalculateVoteResultsAndVotingPower(a.Staking))
	a.Gov.SetHooks(govtypes.NewMultiGovHooks())
}

// openAccounts opens who has keys.
func (a *App) openAccounts() {
	a.Account = authkeeper.NewAccountKeeper(a.Encoding.Codec, a.kv(authtypes.StoreKey), authtypes.ProtoBaseAccount,
		permissions(), addresses, Prefix, authority())
}

// openStaking opens what validators live by.
func (a *App) openStaking() {
	cdc, gov := a.Encoding.Codec, authority()
	a.Staking = stakingkeeper.NewKeeper(cdc, a.kv(stakingtypes.StoreKey), a.Account, a.Bank, gov,
		address.NewBech32Codec(Prefix+"valoper"), address.NewBech32Codec(Prefix+"valcons"))
	fees := authtypes.FeeCollectorName
	a.Mint = mintkeeper.NewKeeper(cdc, a.kv(minttypes.StoreKey), a.Staking, a.Account, a.Bank, fees, gov)
	a.Distr = distrkeeper.NewKeeper(cdc, a.kv(distrtypes.StoreKey), a.Account, a.Bank, a.Staking, fees, gov)
	a.Slashing = slashingkeeper.NewKeeper(cdc, a.Encoding.Amino, a.kv(slashingtypes.StoreKey), a.Staking, gov)
	a.Staking.SetHooks(stakingtypes.NewMultiStakingHooks(a.Distr.Hooks(), a.Slashing.Hooks()))
	a.Evidence = evidencekeeper.NewKeeper(cdc, a.kv(evidencetypes.StoreKey), a.Staking, a.Slashing,
		addresses, runtime.ProvideCometInfoService())
}

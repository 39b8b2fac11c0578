package chain

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/cometbft/cometbft/crypto"
	cmttypes "github.com/cometbft/cometbft/types"
	dbm "github.com/cosmos/cosmos-db"
	"github.com/cosmos/gogoproto/proto"

	"cosmossdk.io/log/v2"
	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	cryptocodec "github.com/cosmos/cosmos-sdk/crypto/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/module"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"
	slashingtypes "github.com/cosmos/cosmos-sdk/x/slashing/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"
)

const (
	// maxBlockBytes and maxBlockGas bound a block: about a second of work on two cores.
	maxBlockBytes = 4 << 20
	maxBlockGas   = 200_000_000
)

// Genesis describes a new chain.
type Genesis struct {
	ChainID    string
	Time       time.Time
	Accounts   []Account
	Validators []Validator
}

// Account has coins from the start.
type Account struct {
	Address sdk.AccAddress
	Amount  math.Int // uminga
}

// Validator is bonded from the start, with stake of its own beyond its account's coins.
type Validator struct {
	Operator sdk.AccAddress
	Key      crypto.PubKey // signs blocks
	Moniker  string
	Stake    math.Int // uminga
}

// Doc makes the genesis document that every node of the chain must have.
func (g Genesis) Doc() (*cmttypes.GenesisDoc, error) {
	a, err := New(log.NewNopLogger(), dbm.NewMemDB(), "")
	if err != nil {
		return nil, err
	}
	defer a.Close()
	state := a.DefaultGenesis()
	if err := g.fill(a.Encoding.Codec, state); err != nil {
		return nil, err
	}
	if err := a.ValidateGenesis(state); err != nil {
		return nil, fmt.Errorf("genesis: %w", err)
	}
	raw, err := json.MarshalIndent(state, "", " ")
	if err != nil {
		return nil, err
	}
	params := cmttypes.DefaultConsensusParams()
	params.Block.MaxBytes, params.Block.MaxGas = maxBlockBytes, maxBlockGas
	params.ABCI.VoteExtensionsEnableHeight = 1 // the beacon's proofs
	doc := &cmttypes.GenesisDoc{
		ChainID: g.ChainID, GenesisTime: g.Time.UTC(), ConsensusParams: params, AppState: raw, InitialHeight: 1,
	}
	return doc, doc.ValidateAndComplete()
}

// DefaultGenesis is every module's state in a chain without accounts or validators.
func (a *App) DefaultGenesis() map[string]json.RawMessage {
	return a.basics().DefaultGenesis(a.Encoding.Codec)
}

// ValidateGenesis looks for what the modules would refuse.
func (a *App) ValidateGenesis(state map[string]json.RawMessage) error {
	return a.basics().ValidateGenesis(a.Encoding.Codec, a.Encoding.Tx, state)
}

func (a *App) basics() module.BasicManager { return module.NewBasicManagerFromManager(a.modules, nil) }

// fill writes accounts, coins and validators into the default state.
func (g Genesis) fill(cdc codec.JSONCodec, state map[string]json.RawMessage) error {
	staking, slashing, err := g.validators()
	if err != nil {
		return err
	}
	accounts, bank := g.coins()
	gov := govv1.DefaultGenesisState()
	for _, m := range []struct {
		name  string
		state proto.Message
	}{
		{authtypes.ModuleName, authtypes.NewGenesisState(authtypes.DefaultParams(), accounts)},
		{banktypes.ModuleName, bank},
		{stakingtypes.ModuleName, staking},
		{slashingtypes.ModuleName, slashing},
		{govtypes.ModuleName, gov},
	} {
		if state[m.name], err = cdc.MarshalJSON(m.state); err != nil {
			return fmt.Errorf("genesis of %s: %w", m.name, err)
		}
	}
	return nil
}

// coins gives each account its coins and the pool of bonded stake what the validators put in.
func (g Genesis) coins() ([]authtypes.GenesisAccount, *banktypes.GenesisState) {
	var accounts []authtypes.GenesisAccount
	var balances []banktypes.Balance
	supply := sdk.NewCoins()
	give := func(to sdk.AccAddress, amount math.Int) {
		c := sdk.NewCoins(sdk.NewCoin(Denom, amount))
		balances = append(balances, banktypes.Balance{Address: to.String(), Coins: c})
		supply = supply.Add(c...)
	}
	for i, a := range g.Accounts {
		accounts = append(accounts, authtypes.NewBaseAccount(a.Address, nil, uint64(i), 0))
		give(a.Address, a.Amount)
	}
	bonded := math.ZeroInt()
	for _, v := range g.Validators {
		bonded = bonded.Add(v.Stake)
	}
	if bonded.IsPositive() {
		give(authtypes.NewModuleAddress(stakingtypes.BondedPoolName), bonded)
	}
	meta := []banktypes.Metadata{metadata()}
	return accounts, banktypes.NewGenesisState(banktypes.DefaultParams(), balances, supply, meta, nil)
}

// metadata tells wallets how to show the coin.
func metadata() banktypes.Metadata {
	return banktypes.Metadata{
		Description: "The coin of Minga: pays for work and data, secures the chain.",
		DenomUnits:  []*banktypes.DenomUnit{{Denom: Denom, Exponent: 0}, {Denom: "minga", Exponent: 6}},
		Base:        Denom, Display: "minga", Name: "Minga", Symbol: "MINGA",
	}
}

// validators bonds each validator to itself. Slashing needs a record of each from
// the start: the hooks that would write it run only for later ones.
func (g Genesis) validators() (*stakingtypes.GenesisState, *slashingtypes.GenesisState, error) {
	staking := stakingtypes.DefaultGenesisState()
	slashing := slashingtypes.DefaultGenesisState()
	for _, v := range g.Validators {
		key, err := cryptocodec.FromCmtPubKeyInterface(v.Key)
		if err != nil {
			return nil, nil, fmt.Errorf("validator %s: %w", v.Moniker, err)
		}
		packed, err := codectypes.NewAnyWithValue(key)
		if err != nil {
			return nil, nil, fmt.Errorf("validator %s: %w", v.Moniker, err)
		}
		operator := sdk.ValAddress(v.Operator).String()
		staking.Validators = append(staking.Validators, stakingtypes.Validator{
			OperatorAddress: operator, ConsensusPubkey: packed, Status: stakingtypes.Bonded,
			Tokens: v.Stake, DelegatorShares: math.LegacyNewDecFromInt(v.Stake),
			Description: stakingtypes.Description{Moniker: v.Moniker}, UnbondingTime: time.Unix(0, 0).UTC(),
			Commission:        stakingtypes.NewCommission(percent(5), percent(20), percent(1)),
			MinSelfDelegation: math.OneInt(),
		})
		own := stakingtypes.NewDelegation(v.Operator.String(), operator, math.LegacyNewDecFromInt(v.Stake))
		staking.Delegations = append(staking.Delegations, own)
		address := sdk.ConsAddress(v.Key.Address())
		slashing.SigningInfos = append(slashing.SigningInfos, slashingtypes.SigningInfo{
			Address:              address.String(),
			ValidatorSigningInfo: slashingtypes.NewValidatorSigningInfo(address, 0, 0, time.Unix(0, 0), false, 0),
		})
	}
	return staking, slashing, nil
}

func percent(n int64) math.LegacyDec { return math.LegacyNewDecWithPrec(n, 2) }

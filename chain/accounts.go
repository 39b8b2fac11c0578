package chain

import (
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	distrtypes "github.com/cosmos/cosmos-sdk/x/distribution/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	minttypes "github.com/cosmos/cosmos-sdk/x/mint/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"
)

// accounts lists every account that belongs to a module.
func accounts() []account {
	all := []account{
		{name: authtypes.FeeCollectorName},
		{name: distrtypes.ModuleName},
		{name: minttypes.ModuleName, may: []string{authtypes.Minter}},
		{name: stakingtypes.BondedPoolName, may: []string{authtypes.Burner, authtypes.Staking}},
		{name: stakingtypes.NotBondedPoolName, may: []string{authtypes.Burner, authtypes.Staking}},
		{name: stakingtypes.KeyRotationFeePoolName, may: []string{authtypes.Burner}},
		{name: govtypes.ModuleName, may: []string{authtypes.Burner}, donations: true},
	}
	for _, m := range ours {
		all = append(all, m.accounts...)
	}
	return all
}

// permissions says what each module may do to the supply of coins.
func permissions() map[string][]string {
	p := map[string][]string{}
	for _, a := range accounts() {
		p[a.name] = a.may
	}
	return p
}

// blocked returns the addresses that refuse plain sends.
func blocked() map[string]bool {
	b := map[string]bool{}
	for _, a := range accounts() {
		if !a.donations {
			b[authtypes.NewModuleAddress(a.name).String()] = true
		}
	}
	return b
}

// authority is the account that governance acts as.
func authority() string { return authtypes.NewModuleAddress(govtypes.ModuleName).String() }

package chain

import (
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	distrtypes "github.com/cosmos/cosmos-sdk/x/distribution/types"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	minttypes "github.com/cosmos/cosmos-sdk/x/mint/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/job"
	"github.com/minga-network/minga/x/worker"
)

// permissions lists every account that belongs to a module and what the module
// may do to the supply of coins.
var permissions = map[string][]string{
	authtypes.FeeCollectorName:          nil,
	distrtypes.ModuleName:               nil,
	minttypes.ModuleName:                {authtypes.Minter},
	stakingtypes.BondedPoolName:         {authtypes.Burner, authtypes.Staking},
	stakingtypes.NotBondedPoolName:      {authtypes.Burner, authtypes.Staking},
	stakingtypes.KeyRotationFeePoolName: {authtypes.Burner},
	govtypes.ModuleName:                 {authtypes.Burner},
	worker.Name:                         {authtypes.Burner},
	job.Name:                            nil,
	asset.Name:                          {authtypes.Minter},
	asset.Commons:                       nil,
}

// open lists the module accounts that anyone may send to. The others keep books
// of what they hold: a plain send would be lost to everyone.
var open = map[string]bool{govtypes.ModuleName: true, asset.Commons: true}

// blocked returns the addresses that refuse plain sends.
func blocked() map[string]bool {
	b := map[string]bool{}
	for name := range permissions {
		if !open[name] {
			b[authtypes.NewModuleAddress(name).String()] = true
		}
	}
	return b
}

// authority is the account that governance acts as.
func authority() string { return authtypes.NewModuleAddress(govtypes.ModuleName).String() }

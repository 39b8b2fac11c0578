package chain

import (
	"fmt"

	"github.com/cosmos/gogoproto/proto"

	"cosmossdk.io/core/appmodule"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/codec/address"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/std"
	"github.com/cosmos/cosmos-sdk/types/module"
	"github.com/cosmos/cosmos-sdk/x/auth"
	authtx "github.com/cosmos/cosmos-sdk/x/auth/tx"
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
	"github.com/cosmos/cosmos-sdk/x/tx/signing"
	"github.com/cosmos/cosmos-sdk/x/upgrade"
	upgradetypes "github.com/cosmos/cosmos-sdk/x/upgrade/types"
)

// Encoding is how bytes become messages and back.
type Encoding struct {
	Registry codectypes.InterfaceRegistry
	Codec    codec.Codec
	Tx       client.TxConfig
	Amino    *codec.LegacyAmino // the SDK's keyring stores keys in it
}

// messages lists the application's modules without state: enough to know their messages,
// not to run them.
func messages() map[string]appmodule.AppModule {
	all := map[string]appmodule.AppModule{
		authtypes.ModuleName:      auth.AppModule{},
		vestingtypes.ModuleName:   vesting.AppModule{},
		banktypes.ModuleName:      bank.AppModule{},
		stakingtypes.ModuleName:   staking.AppModule{},
		slashingtypes.ModuleName:  slashing.AppModule{},
		distrtypes.ModuleName:     distr.AppModule{},
		minttypes.ModuleName:      mint.AppModule{},
		govtypes.ModuleName:       gov.AppModule{},
		authz.ModuleName:          authzmodule.AppModule{},
		feegrant.ModuleName:       feegrantmodule.AppModule{},
		evidencetypes.ModuleName:  evidence.AppModule{},
		consensustypes.ModuleName: consensus.AppModule{},
		upgradetypes.ModuleName:   upgrade.AppModule{},
		genutiltypes.ModuleName:   genutil.AppModule{},
	}
	for _, m := range ours {
		all[m.name] = m.messages
	}
	return all
}

// NewEncoding knows the messages of every module. It builds no application.
func NewEncoding() (Encoding, error) {
	reg, err := codectypes.NewInterfaceRegistryWithOptions(codectypes.InterfaceRegistryOptions{
		ProtoFiles: proto.HybridResolver,
		SigningOptions: signing.Options{
			AddressCodec:          addresses,
			ValidatorAddressCodec: address.NewBech32Codec(Prefix + "valoper"),
		},
	})
	if err != nil {
		return Encoding{}, fmt.Errorf("interface registry: %w", err)
	}
	e := Encoding{Registry: reg, Codec: codec.NewProtoCodec(reg), Amino: codec.NewLegacyAmino()}
	e.Tx = authtx.NewTxConfig(e.Codec, authtx.DefaultSignModes)
	std.RegisterLegacyAminoCodec(e.Amino)
	std.RegisterInterfaces(reg)
	for name, m := range messages() {
		basic := module.CoreAppModuleAdaptor(name, m)
		basic.RegisterLegacyAminoCodec(e.Amino)
		basic.RegisterInterfaces(reg)
	}
	return e, nil
}

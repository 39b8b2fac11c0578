package client

import (
	"fmt"
	"strings"

	"github.com/cosmos/gogoproto/proto"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/reflect/protoreflect"

	sdkclient "github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/codec/address"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/std"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/msgservice"
	authtx "github.com/cosmos/cosmos-sdk/x/auth/tx"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	vestingtypes "github.com/cosmos/cosmos-sdk/x/auth/vesting/types"
	"github.com/cosmos/cosmos-sdk/x/authz"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	distrtypes "github.com/cosmos/cosmos-sdk/x/distribution/types"
	"github.com/cosmos/cosmos-sdk/x/feegrant"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types/v1"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"
	"github.com/cosmos/cosmos-sdk/x/tx/signing"
)

// The SDK prints addresses with one prefix for the whole process. Package chain sets
// the same; a program that only talks to a chain does not load it.
func init() {
	c := sdk.GetConfig()
	c.SetBech32PrefixForAccount(Prefix, Prefix+"pub")
	c.SetBech32PrefixForValidator(Prefix+"valoper", Prefix+"valoperpub")
	c.SetBech32PrefixForConsensusNode(Prefix+"valcons", Prefix+"valconspub")
}

// encoding knows the messages that a client may send or read.
func encoding() (sdkclient.Context, error) {
	reg, err := codectypes.NewInterfaceRegistryWithOptions(codectypes.InterfaceRegistryOptions{
		ProtoFiles: proto.HybridResolver,
		SigningOptions: signing.Options{
			AddressCodec:          address.NewBech32Codec(Prefix),
			ValidatorAddressCodec: address.NewBech32Codec(Prefix + "valoper"),
		},
	})
	if err != nil {
		return sdkclient.Context{}, fmt.Errorf("interface registry: %w", err)
	}
	for _, register := range []func(codectypes.InterfaceRegistry){
		std.RegisterInterfaces, authtypes.RegisterInterfaces, vestingtypes.RegisterInterfaces, banktypes.RegisterInterfaces,
		stakingtypes.RegisterInterfaces, distrtypes.RegisterInterfaces, govtypes.RegisterInterfaces,
		authz.RegisterInterfaces, feegrant.RegisterInterfaces, registerOurs,
	} {
		register(reg)
	}
	cdc := codec.NewProtoCodec(reg)
	return sdkclient.Context{}.WithCodec(cdc).WithInterfaceRegistry(reg).
		WithTxConfig(authtx.NewTxConfig(cdc, authtx.DefaultSignModes)), nil
}

// registerOurs makes the messages of our own modules known. It needs no list of them: a program that sends
// a module's messages has that module, and with it the description of its services.
func registerOurs(reg codectypes.InterfaceRegistry) {
	proto.HybridResolver.RangeFiles(func(file protoreflect.FileDescriptor) bool {
		msgs := file.Services().ByName("Msg")
		if msgs != nil && strings.HasPrefix(string(file.Package()), "minga.") {
			service := &grpc.ServiceDesc{ServiceName: string(msgs.FullName()), Metadata: file.Path()}
			msgservice.RegisterMsgServiceDesc(reg, service)
		}
		return true
	})
}

package beacon

import (
	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"
	"cosmossdk.io/collections"
	"cosmossdk.io/core/appmodule"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/types/msgservice"
	"google.golang.org/grpc"
)

var (
	_ appmodule.HasGenesis  = AppModule{}
	_ appmodule.HasServices = AppModule{}
)

// AppModule plugs the keeper into the app. The embedded schema brings genesis.
type AppModule struct {
	collections.Schema
	k Keeper
}

// NewModule makes the module of a keeper.
func NewModule(k Keeper) AppModule { return AppModule{k.Schema, k} }

// ConsensusVersion rises with each migration of the store.
func (AppModule) ConsensusVersion() uint64 { return 1 }

// RegisterServices routes messages and queries to the keeper.
func (m AppModule) RegisterServices(r grpc.ServiceRegistrar) error {
	RegisterMsgServer(r, m.k)
	RegisterQueryServer(r, queries{m.k})
	return nil
}

// RegisterInterfaces makes the messages known to the codec.
func (AppModule) RegisterInterfaces(r codectypes.InterfaceRegistry) {
	msgservice.RegisterMsgServiceDesc(r, &_Msg_serviceDesc)
}

// AutoCLIOptions makes the commands.
func (AppModule) AutoCLIOptions() *autocliv1.ModuleOptions {
	return &autocliv1.ModuleOptions{
		Query: &autocliv1.ServiceCommandDescriptor{Service: Query_serviceDesc.ServiceName,
			RpcCommandOptions: []*autocliv1.RpcCommandOptions{
				{RpcMethod: "Seed", Use: "seed [height]", Short: "Show the random number of a block, or of the last one",
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "height", Optional: true}}},
				{RpcMethod: "Draw", Use: "draw [from]", Short: "Show the seed of draws about what was final at a height",
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "from"}}},
			}},
		Tx: &autocliv1.ServiceCommandDescriptor{Service: Msg_serviceDesc.ServiceName,
			RpcCommandOptions: []*autocliv1.RpcCommandOptions{{RpcMethod: "Reveal", Skip: true}}},
	}
}

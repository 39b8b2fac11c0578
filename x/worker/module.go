package worker

import (
	"context"

	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"
	"cosmossdk.io/collections"
	"cosmossdk.io/core/appmodule"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/types/msgservice"
	"google.golang.org/grpc"
)

var (
	_ appmodule.HasGenesis    = AppModule{}
	_ appmodule.HasServices   = AppModule{}
	_ appmodule.HasEndBlocker = AppModule{}
)

// AppModule plugs the keeper into the app. The embedded schema brings genesis.
type AppModule struct {
	collections.Schema
	k Keeper
}

// NewModule makes the module of a keeper.
func NewModule(k Keeper) AppModule { return AppModule{k.Schema, k} }

// InitGenesis takes over the state that the chain begins with.
func (m AppModule) InitGenesis(ctx context.Context, from appmodule.GenesisSource) error {
	if err := m.Schema.InitGenesis(ctx, from); err != nil {
		return err
	}
	p, err := m.k.params(ctx)
	if err != nil {
		return err
	}
	return p.check()
}

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

// EndBlock pays back stakes that are due.
func (m AppModule) EndBlock(ctx context.Context) error { return m.k.EndBlock(ctx) }

// AutoCLIOptions makes the commands.
func (AppModule) AutoCLIOptions() *autocliv1.ModuleOptions {
	address := []*autocliv1.PositionalArgDescriptor{{ProtoField: "address"}}
	return &autocliv1.ModuleOptions{
		Query: &autocliv1.ServiceCommandDescriptor{Service: Query_serviceDesc.ServiceName,
			RpcCommandOptions: []*autocliv1.RpcCommandOptions{
				{RpcMethod: "Worker", Use: "show [address]", Short: "Show one worker: offers, stake, record",
					PositionalArgs: address},
				{RpcMethod: "Workers", Use: "list", Short: "List all workers"},
				{RpcMethod: "Params", Use: "params", Short: "Show the parameters that governance sets"},
			}},
		Tx: &autocliv1.ServiceCommandDescriptor{Service: Msg_serviceDesc.ServiceName,
			RpcCommandOptions: []*autocliv1.RpcCommandOptions{
				{
					RpcMethod: "Register", Use: "register [stake] [endpoint]", Short: "Join with a stake and offers",
					Long: "Join with a stake (uminga) and offers: for each kind of work the price in uminga for one token.",
					Example: `register 5000000 https://worker.example:9000 --offers '{"kind":"train","price":"2"}' ` +
						`--offers '{"kind":"infer","price":"3"}' --from me`,
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "stake"}, {ProtoField: "endpoint"}},
				},
				{
					RpcMethod: "Update", Use: "update [add-stake] [endpoint]", Short: "Replace offers and endpoint, and add stake",
					Example:        `update 0 https://worker.example:9000 --offers '{"kind":"train","price":"4"}' --from me`,
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "add_stake"}, {ProtoField: "endpoint"}},
				},
				{RpcMethod: "Unbond", Use: "unbond", Short: "Leave; the stake is paid back later, once no job locks it"},
				{RpcMethod: "UpdateParams", Skip: true},
			}},
	}
}

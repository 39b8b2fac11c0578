package asset

import (
	autocliv1 "cosmossdk.io/api/cosmos/autocli/v1"
	"cosmossdk.io/collections"
	"google.golang.org/grpc"

	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/types/msgservice"
)

// AppModule plugs the keeper into the app. The embedded schema brings genesis.
type AppModule struct {
	collections.Schema
	k Keeper
}

// NewModule is the keeper as a module of the app.
func NewModule(k Keeper) AppModule { return AppModule{k.Schema, k} }

// RegisterServices offers the module's transactions and queries.
func (m AppModule) RegisterServices(r grpc.ServiceRegistrar) error {
	RegisterMsgServer(r, msgs{m.k})
	RegisterQueryServer(r, queries{m.k})
	return nil
}

// RegisterInterfaces makes the messages known to the codec.
func (AppModule) RegisterInterfaces(r codectypes.InterfaceRegistry) {
	msgservice.RegisterMsgServiceDesc(r, &_Msg_serviceDesc)
}

// ConsensusVersion is the version of the stored state.
func (AppModule) ConsensusVersion() uint64 { return 1 }

// AutoCLIOptions describes the module's commands.
func (AppModule) AutoCLIOptions() *autocliv1.ModuleOptions {
	return &autocliv1.ModuleOptions{
		Tx: &autocliv1.ServiceCommandDescriptor{
			Service:           "minga.asset.v1.Msg",
			RpcCommandOptions: txCommands(),
		},
		Query: &autocliv1.ServiceCommandDescriptor{
			Service:           "minga.asset.v1.Query",
			RpcCommandOptions: queryCommands(),
		},
	}
}

func txCommands() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{
		{
			RpcMethod: "Commit", Use: "commit [commitment]",
			Short:          "Commit to a dataset before publishing it (`minga dataset publish` does both)",
			Example:        "minga tx asset commit 9a41…07 --from alice",
			PositionalArgs: args("commitment"),
		},
		{
			RpcMethod: "Register", Use: "register [name] [root] [bytes] [records] [licence] [price]",
			Short: "Publish a dataset that you committed to and get all its shares",
			Example: `minga tx asset register "folk tales" 5f3c…e1 312480 2210 CC0-1.0 1000000 ` +
				`--salt 77b0…3c --source https://data.example.org --from alice`,
			PositionalArgs: args("name", "root", "bytes", "records", "licence", "price"),
			FlagOptions: map[string]*autocliv1.FlagOptions{
				"salt":    {Usage: "the 32 bytes that the commitment was made with"},
				"sketch":  {Usage: "MinHash of the text"},
				"source":  {Usage: "base URL where the blob can be fetched"},
				"parents": {Usage: "ids of the assets it was made from, increasing"},
			},
		},
		{
			RpcMethod: "Deposit", Use: "deposit [asset] [amount]",
			Short:          "Pay uminga to an asset's holders",
			Example:        "minga tx asset deposit 7 2500000 --from alice",
			PositionalArgs: args("asset", "amount"),
		},
		{
			RpcMethod: "Withdraw", Use: "withdraw [asset]",
			Short:          "Take what an asset has earned for you",
			Example:        "minga tx asset withdraw 7 --from alice",
			PositionalArgs: args("asset"),
			FlagOptions: map[string]*autocliv1.FlagOptions{
				"holder": {Usage: "whom to pay: yourself, or the commons"},
			},
		},
		{
			RpcMethod: "Spend", Use: "spend [to] [amount...]", GovProposal: true,
			Short:          "Propose to pay coins or shares from the commons",
			Example:        "minga tx asset spend minga1… 2500000uminga --from alice",
			PositionalArgs: append(args("to"), &autocliv1.PositionalArgDescriptor{ProtoField: "amount", Varargs: true}),
		},
	}
}

func queryCommands() []*autocliv1.RpcCommandOptions {
	return []*autocliv1.RpcCommandOptions{
		{
			RpcMethod: "Asset", Use: "show [id]",
			Short:          "Show an asset, how its shares were given out and what it earned",
			Example:        "minga query asset show 7",
			PositionalArgs: args("id"),
		},
		{
			RpcMethod: "Assets", Use: "list",
			Short:   "List datasets and models",
			Example: "minga query asset list --page-limit 20",
		},
		{
			RpcMethod: "Lineage", Use: "lineage [id]",
			Short:          "List what an asset was made from, nearest first",
			Example:        "minga query asset lineage 7",
			PositionalArgs: args("id"),
		},
		{
			RpcMethod: "Income", Use: "income [asset] [holder]",
			Short:          "Tell what a holder could withdraw now",
			Example:        "minga query asset income 7 minga1…",
			PositionalArgs: args("asset", "holder"),
		},
		{
			RpcMethod: "Locked", Use: "locked [asset] [holder]",
			Short:          "Tell how many of a holder's shares are not vested yet",
			Example:        "minga query asset locked 7 minga1…",
			PositionalArgs: args("asset", "holder"),
		},
	}
}

// args names the fields that a command takes by position.
func args(fields ...string) []*autocliv1.PositionalArgDescriptor {
	list := make([]*autocliv1.PositionalArgDescriptor, len(fields))
	for i, f := range fields {
		list[i] = &autocliv1.PositionalArgDescriptor{ProtoField: f}
	}
	return list
}

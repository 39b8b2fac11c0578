package job

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

// EndBlock ends the jobs that are due.
func (m AppModule) EndBlock(ctx context.Context) error { return m.k.EndBlock(ctx) }

// AutoCLIOptions makes the commands. A job is posted from a spec file, which these
// cannot read, so post is a command of the binary itself; claims and reports carry what
// a worker computed, so it is the worker that sends them.
func (AppModule) AutoCLIOptions() *autocliv1.ModuleOptions {
	id := []*autocliv1.PositionalArgDescriptor{{ProtoField: "id"}}
	job := []*autocliv1.PositionalArgDescriptor{{ProtoField: "job"}}
	return &autocliv1.ModuleOptions{
		Query: &autocliv1.ServiceCommandDescriptor{Service: Query_serviceDesc.ServiceName,
			RpcCommandOptions: []*autocliv1.RpcCommandOptions{
				{RpcMethod: "Job", Use: "show [id]", Short: "Show a job", PositionalArgs: id},
				{RpcMethod: "Jobs", Use: "list",
					Short:   "List jobs: all, those in one state, the children of one, or those of a worker",
					Example: "list --state state-open --kind train"},
				{RpcMethod: "Explain", Use: "explain [id]",
					Short: "Tell where a job stands, which workers fit it, which do not, and why", PositionalArgs: id},
				{RpcMethod: "Dispute", Use: "dispute [id]", Short: "Show how far a dispute is narrowed down, and what decided it",
					PositionalArgs: id},
				{RpcMethod: "Disputes", Use: "disputes",
					Short:   "List disputes: all, those about one job, or those of one party that go on",
					Example: "disputes --job 1"},
				{RpcMethod: "Key", Use: "key [hash]", Short: "Find the job that pays for an API key (its SHA-256)",
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "key"}}},
				{RpcMethod: "Measured", Use: "measured [job]",
					Short: "Show how far the measuring of a job's data is, and what it gave", PositionalArgs: job},
				{RpcMethod: "Params", Use: "params", Short: "Show the parameters that governance sets"},
			}},
		Tx: &autocliv1.ServiceCommandDescriptor{Service: Msg_serviceDesc.ServiceName,
			RpcCommandOptions: []*autocliv1.RpcCommandOptions{
				{RpcMethod: "Cancel", Use: "cancel [job]", Short: "Take back a job that nobody has taken", PositionalArgs: job},
				{RpcMethod: "Take", Use: "take [job]", Short: "Take an open job; locks stake", PositionalArgs: job},
				{RpcMethod: "Check", Use: "check [job]", Short: "Take a checker's seat at a claimed job; locks stake",
					PositionalArgs: job},
				{RpcMethod: "Challenge", Use: "challenge [job] [target]",
					Short:          "Deny a claim: its trace, or its result where the trace is right; locks stake",
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "job"}, {ProtoField: "target"}}},
				{RpcMethod: "Answer", Use: "answer [dispute] [answer]",
					Short:          "Make the claimant's move in a dispute, from a file or hex (the worker does it by itself)",
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "dispute"}, {ProtoField: "answer"}}},
				{RpcMethod: "Deny", Use: "deny [dispute] [denial]",
					Short:          "Make the challenger's move in a dispute, from a file or hex (the worker does it by itself)",
					PositionalArgs: []*autocliv1.PositionalArgDescriptor{{ProtoField: "dispute"}, {ProtoField: "denial"}}},
				{RpcMethod: "Post", Skip: true},
				{RpcMethod: "Claim", Skip: true},
				{RpcMethod: "Measure", Skip: true},
				{RpcMethod: "Report", Skip: true},
				{RpcMethod: "UpdateParams", Skip: true},
			}},
	}
}

package job

import (
	"bytes"
	"encoding/json"
	"testing"

	"cosmossdk.io/client/v2/autocli"
	"cosmossdk.io/collections"
	"cosmossdk.io/core/appmodule"
	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/codec/address"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/runtime/services"
	"github.com/cosmos/cosmos-sdk/types/module"
	"github.com/cosmos/cosmos-sdk/types/query"

	"github.com/minga-network/minga/x/ledgertest"
	"github.com/minga-network/minga/x/worker"
)

// exported is the genesis of x/job.
func (l *ledger) exported() json.RawMessage {
	return module.CoreAppModuleAdaptor(Name, NewModule(l.k)).(module.HasABCIGenesis).ExportGenesis(l.Ctx, l.Codec)
}

// TestGenesisKeepsEverything exports in the middle of many lives, imports, and lets both
// ledgers' queues and indexes speak.
func TestGenesisKeepsEverything(t *testing.T) {
	s := newStorm(t, 8)
	for range 500 {
		s.send()
		if s.rng.Intn(20) == 0 {
			s.next()
		}
	}
	before := s.exported()
	other := newLedger(t)
	genesis := module.CoreAppModuleAdaptor(Name, NewModule(other.k)).(module.HasABCIGenesis)
	genesis.InitGenesis(other.Ctx, other.Codec, before)
	require.JSONEq(t, string(before), string(other.exported()))
	for state := StateUnspecified; state <= StateWaiting; state++ {
		req := &QueryJobsRequest{State: state, Pagination: &query.PageRequest{Limit: maxJobs}}
		a, err := queries{s.k}.Jobs(s.Ctx, req)
		require.NoError(t, err)
		b, err := queries{other.k}.Jobs(other.Ctx, req)
		require.NoError(t, err)
		require.Equal(t, a.Jobs, b.Jobs)
		for _, j := range a.Jobs {
			require.True(t, state == StateUnspecified || j.State == state)
		}
	}
	for i, queue := range []collections.KeySet[collections.Pair[int64, uint64]]{s.k.Queue, s.k.Deadlines} {
		a, err := due(s.Ctx.WithBlockHeight(1000), queue)
		require.NoError(t, err)
		require.NotEmpty(t, a)
		b, err := due(other.Ctx.WithBlockHeight(1000),
			[]collections.KeySet[collections.Pair[int64, uint64]]{other.k.Queue, other.k.Deadlines}[i])
		require.NoError(t, err)
		require.Equal(t, a, b)
	}
	measured := 0
	for job := range s.jobs + 1 {
		m, begun, err := s.k.measuring(s.Ctx, job)
		require.NoError(t, err)
		again, _, err := other.k.measuring(other.Ctx, job)
		require.NoError(t, err)
		require.Equal(t, m, again)
		if begun {
			measured++
		}
		req := &QueryDisputesRequest{Job: job, Pagination: &query.PageRequest{Limit: maxDisputes}}
		a, err := queries{s.k}.Disputes(s.Ctx, req)
		require.NoError(t, err)
		b, err := queries{other.k}.Disputes(other.Ctx.WithBlockHeight(s.Ctx.BlockHeight()), req)
		require.NoError(t, err)
		require.Equal(t, a, b)
		for _, d := range a.Disputes {
			require.True(t, job == 0 || d.Dispute.Job == job)
		}
	}
	require.Positive(t, measured)
}

func TestJobsByStatePageByPage(t *testing.T) {
	c := newTown(t)
	for range 5 {
		c.post(c.creator, trainTerms(c.data...))
	}
	require.NoError(t, c.take(3, c.w[0]))
	var ids []uint64
	page := &query.PageRequest{Limit: 3}
	for page != nil {
		res, err := queries{c.k}.Jobs(c.Ctx, &QueryJobsRequest{State: StateOpen, Pagination: page})
		require.NoError(t, err)
		for _, j := range res.Jobs {
			ids = append(ids, j.Id)
		}
		if page = nil; len(res.Pagination.NextKey) > 0 {
			page = &query.PageRequest{Limit: 3, Key: res.Pagination.NextKey}
		}
	}
	require.Equal(t, []uint64{1, 2, 4, 5}, ids)
}

// TestCommands builds the command tree as the binary does.
func TestCommands(t *testing.T) {
	l := newLedger(t)
	modules := map[string]appmodule.AppModule{Name: NewModule(l.k), worker.Name: worker.NewModule(l.workers)}
	reg := codectypes.NewInterfaceRegistry()
	anyModules := map[string]any{}
	for name, m := range modules {
		m.(interface {
			RegisterInterfaces(codectypes.InterfaceRegistry)
		}).RegisterInterfaces(reg)
		anyModules[name] = m
	}
	o := autocli.AppOptions{
		Modules: modules, ModuleOptions: services.ExtractAutoCLIOptions(anyModules),
		AddressCodec:          address.NewBech32Codec(ledgertest.Prefix),
		ValidatorAddressCodec: address.NewBech32Codec(ledgertest.Prefix + "valoper"),
		ConsensusAddressCodec: address.NewBech32Codec(ledgertest.Prefix + "valcons"),
		ClientCtx:             client.Context{Codec: codec.NewProtoCodec(reg), InterfaceRegistry: reg},
	}
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"query", "job", "explain", "--help"}, "explain [id]"},
		{[]string{"query", "job", "list", "--help"}, "--state"},
		{[]string{"query", "job", "key", "--help"}, "key [hash]"},
		{[]string{"query", "job", "dispute", "--help"}, "dispute [id]"},
		{[]string{"query", "job", "disputes", "--help"}, "--job"},
		{[]string{"tx", "job", "challenge", "--help"}, "challenge [job] [target]"},
		{[]string{"tx", "job", "answer", "--help"}, "answer [dispute] [answer]"},
		{[]string{"tx", "job", "deny", "--help"}, "deny [dispute] [denial]"},
		{[]string{"tx", "job", "take", "--help"}, "take [job]"},
		{[]string{"tx", "job", "check", "--help"}, "check [job]"},
		{[]string{"tx", "job", "cancel", "--help"}, "cancel [job]"},
		{[]string{"tx", "worker", "register", "--help"}, "--offers"},
		{[]string{"tx", "worker", "update", "--help"}, "update [add-stake] [endpoint]"},
		{[]string{"tx", "worker", "unbond", "--help"}, "Leave"},
		{[]string{"query", "worker", "show", "--help"}, "show [address]"},
	} {
		root := &cobra.Command{Use: "minga"}
		require.NoError(t, o.EnhanceRootCommand(root))
		var b bytes.Buffer
		root.SetOut(&b)
		root.SetArgs(c.args)
		require.NoError(t, root.Execute(), c.args)
		require.Contains(t, b.String(), c.says, c.args)
	}
}

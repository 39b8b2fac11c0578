package asset

import (
	"bytes"
	"testing"

	"cosmossdk.io/client/v2/autocli"
	"cosmossdk.io/core/appmodule"
	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/codec"
	addresscodec "github.com/cosmos/cosmos-sdk/codec/address"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/runtime/services"
	"github.com/cosmos/cosmos-sdk/types/module"
)

func (l *ledger) export() []byte {
	m := module.CoreAppModuleAdaptor(Name, NewModule(l.k)).(module.HasABCIGenesis)
	return m.ExportGenesis(l.ctx, l.cdc)
}

func TestGenesisCarriesEverythingOver(t *testing.T) {
	l := newLedger(t)
	ana, ben := l.user("ana"), l.user("ben")
	id := l.register(ana)
	model, err := l.k.MintModel(l.ctx, l.model(Part{Holder: ben.String(), Role: "compute", Shares: Shares}))
	require.NoError(t, err)
	l.send(ana, ben, id, 333_333_333)
	l.deposit(ben, id, 100)
	l.deposit(ben, model, 50)
	require.Equal(t, int64(33), l.withdraw(ben, id))
	l.send(ben, ana, id, 33)

	exported := l.export()
	next := newLedger(t)
	m := module.CoreAppModuleAdaptor(Name, NewModule(next.k)).(module.HasABCIGenesis)
	require.NoError(t, m.(module.HasGenesisBasics).ValidateGenesis(next.cdc, nil, exported))
	next.auth.InitGenesis(next.ctx, *l.auth.ExportGenesis(l.ctx))
	next.bank.InitGenesis(next.ctx, l.bank.ExportGenesis(l.ctx))
	m.InitGenesis(next.ctx, next.cdc, exported)

	require.Equal(t, string(exported), string(next.export()))
	next.made = l.made
	next.checkConserved()
	require.Equal(t, int64(66), next.withdraw(ana, id))
	require.Equal(t, int64(50), next.withdraw(ben, model))
	again := next.dataset(ana)
	first, err := l.k.Get(l.ctx, id)
	require.NoError(t, err)
	again.Root = first.Root
	_, err = next.msg.Register(next.ctx, again)
	require.ErrorIs(t, err, ErrExists)
	require.Equal(t, model+1, next.register(ana))
}

func TestTheEmptyGenesisIsValid(t *testing.T) {
	l := newLedger(t)
	m := module.CoreAppModuleAdaptor(Name, NewModule(l.k)).(module.HasGenesisBasics)
	require.NoError(t, m.ValidateGenesis(l.cdc, nil, m.DefaultGenesis(l.cdc)))
	require.Error(t, m.ValidateGenesis(l.cdc, nil, []byte(`{"assets":[{"key":"x"}]}`)))
}

func TestCommands(t *testing.T) {
	l := newLedger(t)
	mod := NewModule(l.k)
	reg := codectypes.NewInterfaceRegistry()
	mod.RegisterInterfaces(reg)
	options := autocli.AppOptions{
		Modules:               map[string]appmodule.AppModule{Name: mod},
		ModuleOptions:         services.ExtractAutoCLIOptions(map[string]any{Name: mod}),
		AddressCodec:          addresscodec.NewBech32Codec(prefix),
		ValidatorAddressCodec: addresscodec.NewBech32Codec(prefix + "valoper"),
		ConsensusAddressCodec: addresscodec.NewBech32Codec(prefix + "valcons"),
		ClientCtx:             client.Context{Codec: codec.NewProtoCodec(reg), InterfaceRegistry: reg},
	}
	for _, args := range [][]string{
		{"tx", Name, "register"}, {"tx", Name, "deposit"}, {"tx", Name, "withdraw"}, {"tx", Name, "spend"},
		{"query", Name, "show"}, {"query", Name, "list"}, {"query", Name, "lineage"}, {"query", Name, "income"},
	} {
		root := &cobra.Command{Use: prefix}
		require.NoError(t, options.EnhanceRootCommand(root))
		var out bytes.Buffer
		root.SetOut(&out)
		root.SetArgs(append(args, "--help"))
		require.NoError(t, root.Execute())
		require.Contains(t, out.String(), "minga "+args[0]+" asset "+args[2], "the example of %v", args)
		t.Log(out.String())
	}
}

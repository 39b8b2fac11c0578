package asset

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"cosmossdk.io/client/v2/autocli"
	"cosmossdk.io/core/appmodule"
	"github.com/cosmos/gogoproto/proto"
	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/codec"
	addresscodec "github.com/cosmos/cosmos-sdk/codec/address"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	"github.com/cosmos/cosmos-sdk/runtime/services"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/module"
	authtx "github.com/cosmos/cosmos-sdk/x/auth/tx"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"
	"github.com/cosmos/cosmos-sdk/x/tx/signing"

	"github.com/minga-network/minga/x/ledgertest"
)

func (l *ledger) export() []byte {
	m := module.CoreAppModuleAdaptor(Name, NewModule(l.k)).(module.HasABCIGenesis)
	return m.ExportGenesis(l.Ctx, l.Codec)
}

func TestGenesisCarriesEverythingOver(t *testing.T) {
	l := newLedger(t)
	ana, ben := l.User("ana"), l.User("ben")
	id := l.register(ana)
	model, err := l.k.MintModel(l.Ctx, l.model(Part{Holder: ben.String(), Role: "compute", Shares: Shares}))
	require.NoError(t, err)
	l.send(ana, ben, id, 333_333_333)
	l.deposit(ben, id, 100)
	l.deposit(ben, model, 50)
	require.Equal(t, int64(33), l.withdraw(ben, id))
	l.send(ben, ana, id, 33)
	l.Ctx = l.Ctx.WithBlockHeight(50)
	tuned := l.model(Part{Holder: ben.String(), Role: "compute", Shares: Shares})
	tuned.Base, tuned.Royalty, tuned.Vested = l.tuned(ana, 0, 2_000), 1_000, 100
	last, err := l.k.MintModel(l.Ctx, tuned)
	require.NoError(t, err)
	l.text(ana, []string{"a text with a sketch, long enough for one"})
	pending := l.dataset(ben)
	require.NoError(t, l.commit(pending, 1))

	exported := l.export()
	next := newLedger(t).at(50)
	m := module.CoreAppModuleAdaptor(Name, NewModule(next.k)).(module.HasABCIGenesis)
	require.NoError(t, m.(module.HasGenesisBasics).ValidateGenesis(next.Codec, nil, exported))
	next.Auth.InitGenesis(next.Ctx, *l.Auth.ExportGenesis(l.Ctx))
	next.Bank.InitGenesis(next.Ctx, l.Bank.ExportGenesis(l.Ctx))
	m.InitGenesis(next.Ctx, next.Codec, exported)

	require.Equal(t, string(exported), string(next.export()))
	next.made = l.made
	next.checkConserved()
	require.Equal(t, int64(66), next.withdraw(ana, id))
	require.Equal(t, int64(50), next.withdraw(ben, model))
	again := next.dataset(ana)
	first, err := l.k.Get(l.Ctx, id)
	require.NoError(t, err)
	again.Root = first.Root
	_, err = next.publish(again)
	require.ErrorIs(t, err, ErrExists)
	res, err := next.msg.Register(next.Ctx, pending)
	require.NoError(t, err)
	require.Equal(t, last+2, res.Asset)
	require.ErrorIs(t, next.trySend(ben, ana, last, 1), ErrLocked)
	next.deposit(ben, last, 100)
	require.Equal(t, int64(20), next.withdraw(ana, tuned.Base))
	require.Equal(t, last+1, next.similar(next.text(ben, []string{"a text with a sketch, long enough for one"})))
}

func TestTheEmptyGenesisIsValid(t *testing.T) {
	l := newLedger(t)
	m := module.CoreAppModuleAdaptor(Name, NewModule(l.k)).(module.HasGenesisBasics)
	require.NoError(t, m.ValidateGenesis(l.Codec, nil, m.DefaultGenesis(l.Codec)))
	require.Error(t, m.ValidateGenesis(l.Codec, nil, []byte(`{"assets":[{"key":"x"}]}`)))
}

// terminal runs one command line of the module and returns what it prints.
func (l *ledger) terminal(args ...string) string {
	mod := NewModule(l.k)
	reg, err := codectypes.NewInterfaceRegistryWithOptions(codectypes.InterfaceRegistryOptions{
		ProtoFiles: proto.HybridResolver,
		SigningOptions: signing.Options{
			AddressCodec:          addresscodec.NewBech32Codec(ledgertest.Prefix),
			ValidatorAddressCodec: addresscodec.NewBech32Codec(ledgertest.Prefix + "valoper"),
		},
	})
	require.NoError(l, err)
	mod.RegisterInterfaces(reg)
	govv1.RegisterInterfaces(reg)
	cdc := codec.NewProtoCodec(reg)
	var out bytes.Buffer
	c := client.Context{
		Codec: cdc, InterfaceRegistry: reg, TxConfig: authtx.NewTxConfig(cdc, authtx.DefaultSignModes),
		Keyring: keyring.NewInMemory(cdc), Output: &out,
	}
	options := autocli.AppOptions{
		Modules:               map[string]appmodule.AppModule{Name: mod},
		ModuleOptions:         services.ExtractAutoCLIOptions(map[string]any{Name: mod}),
		AddressCodec:          addresscodec.NewBech32Codec(ledgertest.Prefix),
		ValidatorAddressCodec: addresscodec.NewBech32Codec(ledgertest.Prefix + "valoper"),
		ConsensusAddressCodec: addresscodec.NewBech32Codec(ledgertest.Prefix + "valcons"),
		ClientCtx:             c,
	}
	root := &cobra.Command{Use: ledgertest.Prefix}
	require.NoError(l, options.EnhanceRootCommand(root))
	root.SetOut(&out)
	root.SetArgs(args)
	require.NoError(l, root.ExecuteContext(context.WithValue(context.Background(), client.ClientContextKey, &c)))
	return out.String()
}

func TestEachCommandShowsAnExample(t *testing.T) {
	l := newLedger(t)
	for _, args := range [][]string{
		{"tx", Name, "register"}, {"tx", Name, "deposit"}, {"tx", Name, "withdraw"}, {"tx", Name, "spend"},
		{"query", Name, "show"}, {"query", Name, "list"}, {"query", Name, "lineage"}, {"query", Name, "income"},
		{"tx", Name, "commit"}, {"query", Name, "locked"},
	} {
		require.Contains(t, l.terminal(append(args, "--help")...), "minga "+args[0]+" asset "+args[2]+" ")
	}
}

func TestCommandsBuildTheMessages(t *testing.T) {
	l := newLedger(t)
	ana := sdk.AccAddress("ana                 ").String()
	for _, c := range []struct {
		line []string
		want []string
	}{
		{
			[]string{"register", "folk tales", strings.Repeat("ab", 32), "312480", "2210", "CC0-1.0", "1000000", "--source",
				"https://a", "--parents", "1,2", "--salt", strings.Repeat("cd", 32)},
			[]string{`"name":"folk tales"`, `"root":"q6urq6ur`, `"bytes":"312480"`, `"price":"1000000"`, `"source":"https://a"`,
				`"parents":["1","2"]`, `"salt":"zc3Nzc3N`, `"creator":"` + ana},
		},
		{[]string{"commit", strings.Repeat("ab", 32)}, []string{`"commitment":"q6urq6ur`, `"creator":"` + ana}},
		{[]string{"deposit", "7", "2500000"}, []string{`"asset":"7","amount":"2500000"`, `"from":"` + ana}},
		{[]string{"withdraw", "7"}, []string{`"asset":"7"`, `"sender":"` + ana}},
		{
			[]string{"spend", ana, "5asset/1", "25uminga", "--title", "t", "--summary", "s", "--deposit", "1uminga"},
			[]string{`"authority":"` + ledgertest.Authority(), `"denom":"asset/1","amount":"5"`,
				`"denom":"uminga","amount":"25"`},
		},
	} {
		line := append([]string{"tx", Name}, c.line...)
		out := l.terminal(append(line, "--from", ana, "--generate-only", "--offline", "-a", "1", "-s", "1")...)
		for _, want := range c.want {
			require.Contains(t, out, want)
		}
	}
}

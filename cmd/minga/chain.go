package main

import (
	"context"
	"fmt"
	"maps"

	cmtbytes "github.com/cometbft/cometbft/libs/bytes"
	rpchttp "github.com/cometbft/cometbft/rpc/client/http"
	ctypes "github.com/cometbft/cometbft/rpc/core/types"
	cmttypes "github.com/cometbft/cometbft/types"
	"github.com/cosmos/gogoproto/proto"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/reflect/protoregistry"

	"cosmossdk.io/client/v2/autocli"
	"cosmossdk.io/client/v2/autocli/flag"

	sdkclient "github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/codec/address"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	authcmd "github.com/cosmos/cosmos-sdk/x/auth/client/cli"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/minga-network/minga/chain"
	"github.com/minga-network/minga/client"
)

// addChainCommands makes `minga tx` and `minga query` out of the modules' services.
func addChainCommands(root *cobra.Command, enc chain.Encoding) error {
	tx := &cobra.Command{Use: "tx", Short: "Sign and send a transaction", RunE: sdkclient.ValidateCmd}
	addMaxFee(tx.PersistentFlags())
	query := &cobra.Command{Use: "query", Aliases: []string{"q"}, Short: "Ask the chain", RunE: sdkclient.ValidateCmd}
	query.AddCommand(authcmd.QueryTxCmd())
	root.AddCommand(tx, query)
	modules := autocli.AppOptions{Modules: chain.Modules(enc)}
	if err := modules.EnhanceRootCommandWithBuilder(root, builder()); err != nil {
		return fmt.Errorf("commands: %w", err)
	}
	about := chain.Subjects()
	maps.Copy(about, subjects)
	for _, cmd := range []*cobra.Command{tx, query} {
		tidy(cmd)
		for _, c := range cmd.Commands() {
			c.Short, c.Hidden = about[c.Name()], about[c.Name()] == ""
		}
	}
	return tellDisputes(query)
}

// builder makes commands as the SDK's usual builder does, except that it finds messages where they are
// registered. The usual builder first copies all of them into one registry. That takes longer than all the rest.
func builder() *autocli.Builder {
	return &autocli.Builder{
		Builder: flag.Builder{
			TypeResolver:          protoregistry.GlobalTypes,
			FileResolver:          &descriptors{Resolver: proto.HybridResolver},
			AddressCodec:          address.NewBech32Codec(chain.Prefix),
			ValidatorAddressCodec: address.NewBech32Codec(chain.Prefix + "valoper"),
			ConsensusAddressCodec: address.NewBech32Codec(chain.Prefix + "valcons"),
		},
		GetClientConn: func(cmd *cobra.Command) (grpc.ClientConnInterface, error) {
			return sdkclient.GetClientQueryContext(cmd)
		},
		AddQueryConnFlags: func(cmd *cobra.Command) {
			flags.AddQueryFlagsToCmd(cmd)
			flags.AddKeyringFlags(cmd.Flags())
		},
		AddTxConnFlags: flags.AddTxFlagsToCmd,
	}
}

// subjects are what the commands of the SDK's modules are about. The others work too, but few need them.
var subjects = map[string]string{
	"authz":        "Let another account act for this one",
	"bank":         "Coins and shares: balances, sends",
	"distribution": "Rewards of validators and those who delegate to them",
	"feegrant":     "Pay another account's fees",
	"gov":          "Proposals and votes",
	"slashing":     "Validators that failed to sign",
	"staking":      "Validators and delegations",
	"tx":           "A transaction by its hash",
}

// presets are the SDK's flags whose usual value here is another.
var presets = map[string]string{
	flags.FlagNode:           loopback,
	flags.FlagKeyringBackend: keyring.BackendFile,
	flags.FlagGas:            flags.GasFlagAuto,
	flags.FlagGasAdjustment:  "1.5",
	flags.FlagOutput:         flags.OutputFormatText,
}

// rare are the SDK's flags that work but would hide the others in the help.
var rare = []string{
	flags.FlagGRPC, flags.FlagGRPCInsecure, flags.FlagUseLedger, flags.FlagAux, flags.FlagTip, flags.FlagTimeoutHeight,
	flags.TimeoutDuration, flags.FlagUnordered, flags.FlagSignMode, flags.FlagBroadcastMode, flags.FlagAccountNumber,
	flags.FlagSequence, flags.FlagOffline, flags.FlagKeyringDir, flags.FlagChainID, flags.FlagGasAdjustment,
	flags.FlagFeePayer, flags.FlagFeeGranter, "no-indent", "page-key",
}

// tidy gives the SDK's commands this program's usual values and a short help.
func tidy(cmd *cobra.Command) {
	for _, set := range []*pflag.FlagSet{cmd.Flags(), cmd.PersistentFlags()} {
		for name, value := range presets {
			if f := set.Lookup(name); f != nil && f.Value.Set(value) == nil {
				f.DefValue = value
			}
		}
		for _, name := range rare {
			if f := set.Lookup(name); f != nil {
				f.Hidden = true
			}
		}
		if f := set.Lookup(flags.FlagGas); f != nil {
			f.Usage = "most gas to use, or auto to find out"
		}
	}
	for _, c := range cmd.Commands() {
		tidy(c)
	}
}

// connect gives a command what the SDK's commands look for in their context: how to
// reach the node and where the keys are. It opens no connection yet.
func connect(cmd *cobra.Command, enc chain.Encoding) error {
	home, err := cmd.Flags().GetString(flagHome)
	if err != nil {
		return err
	}
	url, err := cmd.Flags().GetString(flagNode)
	if err != nil {
		return err
	}
	node, err := rpchttp.New(url, "/websocket")
	if err != nil {
		return usage(fmt.Errorf("--%s %s: %w", flagNode, url, err))
	}
	warnOfTestKeys(cmd)
	// The SDK makes another client when the flag was given; ours waits for the block.
	cmd.Flags().Lookup(flagNode).Changed = false
	ctx := sdkclient.Context{}.
		WithCodec(enc.Codec).WithInterfaceRegistry(enc.Registry).WithTxConfig(enc.Tx).WithLegacyAmino(enc.Amino).
		WithAccountRetriever(authtypes.AccountRetriever{}).WithHomeDir(home).WithKeyringDir(home).
		WithInput(cmd.InOrStdin()).WithOutput(cmd.OutOrStdout()).WithViper("").
		WithNodeURI(url).WithClient(waiting{node, url, cmd})
	if signs(cmd) {
		status, err := node.Status(cmd.Context())
		if err != nil {
			return fmt.Errorf("%w at %s: %w", client.ErrUnreachable, url, err)
		}
		ctx = ctx.WithChainID(status.NodeInfo.Network)
		if err := offerPrice(cmd, ctx); err != nil {
			return err
		}
	}
	// Opens the keyring: a command's arguments may name keys.
	if ctx, err = sdkclient.ReadPersistentCommandFlags(ctx, cmd.Flags()); err != nil {
		return err
	}
	return sdkclient.SetCmdClientContext(cmd, ctx.WithCmdContext(cmd.Context()))
}

// signs tells whether a command needs the chain's id: it sends, and was not told.
func signs(cmd *cobra.Command) bool {
	if cmd.Flags().Lookup(flags.FlagFrom) == nil || cmd.Flags().Changed(flags.FlagChainID) {
		return false
	}
	offline, err := cmd.Flags().GetBool(flags.FlagOffline)
	return err == nil && !offline
}

// waiting is a node's RPC whose broadcast returns when a block has the transaction, so
// that a command that ends well has done something.
type waiting struct {
	*rpchttp.HTTP
	url string
	cmd *cobra.Command
}

// BroadcastTxSync sends a transaction and waits for its block.
func (w waiting) BroadcastTxSync(ctx context.Context, tx cmttypes.Tx) (*ctypes.ResultBroadcastTx, error) {
	c, err := client.Dial(ctx, w.url)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	if err := setMaxFee(w.cmd, c); err != nil {
		return nil, err
	}
	r, err := c.Submit(ctx, tx)
	if err != nil {
		return nil, err
	}
	return &ctypes.ResultBroadcastTx{Hash: cmtbytes.HexBytes(tx.Hash()), Log: fmt.Sprintf("in block %d", r.Height)}, nil
}

package main

import (
	"encoding/json"
	"fmt"
	"strings"

	cmtjson "github.com/cometbft/cometbft/libs/json"
	cmttypes "github.com/cometbft/cometbft/types"
	"github.com/spf13/cobra"

	"cosmossdk.io/math"

	sdkclient "github.com/cosmos/cosmos-sdk/client"
	cryptocodec "github.com/cosmos/cosmos-sdk/crypto/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/minga-network/minga/chain"
	"github.com/minga-network/minga/chain/node"
)

// firstCoins is what the first validator's operator has when nothing else is said.
const firstCoins = 1_000_000_000_000

func nodeCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "node", Short: "Run a node of a chain", RunE: sdkclient.ValidateCmd}
	cmd.AddCommand(nodeInit(), nodeStart(), nodeID(), nodeExport())
	return cmd
}

func nodeInit() *cobra.Command {
	var chainID, operator, genesis string
	var accounts []string
	cmd := &cobra.Command{
		Use: "init", Short: "Make the keys of a node, and a new chain or one to join",
		Long: `Make the keys of a node in the home folder.

With --operator it begins a new chain, whose first validator is this node. With
--genesis it joins a chain: the file is the one that the chain's other nodes have.`,
		Example: `minga node init --chain-id minga-village-1 --operator minga1...
minga node init --genesis genesis.json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			home, err := cmd.Flags().GetString(flagHome)
			if err != nil {
				return err
			}
			var id node.Identity
			switch {
			case (genesis == "") == (operator == ""):
				return usage(fmt.Errorf("either --operator (a new chain) or --genesis (join one) is needed"))
			case genesis != "":
				id, err = join(home, genesis)
			default:
				id, err = begin(home, chainID, operator, accounts)
			}
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "node %s in %s\n", id.ID, home)
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&chainID, "chain-id", "minga-local-1", "name of the new chain; ends in a number")
	f.StringVar(&operator, "operator", "", "address that owns the first validator")
	f.StringArrayVar(&accounts, "account", nil,
		"ADDRESS=AMOUNT in uminga from the start, many times (default: the operator, 1000000 MINGA)")
	f.StringVar(&genesis, "genesis", "", "genesis file of the chain to join")
	return cmd
}

func join(home, genesis string) (node.Identity, error) {
	doc, err := node.ReadGenesis(genesis)
	if err != nil {
		return node.Identity{}, err
	}
	return node.Join(home, doc)
}

func begin(home, chainID, operator string, accounts []string) (node.Identity, error) {
	owner, err := sdk.AccAddressFromBech32(operator)
	if err != nil {
		return node.Identity{}, usage(fmt.Errorf("--operator %s: %w", operator, err))
	}
	list, err := readAccounts(accounts)
	if err != nil {
		return node.Identity{}, usage(err)
	}
	if len(list) == 0 {
		list = []chain.Account{{Address: owner, Amount: math.NewInt(firstCoins)}}
	}
	return node.Init(home, chainID, owner, list)
}

// readAccounts reads ADDRESS=AMOUNT.
func readAccounts(texts []string) ([]chain.Account, error) {
	var list []chain.Account
	for _, text := range texts {
		name, amount, _ := strings.Cut(text, "=")
		address, err := sdk.AccAddressFromBech32(name)
		if err != nil {
			return nil, fmt.Errorf("--account %s: %w", text, err)
		}
		coins, ok := math.NewIntFromString(strings.TrimSuffix(amount, chain.Denom))
		if !ok || !coins.IsPositive() {
			return nil, fmt.Errorf("--account %s: the amount is a positive number of uminga", text)
		}
		list = append(list, chain.Account{Address: address, Amount: coins})
	}
	return list, nil
}

func nodeStart() *cobra.Command {
	var c node.Config
	cmd := &cobra.Command{
		Use: "start", Short: "Run the node until it is interrupted",
		Long: `Run the node of the home folder, from where it stopped, until it is interrupted.
It listens on this machine only, unless told otherwise.`,
		Example: "minga node start --listen 0.0.0.0:26656 --peer 3f1c...@192.0.2.7:26656",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if c.Home, err = cmd.Flags().GetString(flagHome); err != nil {
				return err
			}
			if c.Log, err = logger(cmd); err != nil {
				return err
			}
			n, err := node.Start(cmd.Context(), c)
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "node %s answers at %s\n", n.Peer(), n.URL())
			return n.Wait()
		},
	}
	f := cmd.Flags()
	f.StringVar(&c.RPC, "rpc", "127.0.0.1:26657", "address for clients")
	f.StringVar(&c.Listen, "listen", "127.0.0.1:26656", "address for other nodes")
	f.StringArrayVar(&c.Peers, "peer", nil, "another node, ID@HOST:PORT, many times")
	f.DurationVar(&c.BlockTime, "block-time", node.BlockTime, "about how long a block takes")
	f.DurationVar(&c.Stall, "stall", node.Stall, "end when there is no new block for this long")
	f.StringVar(&c.MinGasPrice, "min-gas-price", "",
		"take transactions only for this price of gas, as in 0.01uminga, where it is over the chain's least")
	return cmd
}

func nodeID() *cobra.Command {
	return &cobra.Command{
		Use: "id", Short: "Show who the node is: its id for peers, its key for staking", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			home, err := cmd.Flags().GetString(flagHome)
			if err != nil {
				return err
			}
			id, err := node.Identify(home)
			if err != nil {
				return err
			}
			key, err := cryptocodec.FromCmtPubKeyInterface(id.Key)
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "id: %s\nkey: {\"@type\":\"/cosmos.crypto.ed25519.PubKey\",\"key\":%s}\n",
				id.ID, quoted(key.Bytes()))
			return nil
		},
	}
}

// quoted is bytes as JSON has them.
func quoted(b []byte) string {
	text, _ := json.Marshal(b) // bytes always become a string
	return string(text)
}

func nodeExport() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use: "export", Short: "Write a stopped node's state as the genesis of a chain that goes on from it",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			home, err := cmd.Flags().GetString(flagHome)
			if err != nil {
				return err
			}
			doc, err := node.Export(home)
			if err != nil {
				return err
			}
			return writeGenesis(cmd, doc, file)
		},
	}
	cmd.Flags().StringVar(&file, "to", "", "file to write (default: standard output)")
	return cmd
}

// writeGenesis writes to a file, or to standard output.
func writeGenesis(cmd *cobra.Command, doc *cmttypes.GenesisDoc, file string) error {
	if file != "" {
		return doc.SaveAs(file)
	}
	text, err := cmtjson.MarshalIndent(doc, "", "  ")
	if err != nil {
		return fmt.Errorf("write the genesis: %w", err)
	}
	_, err = fmt.Fprintln(cmd.OutOrStdout(), string(text))
	return err
}

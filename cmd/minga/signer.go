package main

import (
	"fmt"

	"github.com/spf13/cobra"

	sdkclient "github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/minga-network/minga/client"
)

// signing gives a command the flags that openSigner reads.
func signing(cmd *cobra.Command) *cobra.Command {
	f := cmd.Flags()
	f.String(flags.FlagFrom, "", "name of the key that signs and pays")
	f.String(flags.FlagGasPrices, "", "what to pay for gas, as in 0.01uminga")
	flags.AddKeyringFlags(f)
	if err := cmd.MarkFlagRequired(flags.FlagFrom); err != nil {
		panic(err) // the flag is two lines above
	}
	tidy(cmd)
	return cmd
}

// dial connects to the node of --node.
func dial(cmd *cobra.Command) (*client.Client, error) {
	url, err := cmd.Flags().GetString(flagNode)
	if err != nil {
		return nil, err
	}
	return client.Dial(cmd.Context(), url)
}

// openSigner connects to the node and opens the key of --from. Close the client.
func openSigner(cmd *cobra.Command) (*client.Client, *client.Signer, error) {
	s, err := findKey(cmd)
	if err != nil {
		return nil, nil, err
	}
	c, err := dial(cmd)
	if err != nil {
		return nil, nil, err
	}
	price, err := cmd.Flags().GetString(flags.FlagGasPrices)
	if err == nil && price != "" {
		var coin sdk.DecCoin
		if coin, err = sdk.ParseDecCoin(price); err == nil && coin.Denom != client.Denom {
			err = fmt.Errorf("gas is paid in %s", client.Denom)
		}
		if err == nil {
			c.SetGasPrice(coin.Amount)
		}
		err = usage(err)
	}
	if err != nil {
		c.Close()
		return nil, nil, err
	}
	return c, s, nil
}

// findKey opens the key of --from in the home's keyring.
func findKey(cmd *cobra.Command) (*client.Signer, error) {
	ctx := sdkclient.GetClientContextFromCmd(cmd)
	backend, err := cmd.Flags().GetString(flags.FlagKeyringBackend)
	if err != nil {
		return nil, err
	}
	name, err := cmd.Flags().GetString(flags.FlagFrom)
	if err != nil {
		return nil, err
	}
	ring, err := keyring.New(sdk.KeyringServiceName(), backend, ctx.KeyringDir, ctx.Input, ctx.Codec)
	if err != nil {
		return nil, fmt.Errorf("open the keyring: %w", err)
	}
	return client.KeyringSigner(ring, name)
}

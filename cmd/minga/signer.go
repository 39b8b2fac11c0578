package main

import (
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	sdkclient "github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/x/gas"
)

// flagMaxFee is the most that a transaction may cost. A node says what gas costs and how much a
// transaction needs; this bounds what it can lie.
const flagMaxFee = "max-fee"

// addMaxFee gives a command, or all below it, the flag of the highest fee.
func addMaxFee(f *pflag.FlagSet) {
	most := fmt.Sprintf("%d%s", client.MaxFee, client.Denom)
	f.String(flagMaxFee, most, "most to pay for a transaction, whatever the node says")
}

// signing gives a command the flags that openSigner reads.
func signing(cmd *cobra.Command) *cobra.Command {
	f := cmd.Flags()
	f.String(flags.FlagFrom, "", "name of the key that signs and pays")
	f.String(flags.FlagGasPrices, "", "what to pay for gas, as in 0.01uminga (default: the chain's least)")
	addMaxFee(f)
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
	if err = setPrices(cmd, c); err != nil {
		c.Close()
		return nil, nil, usage(err)
	}
	return c, s, nil
}

// setPrices lets a client pay as --gas-prices and --max-fee say.
func setPrices(cmd *cobra.Command, c *client.Client) error {
	if err := setMaxFee(cmd, c); err != nil {
		return err
	}
	price, err := cmd.Flags().GetString(flags.FlagGasPrices)
	if err != nil || price == "" {
		return err
	}
	coin, err := sdk.ParseDecCoin(price)
	if err == nil && coin.Denom != client.Denom {
		err = fmt.Errorf("gas is paid in %s", client.Denom)
	}
	if err != nil {
		return fmt.Errorf("--%s %s: %w", flags.FlagGasPrices, price, err)
	}
	c.SetGasPrice(coin.Amount)
	return nil
}

// setMaxFee lets a client pay as much as --max-fee says.
func setMaxFee(cmd *cobra.Command, c *client.Client) error {
	text, err := cmd.Flags().GetString(flagMaxFee)
	if err != nil {
		return err
	}
	most, err := client.ParseAmount(text)
	if err != nil {
		return usage(fmt.Errorf("--%s %s: %w", flagMaxFee, text, err))
	}
	c.SetMaxFee(most)
	return nil
}

// offerPrice lets one of the SDK's commands pay the chain's least price, if it was not told what
// to pay.
func offerPrice(cmd *cobra.Command, ctx sdkclient.Context) error {
	f := cmd.Flags()
	if f.Lookup(flags.FlagFees) == nil || f.Changed(flags.FlagFees) || f.Changed(flags.FlagGasPrices) {
		return nil
	}
	r, err := gas.NewQueryClient(ctx).Params(cmd.Context(), &gas.QueryParamsRequest{})
	if err != nil {
		return fmt.Errorf("ask for the price of gas: %w", err)
	}
	return f.Set(flags.FlagGasPrices, r.Params.MinPrice.String()+client.Denom)
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

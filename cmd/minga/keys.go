package main

import (
	"fmt"

	"github.com/spf13/cobra"

	sdkclient "github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/client/flags"
	"github.com/cosmos/cosmos-sdk/client/keys"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
)

// keysCommand is the SDK's keyring, encrypted by a password unless told otherwise.
func keysCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "keys", Short: "Make and keep the keys of accounts",
		Long: `Make and keep the keys of accounts, encrypted by a password in the home folder.

Whoever has a key has its coins. Write the 24 words that "add" shows on paper: they
are the only way to get a lost key back.`,
		Example: "minga keys add alice\nminga keys show alice --address",
		RunE:    sdkclient.ValidateCmd,
	}
	cmd.AddCommand(keys.AddKeyCommand(), keys.ListKeysCmd(), keys.ShowKeysCmd(), keys.DeleteKeyCommand(),
		keys.RenameKeyCommand(), keys.ExportKeyCommand(), keys.ImportKeyCommand())
	cmd.PersistentFlags().String(flags.FlagOutput, flags.OutputFormatText, "output format: text or json")
	flags.AddKeyringFlags(cmd.PersistentFlags())
	tidy(cmd)
	return cmd
}

// warnOfTestKeys says what the keyring for tests is.
func warnOfTestKeys(cmd *cobra.Command) {
	if f := cmd.Flags().Lookup(flags.FlagKeyringBackend); f != nil && f.Value.String() == keyring.BackendTest {
		fmt.Fprintln(cmd.ErrOrStderr(),
			"warning: the test keyring is not encrypted: for local networks and test money only")
	}
}

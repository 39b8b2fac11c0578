package main

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/minga-network/minga/chain"
)

// The flags of every command.
const (
	flagHome = "home"
	flagNode = "node"
	flagLog  = "log"
	// flagPrivate allows addresses that strangers should not have this machine ask.
	flagPrivate = "private-sources"
)

// loopback is where a node of this machine answers.
const loopback = "http://127.0.0.1:26657"

// newRoot makes the whole tree of commands.
func newRoot() (*cobra.Command, error) {
	root := &cobra.Command{
		Use:   "minga",
		Short: "Train models together, own them together",
		Long: `Minga is communal work for something the community then owns: data in, a trained
model out, every fee split among those who made it.`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetOut(&plain{to: os.Stdout}) // answers of queries too: cobra would print them as errors
	root.SetErr(&plain{to: os.Stderr})
	root.SetUsageTemplate(root.UsageTemplate() + exitCodes)
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usage(err) })
	f := root.PersistentFlags()
	f.String(flagHome, defaultHome(), "folder of keys and node")
	f.String(flagNode, loopback, "RPC address of a node")
	f.Bool(flagPrivate, false, "fetch blobs from addresses of this machine and of private networks too")
	f.String(flagLog, "warn", "what to log to standard error: debug, info, warn or error")

	enc, err := chain.NewEncoding()
	if err != nil {
		return root, err
	}
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error { return connect(cmd, enc) }
	root.AddCommand(demoCommand(), benchCommand(), nodeCommand(), keysCommand(), workerCommand(), gatewayCommand(),
		keyCommand(), jobCommand(), assetCommand(), blobCommand(), datasetCommand(), modelCommand(), receiptCommand(),
		versionCommand())
	if err := addChainCommands(root, enc); err != nil {
		return root, err
	}
	checkArguments(root)
	return root, nil
}

func defaultHome() string {
	home, err := os.UserHomeDir()
	if err != nil {
		return ".minga"
	}
	return filepath.Join(home, ".minga")
}

// checkArguments tells wrong arguments from failures, in every command.
func checkArguments(cmd *cobra.Command) {
	if check := cmd.Args; check != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error { return usage(check(cmd, args)) }
	}
	for _, c := range cmd.Commands() {
		checkArguments(c)
	}
}

// logger writes to standard error what --log asks for.
func logger(cmd *cobra.Command) (*slog.Logger, error) {
	name, err := cmd.Flags().GetString(flagLog)
	if err != nil {
		return nil, err
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(name)); err != nil {
		return nil, usage(fmt.Errorf("--%s %q: one of debug, info, warn, error", flagLog, name))
	}
	return slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: level})), nil
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Show the version of the program and of the chain's rules", Args: cobra.NoArgs,
		Run: func(cmd *cobra.Command, _ []string) {
			version := "unknown"
			if info, ok := debug.ReadBuildInfo(); ok {
				version = info.Main.Version
			}
			fmt.Fprintf(cmd.OutOrStdout(), "minga %s, rules v%d\n", version, chain.Version)
		},
	}
}

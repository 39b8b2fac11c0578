package main

import (
	"fmt"
	"net/http"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	sdkclient "github.com/cosmos/cosmos-sdk/client"

	"github.com/minga-network/minga/blob/transfer"
	"github.com/minga-network/minga/gateway"
)

func gatewayCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "gateway", Short: "Answer OpenAI's protocol with the network's models", RunE: sdkclient.ValidateCmd,
	}
	cmd.AddCommand(gatewayStart())
	return cmd
}

func gatewayStart() *cobra.Command {
	var listen, status string
	var c gateway.Config
	var a allowed
	cmd := &cobra.Command{
		Use: "start", Short: "Serve models to the holders of API keys, and the blobs that checkers want",
		Long: `Serve models to the holders of API keys, as a worker that offers infer.

It takes the jobs of keys that it can serve, and claims each session when that is idle,
used up or due. The worker's endpoint on the chain must lead to this listener:
checkers fetch the sessions' logs from it. The logs are public. A worker that also
trains keeps its blobs in another home. The address of --status serves /healthz and counters
at /metrics. MINGA_KERNEL chooses the instruction set.`,
		Example: "  minga gateway start --from alice --listen 0.0.0.0:8080 --idle 10m",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			err := a.check()
			if err != nil {
				return err
			}
			c.Memory, c.Policy = a.memory<<20, a.policy()
			if c.Log, err = logger(cmd); err != nil {
				return err
			}
			home, err := cmd.Flags().GetString(flagHome)
			if err != nil {
				return err
			}
			c.Dir = sessionsDir(home)
			if c.Transport, err = transport(cmd); err != nil {
				return err
			}
			if c.Kernel, err = kernelName(); err != nil {
				return err
			}
			if c.Client, c.Signer, err = openSigner(cmd); err != nil {
				return err
			}
			defer c.Client.Close()
			if c.Store, err = openStore(cmd); err != nil {
				return err
			}
			defer c.Store.Close()
			return runGateway(cmd, c, listen, status)
		},
	}
	f := cmd.Flags()
	f.StringVar(&listen, flagListen, "127.0.0.1:8080", "address for the API and the blobs")
	addStatus(f, &status)
	f.IntVar(&c.Threads, "threads", runtime.NumCPU(), "threads that a model computes with")
	a.flags(cmd, "models, and the disputes about them,")
	f.DurationVar(&c.Idle, "idle", 0, "claim a session after so long without a request (default: when used up or due)")
	f.StringArrayVar(&c.Origins, "origin", nil,
		"a web page that may call the API from a browser, as https://chat.example, many times")
	return signing(cmd)
}

// sessionsDir is where a gateway keeps what it serves.
func sessionsDir(home string) string { return filepath.Join(home, "work", "sessions") }

// runGateway serves until the command is interrupted or the chain is gone.
func runGateway(cmd *cobra.Command, c gateway.Config, listen, status string) error {
	g, err := gateway.New(c)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/blob/", transfer.Handler(c.Store))
	mux.Handle("/", g.Handler())
	tasks, ctx := errgroup.WithContext(cmd.Context())
	url, wait, err := transfer.Serve(ctx, listen, mux)
	if err != nil {
		return err
	}
	fmt.Fprintf(cmd.OutOrStdout(), "%s serves at %s/v1\n", c.Signer, url)
	tasks.Go(wait)
	serveStatus(ctx, tasks, status, g.Status())
	tasks.Go(func() error { return g.Run(ctx) })
	return tasks.Wait()
}

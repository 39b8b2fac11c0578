package main

import (
	"fmt"
	"io"
	"path/filepath"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/minga-network/minga/index"
	"github.com/minga-network/minga/kind/fit"
	"github.com/minga-network/minga/x/worker"
)

func workerStatus() *cobra.Command {
	return &cobra.Command{
		Use: "status [ADDRESS]", Short: "Show a worker, and which jobs it leaves alone and why",
		Long: `Show what the chain says of a worker. Without an address that is the worker of --from,
and the jobs follow that the worker or the gateway of --home leaves alone: it takes only
those whose terms protect it. docs/jobs.md has the rules.`,
		Example: "  minga worker status --from elena", Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				c, err := dial(cmd)
				if err != nil {
					return err
				}
				defer c.Close()
				return showWorker(cmd, worker.NewQueryClient(c), args[0])
			}
			c, s, err := openSigner(cmd)
			if err != nil {
				return err
			}
			defer c.Close()
			if err := showWorker(cmd, worker.NewQueryClient(c), s.String()); err != nil {
				return err
			}
			home, err := cmd.Flags().GetString(flagHome)
			if err != nil {
				return err
			}
			return showLeft(cmd.OutOrStdout(), filepath.Join(home, "work"), sessionsDir(home))
		},
	}
}

func showWorker(cmd *cobra.Command, chain worker.QueryClient, address string) error {
	r, err := chain.Worker(cmd.Context(), &worker.QueryWorkerRequest{Address: address})
	if err != nil {
		return err
	}
	out, w := cmd.OutOrStdout(), r.Worker
	fmt.Fprintf(out, "worker: %s\nstake: %s, of which %s stands behind jobs\ndone: %d, failed: %d\n",
		w.Address, index.Coins(w.Stake.Int64()), index.Coins(w.Locked.Int64()), w.Done, w.Failed)
	for _, o := range w.Offers {
		fmt.Fprintf(out, "offers: %s for %s%s a unit\n", o.Kind, o.Price, worker.Coin)
	}
	if w.Release != 0 {
		fmt.Fprintf(out, "leaving: paid back at height %d\n", w.Release)
	}
	return nil
}

// showLeft lists the jobs that the machines of some folders leave alone.
func showLeft(out io.Writer, dirs ...string) error {
	var all []fit.Left
	for _, dir := range dirs {
		left, err := fit.ReadList(dir)
		if err != nil {
			return err
		}
		all = append(all, left...)
	}
	if len(all) == 0 {
		fmt.Fprintln(out, "left alone: no job that is open now")
		return nil
	}
	fmt.Fprintln(out, "left alone:")
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "job\tto\treason\twhy")
	for _, l := range all {
		fmt.Fprintf(w, "%d\t%s\t%s\t%.200q\n", l.Job, l.Role, l.Reason, l.Why)
	}
	return w.Flush()
}

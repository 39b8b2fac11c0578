package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/minga-network/minga/blob/transfer"
	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/daemon"
	"github.com/minga-network/minga/train"
	"github.com/minga-network/minga/x/worker"
)

func workerCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "worker", Short: "Earn with this machine",
		Long: `Earn with this machine: join puts a stake down and says what is offered at which
price, start does the work. Train and check need nothing but this program; to
answer API calls run a gateway.`,
	}
	cmd.AddCommand(signing(workerJoin()), signing(workerStart()), signing(workerStatus()))
	return cmd
}

func workerJoin() *cobra.Command {
	var kinds []string
	var stake, endpoint string
	cmd := &cobra.Command{
		Use: "join", Short: "Put a stake down and offer work",
		Long: `Register as a worker. The stake is lost in part when a claim turns out false or
late; minga tx worker unbond gives back what is left.`,
		Example: "  minga worker join --kinds train=2uminga,infer=30uminga --stake 50MINGA " +
			"--endpoint http://192.0.2.7:8081 --from elena",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			msg := &worker.MsgRegister{Endpoint: endpoint}
			var err error
			if msg.Offers, err = readOffers(kinds); err != nil {
				return usage(err)
			}
			if msg.Stake, err = client.ParseAmount(stake); err != nil {
				return usage(fmt.Errorf("--stake: %w", err))
			}
			c, s, err := openSigner(cmd)
			if err != nil {
				return err
			}
			defer c.Close()
			msg.Worker = s.String()
			r, err := c.Send(cmd.Context(), s, msg)
			if err == nil {
				fmt.Fprintf(cmd.OutOrStdout(), "%s is a worker since block %d\n", s, r.Height)
			}
			return err
		},
	}
	f := cmd.Flags()
	f.StringSliceVar(&kinds, "kinds", nil, "what to offer and for how much a token: train=2uminga,infer=30uminga")
	f.StringVar(&stake, "stake", "50MINGA", "coins to put down")
	f.StringVar(&endpoint, "endpoint", "",
		"address at which others reach this machine's blobs, as in http://192.0.2.7:8081")
	for _, needed := range []string{"kinds", "endpoint"} {
		if err := cmd.MarkFlagRequired(needed); err != nil {
			panic(err) // the flags are above
		}
	}
	return cmd
}

// readOffers reads KIND=PRICE.
func readOffers(kinds []string) ([]worker.Offer, error) {
	var offers []worker.Offer
	for _, text := range kinds {
		kind, amount, _ := strings.Cut(text, "=")
		price, err := client.ParseAmount(amount)
		if err != nil {
			return nil, fmt.Errorf("--kinds %s: %w", text, err)
		}
		offers = append(offers, worker.Offer{Kind: worker.Kind(kind), Price: price})
	}
	return offers, nil
}

func workerStart() *cobra.Command {
	var listen, status string
	var threads, cores int
	var a allowed
	cmd := &cobra.Command{
		Use: "start", Short: "Train and check until interrupted",
		Long: `Take jobs that fit, train, claim, and check what others claim, until interrupted.
Started again it goes on from its last checkpoint, even after a crash. Only jobs are
taken whose terms protect this machine; minga worker status says why others are not.

The address of --listen serves the blobs that others need, that of --status counters
at /metrics. MINGA_KERNEL chooses the instruction set.`,
		Example: "  minga worker start --from elena --listen 0.0.0.0:8081",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if threads < 1 {
				return usage(fmt.Errorf("--threads %d: give 1 or more", threads))
			}
			if err := a.check(); err != nil {
				return err
			}
			return startWorker(cmd, listen, status, daemon.Config{
				Threads: threads, Cores: cores, Memory: a.memory << 20, Policy: a.policy(),
			})
		},
	}
	cmd.Flags().StringVar(&listen, flagListen, "127.0.0.1:0",
		"address to serve blobs at; port 0 is any free one")
	addStatus(cmd.Flags(), &status)
	cmd.Flags().IntVar(&threads, "threads", runtime.NumCPU(), "how many processor threads one job uses")
	cmd.Flags().IntVar(&cores, "cores", 0,
		"how many all jobs use together: with 8, and 2 threads, 4 are done at a time; 0 is one at a time")
	a.flags(cmd, "all jobs")
	return cmd
}

// startWorker runs the daemon and the server of its blobs.
func startWorker(cmd *cobra.Command, listen, status string, w daemon.Config) error {
	home, err := cmd.Flags().GetString(flagHome)
	if err != nil {
		return err
	}
	w.Dir, w.Progress = filepath.Join(home, "work"), progressTo(cmd.OutOrStdout())
	if w.Log, err = logger(cmd); err != nil {
		return err
	}
	if w.Transport, err = transport(cmd); err != nil {
		return err
	}
	if w.Kernel, err = kernelName(); err != nil {
		return err
	}
	if w.Client, w.Signer, err = openSigner(cmd); err != nil {
		return err
	}
	defer w.Client.Close()
	if w.Store, err = openStore(cmd); err != nil {
		return err
	}
	defer w.Store.Close()
	both, ctx := errgroup.WithContext(cmd.Context())
	url, wait, err := transfer.Serve(ctx, listen, transfer.Handler(w.Store))
	if err != nil {
		return err
	}
	fmt.Fprintf(cmd.OutOrStdout(), "worker %s serves blobs at %s\n", w.Signer, url)
	both.Go(wait)
	counters := http.NewServeMux()
	counters.Handle("GET /metrics", promhttp.Handler())
	serveStatus(ctx, both, status, counters)
	both.Go(func() error { return daemon.Run(ctx, w) })
	if err := both.Wait(); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil // it was interrupted
}

// progressTo writes a line at a job's first and last step, and every few seconds, with the
// live estimate of what the data does where there is one.
func progressTo(out io.Writer) func(uint64, daemon.Role, train.Progress) {
	const every = 5 * time.Second
	var mu sync.Mutex
	var last time.Time
	return func(job uint64, role daemon.Role, p train.Progress) {
		mu.Lock()
		defer mu.Unlock()
		if p.Step != 1 && p.Step != p.Steps && time.Since(last) < every {
			return
		}
		last = time.Now()
		fmt.Fprintf(out, "job %d, %s: step %d of %d, loss %.3f, %.0f tokens/s, %s left%s\n",
			job, role, p.Step, p.Steps, p.Loss, p.TokensPerSecond, p.Left.Round(time.Second), parts(p.Contribution))
	}
}

// parts writes what each dataset seems to have done so far, in the order of the spec.
func parts(contribution []float64) string {
	var text strings.Builder
	for i, part := range contribution {
		if i == 0 {
			text.WriteString(", data")
		}
		fmt.Fprintf(&text, " %.0f%%", 100*part)
	}
	return text.String()
}

package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"cosmossdk.io/math"

	sdkclient "github.com/cosmos/cosmos-sdk/client"

	"github.com/minga-network/minga/blob/store"
	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/gateway"
	"github.com/minga-network/minga/kind"
	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/job"
	"github.com/minga-network/minga/x/worker"
)

// maxKey is more than a key has, in bytes.
const maxKey = 1 << 10

func keyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "key", Short: "Pay for API keys", RunE: sdkclient.ValidateCmd,
		Long: "Pay for API keys (the keys of accounts are under \"minga keys\").",
	}
	cmd.AddCommand(keyNew(), keyShow())
	return cmd
}

// offer is what somebody pays for a key, as flags.
type offer struct {
	model, budget, maxPrice, checkPay, stake string
	checkers, serving                        uint32
	deadline, work, window                   int64
}

func keyNew() *cobra.Command {
	var o offer
	cmd := &cobra.Command{
		Use: "new", Short: "Make an API key and pay for its use",
		Long: `Make an API key and post the inference job that pays for it.

The budget goes into escrow. The cheapest gateway that fits serves the key; when the
session ends, what was used is paid for and the rest comes back. The model is fetched:
with it the terms say what an answer is, so that the chain can decide whether one is
true. The secret is shown once and kept nowhere. What is asked with it can be read by
everybody afterwards: checkers must be able to.`,
		Example: "  minga key new --from bob --model asset/5 --budget 1MINGA --max-price 25uminga",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			terms, err := o.terms()
			if err != nil {
				return usage(err)
			}
			c, signer, err := openSigner(cmd)
			if err != nil {
				return err
			}
			defer c.Close()
			if terms.Task, err = sessions(cmd, c, terms.Infer.Model); err != nil {
				return err
			}
			secret, hash := gateway.NewKey()
			terms.Infer.Key = hash
			r, err := c.Send(cmd.Context(), signer, &job.MsgPost{Creator: signer.String(), Terms: terms})
			if err != nil {
				return err
			}
			posted, _ := client.Event[*job.EventPosted](r.Events)
			fmt.Fprintf(cmd.OutOrStdout(), "key: %s\njob: %d\nunits: %d tokens\n", secret, posted.GetJob(), terms.Units)
			return nil
		},
	}
	o.flags(cmd)
	return signing(cmd)
}

// sessions is the task of sessions with a model. The model is not kept: the own store
// may be in use by a worker.
func sessions(cmd *cobra.Command, c *client.Client, model uint64) ([]byte, error) {
	dir, err := os.MkdirTemp("", "minga-key-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	s, err := store.Open(dir, storeLimit)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	over, err := transport(cmd)
	if err != nil {
		return nil, err
	}
	task, err := kind.Host{Chain: c, Store: s, Transport: over}.Sessions(cmd.Context(), model)
	if err != nil {
		return nil, err
	}
	return task.Encode(), nil
}

func (o *offer) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.model, "model", "", "the model to use, as asset/5")
	f.StringVar(&o.budget, "budget", "1MINGA", "most to spend, checkers included")
	f.StringVar(&o.maxPrice, "max-price", "25uminga", "most to pay for a token, read or written")
	f.Uint32Var(&o.checkers, "checkers", 1, "how many workers must read every answer again")
	f.StringVar(&o.checkPay, "check-pay", "",
		"pay of a checker (default: 0.1MINGA, or a fortieth of the budget if that is more)")
	f.StringVar(&o.stake, "stake", "",
		"what the gateway and each checker lock, and lose for a lie (default: the budget)")
	f.Uint32Var(&o.serving, "serving", 3000,
		"the gateway's part of the fee in basis points; the model's owners get the rest, "+
			"after the data that answers repeat if the model pays for that")
	f.Int64Var(&o.deadline, "deadline", 1000, "blocks to wait for a gateway")
	f.Int64Var(&o.work, "work", 20_000, "blocks that the key lasts")
	f.Int64Var(&o.window, "window", 20, "blocks in which the claim can be challenged")
	_ = cmd.MarkFlagRequired("model") // it was just added
}

// terms are those of the job, but for the key. As many tokens are paid for as the
// budget is good for at the highest price.
func (o *offer) terms() (job.Terms, error) {
	id, ok := asset.ParseDenom(o.model)
	if !ok {
		return job.Terms{}, fmt.Errorf("--model %q: name an asset, as asset/5", o.model)
	}
	t := job.Terms{
		Kind: job.KindInfer, Proof: job.ProofReferee, Checkers: o.checkers,
		Deadline: o.deadline, Work: o.work, Window: o.window,
		Infer: &job.InferTerms{Model: id, Serving: o.serving},
	}
	for _, a := range []struct {
		flag, text string
		to         *math.Int
	}{
		{"budget", o.budget, &t.Budget}, {"max-price", o.maxPrice, &t.MaxPrice},
		{"check-pay", cmp.Or(o.checkPay, "0.1MINGA"), &t.CheckPay}, {"stake", cmp.Or(o.stake, o.budget), &t.Stake},
	} {
		var err error
		if *a.to, err = client.ParseAmount(a.text); err != nil {
			return t, fmt.Errorf("--%s: %w", a.flag, err)
		}
	}
	if o.checkPay == "" {
		t.CheckPay = math.MaxInt(t.CheckPay, t.Budget.QuoRaw(40))
	}
	left := t.Budget.Sub(t.CheckPay.MulRaw(int64(o.checkers)))
	if !t.MaxPrice.IsPositive() || left.LT(t.MaxPrice) {
		return t, errors.New("--budget does not pay for the checkers and one token at --max-price: raise it")
	}
	t.Units = left.Quo(t.MaxPrice).Uint64()
	return t, nil
}

func keyShow() *cobra.Command {
	return &cobra.Command{
		Use: "show [JOB]", Short: "Show where a key is served and what is left of it",
		Long: `Show where a key is served and what is left of it. Without the number of the job that
pays for it, the key itself is read from standard input: a secret on a command line can
be read by every user of the machine.`,
		Example: "  minga key show 12\n  minga key show < key.txt", Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			find, err := named(cmd, args)
			if err != nil {
				return usage(err)
			}
			c, err := dial(cmd)
			if err != nil {
				return err
			}
			defer c.Close()
			j, err := find(cmd.Context(), job.NewQueryClient(c))
			if err != nil {
				return err
			}
			return showKey(cmd, c, j)
		},
	}
}

// named says how to find the job of a key: by its number, or by the secret that is read.
func named(cmd *cobra.Command, args []string) (func(context.Context, job.QueryClient) (job.Job, error), error) {
	if len(args) == 0 {
		secret, err := bufio.NewReader(io.LimitReader(cmd.InOrStdin(), maxKey)).ReadString('\n')
		if secret = strings.TrimSpace(secret); secret == "" {
			return nil, fmt.Errorf("standard input has no key: give the number of its job, or write the key there (%w)", err)
		}
		return func(ctx context.Context, q job.QueryClient) (job.Job, error) {
			r, err := q.Key(ctx, &job.QueryKeyRequest{Key: gateway.KeyHash(secret)})
			if err != nil {
				return job.Job{}, err
			}
			return r.Job, nil
		}, nil
	}
	id, err := strconv.ParseUint(args[0], 10, 64)
	if err != nil {
		return nil, errors.New("the argument is no number of a job: write a key to standard input, and never here")
	}
	return func(ctx context.Context, q job.QueryClient) (job.Job, error) { return paidFor(ctx, q, id) }, nil
}

// paidFor finds the job of a key by its number.
func paidFor(ctx context.Context, q job.QueryClient, id uint64) (job.Job, error) {
	r, err := q.Job(ctx, &job.QueryJobRequest{Id: id})
	if err != nil {
		return job.Job{}, err
	}
	if r.Job.Terms.Kind != job.KindInfer {
		return job.Job{}, fmt.Errorf("job %d is of kind %s and pays for no key", id, r.Job.Terms.Kind)
	}
	return r.Job, nil
}

func showKey(cmd *cobra.Command, c *client.Client, j job.Job) error {
	out := cmd.OutOrStdout()
	fmt.Fprintf(out, "job: %d, %s\nmodel: %s\nunits: %d tokens\n",
		j.Id, j.State.Word(), asset.Denom(j.Terms.Infer.Model), j.Terms.Units)
	if j.Reason != "" {
		fmt.Fprintf(out, "reason: %s\n", j.Reason)
	}
	if j.Claim != nil {
		fmt.Fprintf(out, "used: %d\nleft: %d\n", j.Claim.Units, j.Terms.Units-j.Claim.Units)
	}
	if j.State != job.StateTaken {
		return nil
	}
	w, err := worker.NewQueryClient(c).Worker(cmd.Context(), &worker.QueryWorkerRequest{Address: j.Worker})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "address: %s/v1\nprice: %s%s a token\nuntil: height %d\n"+
		"used: the gateway says in each answer; the chain, when the session is claimed\n",
		strings.TrimSuffix(w.Worker.Endpoint, "/"), j.Price, client.Denom, j.Due)
	return nil
}

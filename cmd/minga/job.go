package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"cosmossdk.io/math"

	"github.com/minga-network/minga/blob/store"
	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/kind"
	"github.com/minga-network/minga/rule/contribution"
	"github.com/minga-network/minga/x/job"
)

func jobCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "job", Short: "Have a model trained"}
	cmd.AddCommand(signing(jobPost()), signing(jobMeasure()))
	return cmd
}

func jobPost() *cobra.Command {
	var source string
	cmd := &cobra.Command{
		Use: "post JOB.toml", Short: "Post a training job",
		Long: `Post a training job. The job file goes into the store, its terms and its hash to the
chain, its budget into escrow. The datasets are fetched if the store does not have
them: with them the terms name the whole work, so that the chain can decide what is
claimed about it. Workers fetch the job file, and the text that it names to validate
on, from --source: keep the text with minga blob put before, and serve the store there
(minga blob serve) until the job is paid.

What the data did for the model is measured after the training: minga job measure.
Whoever has the hidden text could fit data to it, so show it to nobody until then.`,
		Example: "  minga job post train.toml --source http://192.0.2.7:8081 --from hugo",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			raw, err := os.ReadFile(args[0])
			if err != nil {
				return err
			}
			if _, err := kind.Training(raw); err != nil {
				return err
			}
			c, s, err := openSigner(cmd)
			if err != nil {
				return err
			}
			defer c.Close()
			terms, err := makeTerms(cmd, c, args[0], raw)
			if err != nil {
				return err
			}
			terms.Source = source
			r, err := c.Send(cmd.Context(), s, &job.MsgPost{Creator: s.String(), Terms: terms})
			if err != nil {
				return err
			}
			posted, ok := client.Event[*job.EventPosted](r.Events)
			if !ok {
				return nil
			}
			fmt.Fprintf(cmd.OutOrStdout(), "job %d: %d tokens to train on, %s in escrow; see `minga query job show %d`\n",
				posted.Job, terms.Units, posted.Budget, posted.Job)
			if terms.Train.Split.Method != contribution.Tokens {
				fmt.Fprintf(cmd.OutOrStdout(), "once it is claimed, serve its hidden text too and have its data measured: "+
					"`minga job measure %d`\n", posted.Job)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&source, "source", "", "address that serves the job file")
	if err := cmd.MarkFlagRequired("source"); err != nil {
		panic(err) // the flag is above
	}
	return cmd
}

// makeTerms keeps a job file in the store and makes its terms.
func makeTerms(cmd *cobra.Command, c *client.Client, file string, raw []byte) (t job.Terms, err error) {
	if _, err := keep(cmd, file); err != nil {
		return t, err
	}
	s, err := openStore(cmd)
	if err != nil {
		return t, err
	}
	defer s.Close()
	over, err := transport(cmd)
	if err != nil {
		return t, err
	}
	return kind.On(kind.Host{Chain: c, Store: s, Transport: over}).Terms(cmd.Context(), raw)
}

func jobMeasure() *cobra.Command {
	return &cobra.Command{
		Use: "measure JOB", Short: "Have measured what each dataset did for a job's model",
		Long: `Post the runs that measure a job's data: short trainings of a small model, each on
other portions of the data, which workers do and check as any job. When all are paid the
model is made, and its data part goes by what they show.

Send it once the job is claimed, and before its deadline has passed a second time: else
the data part goes by tokens used and your own part to the commons. The hidden text is
no secret from now on: workers fetch it where they fetch the job file, so keep it there
first (minga blob put). While that store is served by another process, this command
gets what it needs from there.`,
		Example: "  minga job measure 3 --from hugo",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := strconv.ParseUint(args[0], 10, 64)
			if err != nil {
				return usage(fmt.Errorf("%q is not the number of a job", args[0]))
			}
			c, s, err := openSigner(cmd)
			if err != nil {
				return err
			}
			defer c.Close()
			msg, err := makeMeasure(cmd, c, id)
			if err != nil {
				return err
			}
			msg.Creator = s.String()
			r, err := c.Send(cmd.Context(), s, msg)
			if err != nil {
				return err
			}
			if e, ok := client.Event[*job.EventMeasure](r.Events); ok {
				fmt.Fprintf(cmd.OutOrStdout(),
					"job %d is measured by jobs %d to %d, %s in escrow; see `minga query job measured %d`\n",
					e.Job, e.First, e.First+uint64(e.Runs)-1, e.Budget, e.Job)
			}
			return nil
		},
	}
}

// makeMeasure finds what there is to measure of a job, and says what it takes.
func makeMeasure(cmd *cobra.Command, c *client.Client, id uint64) (*job.MsgMeasure, error) {
	r, err := job.NewQueryClient(c).Job(cmd.Context(), &job.QueryJobRequest{Id: id})
	if err != nil {
		return nil, err
	}
	if r.Job.State == job.StateOpen || r.Job.State == job.StateTaken {
		return nil, fmt.Errorf("job %d is %s: measure it once it is claimed, and keep the hidden text to yourself until then",
			id, r.Job.State.Word())
	}
	s, done, err := freeStore(cmd)
	if err != nil {
		return nil, err
	}
	defer done()
	over, err := transport(cmd)
	if err != nil {
		return nil, err
	}
	m, err := kind.Host{Chain: c, Store: s, Transport: over}.Measuring(cmd.Context(), r.Job)
	if err != nil {
		return nil, err
	}
	p, err := m.Plan(0)
	if err != nil {
		return nil, err
	}
	memory, err := p.Memory()
	if err != nil {
		return nil, err
	}
	budget := math.ZeroInt()
	for _, t := range m.Runs {
		budget = budget.Add(t.Budget)
	}
	fmt.Fprintf(cmd.OutOrStdout(),
		"%d portions in %d runs of %d steps; all together take %.2f of the training, a worker needs %.1f MiB\n",
		m.Design.Portions, len(m.Runs), m.Steps(), m.Cost(), float64(memory)/(1<<20))
	fmt.Fprintf(cmd.OutOrStdout(), "they cost at most %s%s\n", budget, client.Denom)
	return &job.MsgMeasure{Job: id, Measure: m.Says}, nil
}

// freeStore opens the store of the home, or an empty one if another process has it, and
// returns what closes it.
func freeStore(cmd *cobra.Command) (*store.Store, func(), error) {
	s, err := openStore(cmd)
	if err == nil {
		return s, func() { s.Close() }, nil
	}
	if !errors.Is(err, store.ErrLocked) {
		return nil, nil, err
	}
	dir, err := os.MkdirTemp("", "minga-measure-")
	if err != nil {
		return nil, nil, err
	}
	if s, err = store.Open(dir, storeLimit); err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(dir))
	}
	return s, func() {
		s.Close()
		os.RemoveAll(dir)
	}, nil
}

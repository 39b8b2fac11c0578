package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/train"
	"github.com/minga-network/minga/worker"
	"github.com/minga-network/minga/x/job"
)

func jobCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "job", Short: "Have a model trained"}
	cmd.AddCommand(signing(jobPost()))
	return cmd
}

func jobPost() *cobra.Command {
	var source string
	cmd := &cobra.Command{
		Use: "post SPEC.toml", Short: "Post a training job",
		Long: `Post a training job. The spec goes into the store, its terms and its hash to the
chain, its budget into escrow. The datasets are fetched if the store does not have
them: with them the terms name the whole work, so that the chain can decide what is
claimed about it. Workers fetch the spec from --source: serve the store there
(minga blob serve) until the job is paid.`,
		Example: "  minga job post train.toml --source http://192.0.2.7:8081 --from hugo",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			spec, err := readSpec(args[0])
			if err != nil {
				return err
			}
			c, s, err := openSigner(cmd)
			if err != nil {
				return err
			}
			defer c.Close()
			terms, err := makeTerms(cmd, c, args[0], spec, source)
			if err != nil {
				return err
			}
			r, err := c.Send(cmd.Context(), s, &job.MsgPost{Creator: s.String(), Terms: terms})
			if err != nil {
				return err
			}
			if posted, ok := client.Event[*job.EventPosted](r.Events); ok {
				fmt.Fprintf(cmd.OutOrStdout(), "job %d: %d tokens to train on, %s in escrow; see `minga query job show %d`\n",
					posted.Job, terms.Units, posted.Budget, posted.Job)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&source, "source", "", "address that serves the spec")
	if err := cmd.MarkFlagRequired("source"); err != nil {
		panic(err) // the flag is above
	}
	return cmd
}

func readSpec(file string) (*train.Spec, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return train.ParseSpec(raw)
}

// makeTerms keeps the file of a spec in the store and makes the terms of the spec and
// its datasets.
func makeTerms(cmd *cobra.Command, c *client.Client, file string, spec *train.Spec, source string) (t job.Terms, err error) {
	root, err := keep(cmd, file)
	if err != nil {
		return t, err
	}
	s, err := openStore(cmd)
	if err != nil {
		return t, err
	}
	defer s.Close()
	plan, err := worker.Plan(cmd.Context(), c, s, spec)
	if err != nil {
		return t, err
	}
	return worker.Terms(spec, plan, root, source)
}

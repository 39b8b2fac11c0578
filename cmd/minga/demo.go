package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/minga-network/minga/demo"
)

func demoCommand() *cobra.Command {
	var o demo.Options
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Play the whole economy on this machine, with test money",
		Long: "Start four validators, three workers and a gateway on loopback, publish four texts,\n" +
			"train a model on them, check it, serve it to a paying client and split the fee.\n" +
			"It takes about three minutes and then stays up until Ctrl-C. The keys are throw-away\n" +
			"keys that anyone can compute. MINGA_KERNEL chooses the instruction set.\n" +
			"With --liar the first who trains changes one bit, and the chain finds out.",
		Example: "  minga demo\n  minga demo --exit --json out.json\n  minga demo --liar --exit --steps 200\n  MINGA_KERNEL=portable minga demo --exit --steps 2",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			log, err := logger(cmd)
			if err != nil {
				return err
			}
			if o.Kernel, err = kernelName(); err != nil {
				return err
			}
			if o.Steps < 0 {
				return usage(fmt.Errorf("--steps %d: give 1 or more, or leave it out", o.Steps))
			}
			o.Out, o.Log = cmd.OutOrStdout(), log
			return demo.Run(cmd.Context(), o)
		},
	}
	f := cmd.Flags()
	f.Uint64Var(&o.Seed, "seed", 1, "of initial weights and order of the data; the same seed gives the same state hash everywhere")
	f.IntVar(&o.Steps, "steps", 0, "steps of training; 0 is as in examples/commons/train.toml")
	f.BoolVar(&o.Liar, "liar", false, "let a worker that lies train first: see a dispute narrowed down to one scalar step")
	f.BoolVar(&o.Exit, "exit", false, "end after the last act, with status 0 only if every check holds")
	f.StringVar(&o.JSON, "json", "", "write what happened to this file")
	return cmd
}

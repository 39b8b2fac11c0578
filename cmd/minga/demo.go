package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/minga-network/minga/demo"
)

func demoCommand() *cobra.Command {
	var o demo.Options
	cmd := &cobra.Command{
		Use:   "demo [flywheel|liar|all]",
		Short: "Play a story on this machine, with test money",
		Long: "flywheel, the default, is the whole economy: four validators, three workers and a\n" +
			"gateway start on loopback, four texts are published, a model is trained on them and\n" +
			"checked, the data is measured, the model serves a paying client and the fee is split.\n" +
			"It takes three to four minutes.\n" +
			"liar lets a worker train first that changes one bit, and the chain finds out.\n" +
			"all plays every story to its end, one after the other.\n\n" +
			"A story stays up until Ctrl-C, or ends with --exit. The keys are throw-away keys that\n" +
			"anyone can compute. MINGA_KERNEL chooses the instruction set. At the end checks look at\n" +
			"the chain, and know nothing of the story: the status is 0 only if all of them hold.",
		Example: "  minga demo\n  minga demo --exit --json out.json\n  minga demo liar --exit --steps 200\n" +
			"  minga demo all --short\n  minga demo --short --exit --break \"the loss fell\"    # status 1\n" +
			"  MINGA_KERNEL=portable minga demo --exit --steps 2",
		Args:      cobra.MaximumNArgs(1),
		ValidArgs: append(demo.Names(), demo.All),
		RunE: func(cmd *cobra.Command, args []string) error {
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
			name := ""
			if len(args) > 0 {
				name = args[0]
			}
			if err := demo.Check(name, o); err != nil {
				return usage(err)
			}
			o.Out, o.Log = cmd.OutOrStdout(), log
			return demo.Run(cmd.Context(), name, o)
		},
	}
	f := cmd.Flags()
	f.Uint64Var(&o.Seed, "seed", 1, "of initial weights and data order; a seed gives the same state hash everywhere")
	f.IntVar(&o.Steps, "steps", 0, "steps of training; 0 is what the story has")
	f.BoolVar(&o.Short, "short", false, "play the same acts with less work, in about 20 seconds")
	f.BoolVar(&o.Exit, "exit", false, "end after the last act")
	f.StringVar(&o.Break, "break", "", "disturb what a check looks at, so that it fails")
	f.StringVar(&o.JSON, "json", "", "write what happened to this file; of all stories, a list")
	return cmd
}

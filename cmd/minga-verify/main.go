// Command minga-verify checks a receipt of Minga off line: why each holder of a
// model got what it got of one fee.
//
// It shares no code with the chain. From a bundle that `minga receipt` made it
// checks the signatures under one block, the proofs that the block's state has
// the records shown, and then computes everything again from these records: the
// fee, the holders' part of it, the shares of the model, what each dataset was
// measured to do, the hashes of the data. It prints the chain of reasons, or
// where the bundle is not what it must be.
//
// What it takes on trust is the validator set: give the hash that you know with
// --validators, and the day on which you learned it with --since. docs/receipts.md says what is proven and what is not.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run does what the command line says and returns the exit code: 0 accepted, 1 refused,
// 2 not understood.
func run(args []string, out, complaints io.Writer) int {
	t := trust{now: time.Now()}
	flags := flag.NewFlagSet("minga-verify", flag.ContinueOnError)
	flags.SetOutput(complaints)
	flags.StringVar(&t.chain, "chain-id", "", "the chain that the receipt must be of")
	flags.StringVar(&t.validators, "validators", "", "hash of the validator set that you trust")
	flags.Func("since", "day on which you learned that hash, as 2026-11-30", func(text string) (err error) {
		t.since, err = time.Parse(time.DateOnly, text)
		return err
	})
	flags.DurationVar(&t.period, "period", 14*24*time.Hour, "how long after that day you trust the set")
	flags.Usage = func() {
		fmt.Fprint(complaints, "Usage: minga-verify [flags] BUNDLE\n\nChecks a receipt made by `minga receipt` and prints "+
			"what it proves.\n\n")
		flags.PrintDefaults()
	}
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	case flags.NArg() != 1:
		flags.Usage()
		return 2
	}
	words, err := verify(os.DirFS(flags.Arg(0)), t)
	if err != nil {
		fmt.Fprintf(complaints, "REFUSED   %s\n", printable(err.Error()))
		return 1
	}
	fmt.Fprint(out, words)
	switch {
	case t.validators == "":
		fmt.Fprint(out, "TRUST     these validators were taken on trust: nothing here says that they are the chain's.\n"+
			"          Compare their hash with one that you know, and give it with --validators next time.\n")
	case t.since.IsZero():
		fmt.Fprint(out, "TRUST     these validators were trusted for ever, and who has left loses nothing by signing lies.\n"+
			"          Give the day on which you learned their hash with --since next time.\n")
	}
	fmt.Fprint(out, "ACCEPTED\n")
	return 0
}

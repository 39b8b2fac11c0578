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
// What it takes on trust is the validator set: give the hash that you know
// with --validators. docs/receipts.md says what is proven and what is not.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run does what the command line says and returns the exit code: 0 accepted, 1 refused,
// 2 not understood.
func run(args []string, out, complaints io.Writer) int {
	var t trust
	flags := flag.NewFlagSet("minga-verify", flag.ContinueOnError)
	flags.SetOutput(complaints)
	flags.StringVar(&t.chain, "chain-id", "", "the chain that the receipt must be of")
	flags.StringVar(&t.validators, "validators", "", "hash of the validator set that you trust")
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
		fmt.Fprintf(complaints, "REFUSED   %s\n", err)
		return 1
	}
	fmt.Fprint(out, words)
	if t.validators == "" {
		fmt.Fprint(out, "TRUST     these validators were taken on trust: nothing here says that they are the chain's.\n"+
			"          Compare their hash with one that you know, and give it with --validators next time.\n")
	}
	fmt.Fprint(out, "ACCEPTED\n")
	return 0
}

// Command minga trains models that those who made them own. It is the node, the
// wallet, the worker and the gateway.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(run()) }

// run does what the command line says and returns the exit code.
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root, err := newRoot()
	if err != nil {
		return complain(&plain{to: os.Stderr}, root, err)
	}
	cmd, err := root.ExecuteContextC(ctx)
	return complain(&plain{to: os.Stderr}, cmd, err)
}

package main

import (
	"context"
	"net/http"

	"github.com/spf13/pflag"
	"golang.org/x/sync/errgroup"

	"github.com/minga-network/minga/blob/transfer"
)

// addStatus adds the flag of the operator's own listener.
func addStatus(f *pflag.FlagSet, address *string) {
	f.StringVar(address, "status", "",
		"address to serve counters at, for you and not for the public, as 127.0.0.1:9100 (default: none)")
}

// serveStatus serves what the operator wants to know, at an address of its own: strangers reach the
// other one.
func serveStatus(ctx context.Context, tasks *errgroup.Group, address string, h http.Handler) {
	if address == "" {
		return
	}
	tasks.Go(func() error {
		_, wait, err := transfer.Serve(ctx, address, h)
		if err != nil {
			return err
		}
		return wait()
	})
}

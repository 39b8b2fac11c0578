// Package transfer moves blobs between machines over plain HTTP, and believes
// nobody: a blob may be fetched from strangers, from several at once, and every
// piece is checked against the blob's name before it is kept.
//
//	url, wait, err := transfer.Serve(ctx, "", transfer.Handler(s))        // on one machine
//	err = transfer.Fetch(ctx, nil, s, name, []string{url, other}, 1<<30) // on another
//
// How the pieces meet: Handler serves a store. GET /blob/{hash} is the bytes,
// with ranges; GET /blob/{hash}/pieces is the piece list (blob.Pieces.Encode).
// Both never change, so any cache or mirror may stand in between. Fetch asks the
// sources for the list, checks it against the name, then takes the pieces by
// range from several sources at a time into a store.Partial, which survives a
// restart.
//
// Whoever wrote a source's address on the chain could name this machine or its neighbours, so
// these are not asked unless AnyAddress is given to Fetch (network.go).
//
// What can go wrong: a source is away, slow, silent, wrong or lying. Its fault is
// remembered with its address and the piece, its work goes to the others, and
// only if none is left does Fetch fail, with every reason. What arrived stays
// for the next attempt. Nothing can be uploaded: who publishes puts a blob into
// the own store.
package transfer

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Limits of the server, against clients that send or take their bytes slowly.
const (
	headerTime  = 10 * time.Second
	requestTime = 30 * time.Second // for the whole request to arrive
	answerTime  = 60 * time.Second // for the answer, renewed by Handler at each write
	idleTime    = 2 * time.Minute
	goodbyeTime = 5 * time.Second // for requests under way when ctx ends
	headerBytes = 16 << 10
)

// Serve listens on addr and serves h until ctx ends. An empty addr is a free
// port of the loopback interface: being reachable from elsewhere must be asked
// for. url is where it listens ("http://127.0.0.1:4321"); wait returns once the
// server has ended, nil if it ended because ctx did. End ctx and wait, or the
// server's goroutines stay.
func Serve(ctx context.Context, addr string, h http.Handler) (url string, wait func() error, err error) {
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return "", nil, fmt.Errorf("transfer: listen on %s: %w", addr, err)
	}
	server := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: headerTime,
		ReadTimeout:       requestTime,
		WriteTimeout:      answerTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    headerBytes,
	}
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, server, listener) }()
	return "http://" + listener.Addr().String(), sync.OnceValue(func() error { return <-ended }), nil
}

func run(ctx context.Context, server *http.Server, listener net.Listener) error {
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return fmt.Errorf("transfer: serve on %s: %w", listener.Addr(), err)
	case <-ctx.Done():
	}
	goodbye, cancel := context.WithTimeout(context.WithoutCancel(ctx), goodbyeTime)
	defer cancel()
	err := server.Shutdown(goodbye)
	if errors.Is(err, context.DeadlineExceeded) { // whoever is not done by now is cut off
		err = server.Close()
	}
	if failure := <-served; !errors.Is(failure, http.ErrServerClosed) {
		err = errors.Join(err, failure)
	}
	return err
}

// Package stage is what the demo's stories are played on: a chain of four
// validators on loopback, people with throw-away keys and test money, a server of
// blobs, and the few things that stories do again and again: start a worker or a
// gateway, publish a dataset, post a job and wait for it, ask a model.
//
// Nothing in it is make-believe but the people. Validators, daemons, gateways and
// transfers are those of the program, over real sockets, in one process.
//
// Play sets the stage, plays a story on it and takes it down. Whatever stops while
// the story goes on ends the story: Play then returns why. Output prints the story
// and may be used by many goroutines; World is what an audience may look at to see
// for itself whether the story is true.
package stage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"cosmossdk.io/math"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/blob/store"
	"github.com/minga-network/minga/blob/transfer"
	"github.com/minga-network/minga/chain"
	"github.com/minga-network/minga/chain/node"
	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/demo/check"
	"github.com/minga-network/minga/index"
	"github.com/minga-network/minga/kernel"
)

// Config is what a stage needs.
type Config struct {
	People []Person      // have a purse each
	Blocks time.Duration // between blocks; about 400 ms when 0
	Kernel string        // instruction set; empty is the best of this machine
	Out    io.Writer
	Log    *slog.Logger
}

// Stage is a running network with everything around it.
type Stage struct {
	*Output
	Config
	Net    *node.Network
	Client *client.Client
	// Library has what people publish; Source is where it is served.
	Library *store.Store
	Source  string
	// Over reaches people's machines, which are all on this one.
	Over *http.Transport

	dir     string
	servers *errgroup.Group // everything that must end when the story ends
	answers recorder
}

// Play sets the stage, plays a story on it and takes the stage down. The story's
// context ends when something that it needs has stopped.
func Play(ctx context.Context, c Config, story func(context.Context, *Stage) error) error {
	dir, err := os.MkdirTemp("", "minga-demo-")
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	defer os.RemoveAll(dir)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	servers, ctx := errgroup.WithContext(ctx)
	s := &Stage{Output: NewOutput(c.Out), Config: c, dir: dir, servers: servers, Over: transfer.AnyAddress()}
	err = s.open(ctx)
	if err == nil {
		err = story(ctx, s)
	}
	err = cause(ctx, err)
	cancel()
	return errors.Join(err, IgnoreCancel(servers.Wait()), s.close())
}

// open starts the chain and the blob server.
func (s *Stage) open(ctx context.Context) (err error) {
	s.Act("A chain starts: four validators on loopback, with throw-away keys and test money")
	var accounts []chain.Account
	for _, p := range s.People {
		accounts = append(accounts, chain.Account{Address: p.Signer.Address, Amount: math.NewInt(Purse)})
	}
	if s.Net, err = node.Local(ctx, node.LocalConfig{Accounts: accounts, BlockTime: s.Blocks, Log: s.Log}); err != nil {
		return err
	}
	s.servers.Go(s.Net.Wait)
	if s.Client, err = client.Dial(ctx, s.Net.URL()); err != nil {
		return err
	}
	if s.Library, err = s.openStore("library"); err != nil {
		return err
	}
	if s.Source, err = s.serve(ctx, transfer.Handler(s.Library)); err != nil {
		return err
	}
	s.Say("%s at %s; everybody in this story begins with %s.", s.Net.ChainID, s.Net.URL(), index.Coins(Purse))
	return nil
}

func (s *Stage) close() error {
	if s.Client != nil {
		s.Client.Close()
	}
	if s.Net != nil {
		return s.Net.Stop()
	}
	return nil
}

// cause prefers the reason why everything was stopped to the story's own
// "context canceled".
func cause(ctx context.Context, err error) error {
	if errors.Is(err, context.Canceled) && context.Cause(ctx) != nil {
		return context.Cause(ctx)
	}
	return err
}

// IgnoreCancel leaves out that somebody ended the story.
func IgnoreCancel(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// openStore makes a blob store for somebody.
func (s *Stage) openStore(name string) (*store.Store, error) {
	return store.Open(filepath.Join(s.dir, name), 1<<30)
}

// serve serves on a free port of loopback until the story ends.
func (s *Stage) serve(ctx context.Context, h http.Handler) (string, error) {
	url, wait, err := transfer.Serve(ctx, "", h)
	if err != nil {
		return "", err
	}
	s.servers.Go(wait)
	return url, nil
}

// Put stores and pins bytes where people publish.
func (s *Stage) Put(content []byte) (blob.Hash, error) {
	root, err := s.Library.PutBytes(content)
	if err != nil {
		return root, err
	}
	return root, s.Library.Pin(root)
}

// Fetch gets a blob from whichever worker has it.
func (s *Stage) Fetch(ctx context.Context, root blob.Hash, size int64) ([]byte, error) {
	sources, err := s.Client.Sources(ctx, s.Source)
	if err != nil {
		return nil, err
	}
	if err := transfer.Fetch(ctx, s.Over, s.Library, root, sources, size); err != nil {
		return nil, err
	}
	return s.Library.Bytes(root)
}

// World is what checks may look at. It has nothing that the story knows.
func (s *Stage) World() check.World {
	return check.World{Chain: s.Client, Blob: s.Fetch, Answers: s.answers.heard()}
}

// Threads is how many threads each worker computes with.
func Threads() int { return runtime.GOMAXPROCS(0) }

// Kernels names what the numbers will be computed with.
func (s *Stage) Kernels() (string, error) {
	b, err := kernel.New(s.Kernel, Threads())
	if err != nil {
		return "", err
	}
	names := strings.Join(kernel.Names(), ", ")
	return fmt.Sprintf("%s kernels (of %s here), %d threads", b.Name(), names, b.Threads()), nil
}

// Package demo plays the whole economy once, on this machine, for someone who
// has never seen it: people publish texts, one posts a training job, a worker
// trains, another does it again to check, the model answers a paying customer,
// and the fee reaches everyone who made the model. With a liar in the story, the
// first who trains cheats, and is found out.
//
// Nothing in it is make-believe but the people: the validators, daemons,
// gateway and transfers are those of the program, over real sockets on
// loopback, in one process. The keys are throw-away keys that anyone can
// compute and the coins are test money.
//
// Run is a list of acts (act_*.go), each of which leaves what it saw in the
// Report; check.go says what must hold at the end. An act that fails ends the
// story with what happened; the caller turns that into the exit status.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/minga-network/minga/blob/store"
	"github.com/minga-network/minga/chain/node"
	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/gateway"
	"github.com/minga-network/minga/train"
	"github.com/minga-network/minga/x/job"
)

// Options are the flags of the command.
type Options struct {
	Seed   uint64 // of the training job: initial weights and order of the data
	Steps  int    // of training; 0 keeps the example's
	Kernel string // instruction set; empty is the best of this machine
	Exit   bool   // end after the last act
	Liar   bool   // a worker that lies trains first
	JSON   string // file to write the Report to
	Out    io.Writer
	Log    *slog.Logger
}

// play is one run of the demo.
type play struct {
	Options
	story
	cast
	report Report

	dir     string
	servers *errgroup.Group // everything that must end when the play ends
	net     *node.Network
	client  *client.Client

	publisher string // where the publishers' blobs are served
	library   *store.Store
	data      []train.Data
	spec      *train.Spec
	training  job.Job
	measuring func() float64 // seconds since the measuring began
	gateway   *gateway.Gateway
	apiURL    string
	session   job.Job
	key       string // the customer's API key
	// With a liar only. The honest ones work once the liar has the job: however
	// busy the machine is, it is the first.
	lies     chan lie
	lie      lie
	first    chan struct{}
	disputed uint64 // the dispute's id
}

// Run plays the demo. It returns nil only if every check holds.
func Run(ctx context.Context, o Options) error {
	dir, err := os.MkdirTemp("", "minga-demo-")
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	defer os.RemoveAll(dir)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	servers, ctx := errgroup.WithContext(ctx)
	p := &play{Options: o, cast: newCast(o.Liar), lies: make(chan lie, 1), first: make(chan struct{}), dir: dir, servers: servers, story: story{out: o.Out, start: time.Now()}}
	err = p.perform(ctx)
	cancel()
	return errors.Join(err, ignoreCancel(servers.Wait()), p.close())
}

// perform plays the acts, writes the report and, unless asked to exit, waits.
func (p *play) perform(ctx context.Context) error {
	acts := []func(context.Context) error{p.startNetwork, p.startWorkers, p.publish, p.post, p.train}
	if p.Liar {
		acts = append(acts, p.dispute, p.train)
	}
	for _, act := range append(acts, p.measure, p.check, p.value, p.showModel, p.openKey, p.ask, p.settle, p.split) {
		if err := act(ctx); err != nil {
			return cause(ctx, err)
		}
	}
	p.report.Seconds.Total = time.Since(p.start).Seconds()
	if err := p.verdict(); err != nil {
		return err
	}
	if p.JSON != "" {
		if err := p.report.write(p.JSON); err != nil {
			return fmt.Errorf("write the report: %w", err)
		}
	}
	if p.Exit {
		return nil
	}
	return p.stay(ctx)
}

// cause prefers the reason why everything was stopped to the act's own
// "context canceled".
func cause(ctx context.Context, err error) error {
	if errors.Is(err, context.Canceled) && context.Cause(ctx) != nil {
		return context.Cause(ctx)
	}
	return err
}

func ignoreCancel(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

func (p *play) close() error {
	if p.client != nil {
		p.client.Close()
	}
	if p.net != nil {
		return p.net.Stop()
	}
	return nil
}

// openStore makes a blob store for somebody.
func (p *play) openStore(name string) (*store.Store, error) {
	return store.Open(filepath.Join(p.dir, name), 1<<30)
}

// since returns a function that gives the seconds from now until it is called.
func since() func() float64 {
	start := time.Now()
	return func() float64 { return time.Since(start).Seconds() }
}

// Package daemon is a machine that earns: it watches the chain,
// takes training jobs that fit, does them, and checks what others claim by doing
// it again.
//
// Run follows the blocks. The chain alone says what to do next (next.go): deny a claim
// about work that this worker has done itself, go on with what it has taken, go on with
// the checks that it has seats for. Beside that it asks for seats and jobs (ask.go). One
// thing is done at a time; messages are on their way beside the work (out.go). What fits
// and what is refused is said in fit.go. The work itself is an engine's (train.go,
// measure.go, replay.go), which gets its inputs as verified blobs (fetch.go). What it gave
// goes to the chain as a claim, or as the report of a check that agrees (tell.go).
// A check that got other bits denies the claim instead. Disputes have deadlines,
// so they are played beside all that (dispute.go), from the run's checkpoints.
//
// What can go wrong: the process is killed. Nothing is lost, since the daemon
// remembers nothing that the chain or the checkpoints do not know; Run again and
// it goes on, also in the middle of a dispute. A job that the chain has given up (too late) is dropped.
// A job that cannot be done is refused before it is taken, with a counted
// reason. Errors of the network are tried again with the next block.
package daemon

import (
	"context"
	"errors"
	"log/slog"
	"sync"

	"github.com/minga-network/minga/blob/store"
	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/train"
	"github.com/minga-network/minga/verify/player"
	"github.com/minga-network/minga/x/job"
	"github.com/minga-network/minga/x/worker"
)

// What a daemon does with a job.
const (
	RoleTrain = "train" // the work itself
	RoleCheck = "check" // the same again, to see whether a claim is true
)

// Config says who works, where, and with what.
type Config struct {
	Client *client.Client
	Signer *client.Signer // the registered worker
	// Store holds what the worker fetches and makes; its endpoint must serve it.
	Store *store.Store
	// Dir holds the checkpoints of work under way.
	Dir string
	// Kernel is an instruction set, empty for the best of this machine; Threads how many to use.
	Kernel  string
	Threads int
	// Memory is how many bytes a run may need; a job that needs more is left alone. 0 is no bound.
	Memory int64
	Log    *slog.Logger
	// Progress, if set, is told of each training step.
	Progress func(job uint64, role string, p train.Progress)
	// Observe is for simulations: see train.Options. A worker that lies by it lies in
	// the same way when it trains, checks, defends and denies.
	Observe func(step int, m *nn.Machine, node int)
}

// An engine does the work of one kind of job and says what it gave.
type engine interface {
	// prepare gets everything that the work needs. It comes before a job or a seat
	// is taken, so that nobody can make a worker late by withholding a blob; an
	// errSpec says that nobody could do the job.
	prepare(ctx context.Context, j job.Job) error
	run(ctx context.Context, j job.Job, role string) (outcome, error)
	// again makes an execution of a job with a task that has been claimed, to play
	// disputes with.
	again(ctx context.Context, j job.Job) (player.Run, error)
}

// outcome is what the work gave: what to say of it, and, for a job with a task,
// the execution that stands behind it.
type outcome struct {
	claim job.Claim
	run   player.Run
}

// daemon is a running worker.
type daemon struct {
	Config
	me      string
	engines map[string]engine // by the kind of job
	out     *out
	busy    map[uint64]int // what was on its way when the board was looked at
	pace    pace
	height  int64 // of the newest block
	// opinions are on jobs that others posted or claimed, by id, so that each is
	// looked into once and its reason logged once.
	opinions map[uint64]opinion
	// judged is the trace of each claim that was compared with work done before.
	judged map[uint64]string
}

// Run works until ctx ends or the client is closed. While the worker is not
// registered it waits.
func Run(ctx context.Context, c Config) error { return newDaemon(c).follow(ctx) }

// follow does after each block what the chain waits for.
func (d *daemon) follow(ctx context.Context) error {
	if err := d.tidy(); err != nil {
		return err
	}
	var court sync.WaitGroup
	defer court.Wait()
	court.Go(func() { newCourt(d).follow(ctx) })
	defer d.out.sent.Wait()
	blocks := d.Client.Blocks(ctx)
	for worked := false; d.wait(blocks, worked); {
		var err error
		if worked, err = d.next(ctx); err != nil && ctx.Err() == nil {
			d.Log.Warn("tried again with the next block", "err", err)
		}
		worked = worked && err == nil
	}
	return context.Cause(ctx)
}

// wait waits for a block, or for what came of a message; after work it has only a look. It
// returns false when there will be no more blocks.
func (d *daemon) wait(blocks <-chan int64, worked bool) bool {
	now := make(chan struct{})
	if worked {
		close(now)
	} else {
		now = d.out.news
	}
	select {
	case height, more := <-blocks:
		d.height = height
		d.out.block()
		d.pace.block()
		return more
	case <-now:
		return true
	}
}

func newDaemon(c Config) *daemon {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	d := &daemon{Config: c, me: c.Signer.String(), opinions: map[uint64]opinion{}, judged: map[uint64]string{}, out: newOut()}
	d.engines = map[string]engine{worker.Train: &trainer{daemon: d}, worker.Infer: &replayer{daemon: d}}
	return d
}

// final tells that sending the same again cannot help: the chain has refused
// for a reason that stays.
func final(err error) bool {
	for _, refusal := range []error{job.ErrState, job.ErrLate, job.ErrNotYours, job.ErrClaim, job.ErrSeats, job.ErrUnknown, job.ErrChallenge} {
		if errors.Is(err, refusal) {
			return true
		}
	}
	return false
}

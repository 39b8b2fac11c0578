// Package worker is the daemon of a machine that earns: it watches the chain,
// takes training jobs that fit, does them, and checks what others claim by doing
// it again.
//
// Run follows the blocks. After each one the chain alone says what to do next,
// in this order (next.go): go on with a job that this worker has taken, go on
// with a check that it has a seat for, take a job, take a seat. One thing is done
// at a time. What fits and what is refused is said in fit.go. The work itself is an engine's (train.go, replay.go), which gets
// its inputs as verified blobs (fetch.go) and gives a Claim; a claim of its own
// goes to the chain as MsgClaim, the result of a check as MsgReport, which agrees
// if it is the same in every bit.
//
// What can go wrong: the process is killed. Nothing is lost, since the daemon
// remembers nothing that the chain or the last checkpoint does not know; Run
// again and it goes on. A job that the chain has given up (too late) is dropped.
// A job that cannot be done is refused before it is taken, with a counted
// reason. Errors of the network are tried again with the next block.
package worker

import (
	"context"
	"errors"
	"log/slog"

	"github.com/minga-network/minga/blob/store"
	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/train"
	"github.com/minga-network/minga/x/job"
	workerx "github.com/minga-network/minga/x/worker"
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
	Log     *slog.Logger
	// Progress, if set, is told of each training step.
	Progress func(job uint64, role string, p train.Progress)
}

// An engine does the work of one kind of job and says what it gave.
type engine interface {
	// prepare gets everything that the work needs. It comes before a job or a seat
	// is taken, so that nobody can make a worker late by withholding a blob; an
	// errSpec says that nobody could do the job.
	prepare(ctx context.Context, j job.Job) error
	run(ctx context.Context, j job.Job, role string) (job.Claim, error)
}

// daemon is a running worker.
type daemon struct {
	Config
	me      string
	engines map[string]engine // by the kind of job
	height  int64             // of the newest block
	// opinions are on jobs that others posted or claimed, by id, so that each is
	// looked into once and its reason logged once.
	opinions map[uint64]opinion
}

// Run works until ctx ends or the client is closed. While the worker is not
// registered it waits.
func Run(ctx context.Context, c Config) error { return newDaemon(c).follow(ctx) }

// follow does after each block what the chain waits for.
func (d *daemon) follow(ctx context.Context) error {
	for d.height = range d.Client.Blocks(ctx) {
		if err := d.next(ctx); err != nil && ctx.Err() == nil {
			d.Log.Warn("tried again with the next block", "err", err)
		}
	}
	return context.Cause(ctx)
}

func newDaemon(c Config) *daemon {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	d := &daemon{Config: c, me: c.Signer.String(), opinions: map[uint64]opinion{}}
	d.engines = map[string]engine{workerx.Train: &trainer{d}, workerx.Infer: &replayer{d}}
	return d
}

// final tells that sending the same again cannot help: the chain has refused
// for a reason that stays.
func final(err error) bool {
	for _, refusal := range []error{job.ErrState, job.ErrLate, job.ErrNotYours, job.ErrClaim, job.ErrSeats, job.ErrUnknown} {
		if errors.Is(err, refusal) {
			return true
		}
	}
	return false
}

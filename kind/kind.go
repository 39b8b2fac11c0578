package kind

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"time"

	"google.golang.org/grpc"

	"github.com/minga-network/minga/blob/store"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/train"
	"github.com/minga-network/minga/verify/player"
	"github.com/minga-network/minga/x/job"
	"github.com/minga-network/minga/x/worker"
)

var (
	// ErrJob marks a job that nobody could do as it is posted.
	ErrJob = errors.New("the job cannot be done")
	// ErrTerms marks a job that was posted with other terms than its job file has.
	ErrTerms = fmt.Errorf("%w: the posted terms are not those of the job file", ErrJob)
)

// A Kind is what one machine does for a kind of job.
type Kind interface {
	// Terms are those of a job file, without the address where workers fetch it. It fetches what it needs to say what
	// the whole work is.
	Terms(ctx context.Context, file []byte) (job.Terms, error)
	// Prepare fetches and plans all that the work on a job takes, or that on the claim about it. It comes before a job
	// or a seat is taken, so that nobody can make a worker late by withholding a blob. An ErrJob says that nobody
	// could do the job; other errors may pass.
	Prepare(ctx context.Context, j job.Job) (Work, error)
}

// Work is a job that was prepared. It does not change, so several goroutines may use it.
type Work interface {
	// Memory is about how many bytes the work takes, with what was prepared.
	Memory() int64
	// MoveMemory is about how many an execution for disputes takes: a move needs all values of a step at once. It is 0
	// for work that no dispute can be about.
	MoveMemory() int64
	// Takes says how long the work takes here, by doing a little of it.
	Takes(ctx context.Context) (time.Duration, error)
	// Run does the work, or does it again to check a claim.
	Run(ctx context.Context) (Outcome, error)
	// Again is an execution of a job that has a task, to play disputes with. All its work ends when ctx does.
	Again(ctx context.Context) (player.Run, error)
}

// Outcome is what the work gave: what to claim, and the execution behind it if the job has a task.
type Outcome struct {
	Claim job.Claim
	Run   player.Run
}

// Host is the machine that the work is done on.
type Host struct {
	Chain Chain
	Store *store.Store // of the blobs that are fetched and made
	// Transport carries requests for blobs; nil is the network without private addresses.
	Transport http.RoundTripper
	Dir       string // of the checkpoints of work under way
	// Memory is how many bytes one work may take; 0 is no bound.
	Memory int64
	// Kernel is an instruction set, empty for the best of this machine; Threads is how many one work uses.
	Kernel  string
	Threads int
	Now     func() time.Time // for the progress shown
	Log     *slog.Logger
	// Progress, if set, is told of each training step.
	Progress func(job uint64, p train.Progress)
	// Observe is for simulations: see train.Options.
	Observe func(step int, m *nn.Machine, node int)
}

// Chain answers queries, and knows where blobs may be found.
type Chain interface {
	grpc.ClientConnInterface
	// Sources lists base URLs, the likeliest first: one that is given, then those of the accounts that should have it.
	Sources(ctx context.Context, url string, accounts ...string) ([]string, error)
}

// Kinds are all kinds on one machine, by their names on chain.
type Kinds map[worker.Kind]Kind

// On returns the kinds on a machine. A new kind is a line here and a file of this package.
func On(h Host) Kinds {
	if h.Log == nil {
		h.Log = slog.New(slog.DiscardHandler)
	}
	return Kinds{
		job.KindTrain:   &trainer{h, &trials{}},
		job.KindMeasure: &measurer{Host: h, trials: &trials{}},
		job.KindInfer:   &reader{Host: h},
	}
}

// Terms are those of a job file of any kind.
func (k Kinds) Terms(ctx context.Context, file []byte) (job.Terms, error) {
	name, err := kindOf(file)
	if err != nil {
		return job.Terms{}, err
	}
	kind, ok := k[name]
	if !ok {
		return job.Terms{}, fmt.Errorf("%w: kind is %q, want one of %q", ErrFile, name, slices.Sorted(maps.Keys(k)))
	}
	return kind.Terms(ctx, file)
}

// Prepare prepares a job of any kind.
func (k Kinds) Prepare(ctx context.Context, j job.Job) (Work, error) {
	kind, ok := k[j.Terms.Kind]
	if !ok {
		return nil, fmt.Errorf("%w: this program does not know kind %q; a newer one may", ErrJob, j.Terms.Kind)
	}
	return kind.Prepare(ctx, j)
}

// Package daemon is a machine that earns: it watches the chain, takes jobs that fit, does them, and checks what others
// claim by doing it again.
//
// Run follows the blocks (watch.go). What the chain has for workers is the board (board.go); what this worker has taken
// and not told of yet is its work queue. Works from the queue are done beside each other, each in a slot, as far as the
// cores and the memory of the machine reach (slots.go, memory.go, work.go). What a work gave goes to the chain as a
// claim, or as the report of a check that agrees; a check that got other bits denies the claim instead. Beside that the
// worker asks for more (ask.go): only for what protects it (fit.go), which it prepares before (prepare.go). It says why
// it leaves a job alone. It denies claims about work that it has done itself (judge.go). Messages are on
// their way beside all this (outbox.go).
// Disputes have deadlines, so a loop of its own plays them (package kind/dispute). The works themselves are those of
// package kind.
//
// What can go wrong: the process is killed. Nothing is lost, since the daemon remembers nothing that the chain or the
// checkpoints do not know; Run again and it goes on, also in the middle of a dispute. A job that the chain has given up
// (too late) is dropped. A job that cannot be done is refused before it is taken, with a counted reason. An error, or a
// panic, over one job stops nothing else; it is logged with the job's number, and tried again after ever more blocks.
package daemon

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/minga-network/minga/blob/store"
	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/kind"
	"github.com/minga-network/minga/kind/dispute"
	"github.com/minga-network/minga/kind/fit"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/train"
)

// Role is what a daemon does with a job.
type Role string

// The roles.
const (
	RoleTrain Role = "train" // the work itself
	RoleCheck Role = "check" // the same again, to see whether a claim is true
)

// Config says who works, where, and with what.
type Config struct {
	Client *client.Client
	Signer *client.Signer // the registered worker
	// Store holds what the worker fetches and makes; its endpoint must serve it.
	Store *store.Store
	// Transport carries requests for blobs; nil is the network without private addresses.
	Transport http.RoundTripper
	// Dir holds the checkpoints of work under way.
	Dir string
	// Kernel is an instruction set, empty for the best of this machine. Threads is how many one work uses, and Cores how
	// many all works use together: as many works are done at a time as fit, one at least.
	Kernel  string
	Threads int
	Cores   int
	// Memory is how many bytes all works may take together. A job that needs more is left alone, one that does not fit
	// beside others waits. 0 is no bound.
	Memory int64
	// Policy is which jobs are taken.
	Policy fit.Policy
	Log    *slog.Logger
	// Progress, if set, is told of each training step.
	Progress func(job uint64, role Role, p train.Progress)
	// Observe is for simulations: see train.Options. A worker that lies by it lies in the same way when it trains, checks,
	// defends and denies.
	Observe func(step int, m *nn.Machine, node int)
}

// daemon is a running worker.
type daemon struct {
	Config
	me      string
	live    *client.Live
	works   *kind.Works
	slots   *slots
	memory  *memory
	outbox  *outbox
	news    news
	asking  task
	judging task
	beside  sync.WaitGroup

	height   int64 // of the newest block; asking begins with it
	opinions *opinions
	left     fit.List                // the jobs that are left alone, for the owner
	judged   map[uint64]string       // the claims that were compared with work done before; used while judging
	unjudged map[uint64]kind.Backoff // those that could not be compared; used while judging
}

// Run works until ctx ends or the client is closed. While the worker is not registered it waits.
func Run(ctx context.Context, c Config) error {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if err := kind.Tidy(c.Dir); err != nil {
		return err
	}
	d := newDaemon(c)
	disputes := dispute.Loop{Client: c.Client, Signer: c.Signer, Prepare: d.works.Prepare, Hold: d.memory.take, Log: c.Log}
	d.beside.Go(func() { disputes.Follow(ctx) })
	defer d.beside.Wait()
	return d.follow(ctx)
}

func newDaemon(c Config) *daemon {
	d := &daemon{
		Config: c, me: c.Signer.String(), news: newNews(),
		slots: newSlots(max(1, c.Cores/max(1, c.Threads))), memory: newMemory(c.Memory), outbox: newOutbox(),
		opinions: newOpinions(), left: fit.List{Dir: c.Dir}, judged: map[uint64]string{}, unjudged: map[uint64]kind.Backoff{},
	}
	kinds := kind.On(kind.Host{
		Chain: c.Client, Store: c.Store, Transport: c.Transport, Dir: c.Dir, Kernel: c.Kernel, Threads: c.Threads,
		Memory: c.Memory, Now: time.Now, Log: c.Log, Progress: d.progress, Observe: c.Observe,
	})
	d.works = kind.NewWorks(kinds, c.Memory)
	d.live = c.Client.Live(slices.Sorted(maps.Keys(kinds))...)
	d.live.Log = c.Log
	return d
}

// progress tells of a step of the work on a job. A step of an execution for a dispute is nobody's news.
func (d *daemon) progress(job uint64, p train.Progress) {
	if role, under := d.slots.role(job); under && d.Progress != nil {
		d.Progress(job, role, p)
	}
}

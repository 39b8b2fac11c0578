package daemon

import (
	"context"
	"fmt"
	"slices"

	"github.com/minga-network/minga/x/job"
	"github.com/minga-network/minga/x/worker"
)

// board is what the chain has for workers at one moment.
type board struct {
	me                   worker.Worker
	height               int64
	open, taken, claimed []job.Job // claimed ones include the disputed
	// busy are the jobs that are worked on, or that a message is on its way about. The board may show what comes of it
	// or not; what was before, it shows.
	busy map[uint64]bool
}

func (d *daemon) board(ctx context.Context) (b board, err error) {
	b.height, b.busy = d.height, d.busy() // before the chain is asked
	r, err := worker.NewQueryClient(d.Client).Worker(ctx, &worker.QueryWorkerRequest{Address: d.me})
	if err != nil {
		return b, fmt.Errorf("the worker's record: %w", err)
	}
	b.me = r.Worker
	if b.open, err = d.live.In(ctx, job.StateOpen); err != nil {
		return b, err
	}
	if b.taken, err = d.live.In(ctx, job.StateTaken); err != nil {
		return b, err
	}
	b.claimed, err = d.live.In(ctx, job.StateClaimed, job.StateDisputed)
	return b, err
}

func (d *daemon) busy() map[uint64]bool {
	busy := map[uint64]bool{}
	for _, id := range d.slots.under() {
		busy[id] = true
	}
	for id := range d.outbox.under() {
		busy[id] = true
	}
	return busy
}

// over tells that a job is not on the board.
func (b board) over(id uint64) bool {
	is := func(j job.Job) bool { return j.Id == id }
	return !slices.ContainsFunc(b.open, is) && !slices.ContainsFunc(b.taken, is) && !slices.ContainsFunc(b.claimed, is)
}

// held is a job, and what this worker does or could do with it.
type held struct {
	job.Job
	role Role
}

// queue is the work queue: what this worker has taken, or has a seat at, and has not told of yet. First come the jobs
// that it has taken, whose claims others will check, then the checks that it owes.
func (d *daemon) queue(b board) (queue []held) {
	for _, j := range b.taken {
		if j.Worker == d.me && j.Terms.Kind != job.KindInfer {
			queue = append(queue, held{j, RoleTrain})
		}
	}
	for _, j := range b.claimed {
		if d.owesReport(j) {
			queue = append(queue, held{j, RoleCheck})
		}
	}
	return queue
}

func (d *daemon) owesReport(j job.Job) bool {
	return slices.ContainsFunc(j.Checks, func(c job.Check) bool {
		return c.Worker == d.me && c.Report == nil && c.Dispute == 0
	})
}

func (d *daemon) seated(j job.Job) bool {
	return slices.ContainsFunc(j.Checks, func(c job.Check) bool { return c.Worker == d.me })
}

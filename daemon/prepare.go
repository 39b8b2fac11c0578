package daemon

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/minga-network/minga/kind"
	"github.com/minga-network/minga/train"
	"github.com/minga-network/minga/x/job"
	"github.com/minga-network/minga/x/worker"
)

// longestPause is the most blocks after which a missing blob is asked for again.
const longestPause = 64

// errMemory marks a job that is too large for what this worker may use.
var errMemory = errors.New("too little memory is allowed for this job")

// opinion is what is known of a job that this worker has not taken.
type opinion struct {
	err    error // why it cannot be done here; nil if it can
	memory int64 // that it takes
	backoff
}

// backoff waits longer after each failure.
type backoff struct {
	until int64 // the height at which to try again
	pause int64 // blocks that were waited
}

// after is the backoff after one more failure.
func (b backoff) after(height int64) backoff {
	return backoff{height + max(1, b.pause), min(2*max(1, b.pause), longestPause)}
}

// fits asks what costs nothing: whether the chain could let this worker have the job, or a seat at its claim.
func (d *daemon) fits(me worker.Worker, j job.Job) bool {
	i := slices.IndexFunc(me.Offers, func(o worker.Offer) bool { return o.Kind == job.Offered(j.Terms.Kind) })
	switch {
	case i < 0, me.Release != 0, me.Free().LT(j.Terms.Stake):
		return false
	case j.Creator == d.me, j.Worker == d.me, slices.Contains(j.Barred, d.me):
		return false
	case j.State == job.StateOpen:
		return me.Offers[i].Price.LTE(j.Terms.MaxPrice)
	}
	return true
}

// ready prepares a job and tells whether the work can begin. Why not is counted and logged when it is news. A job that
// nobody can do, or not with this machine's memory, stays refused. A blob that is missing may still come, and is asked
// for ever more rarely, so that a job whose blobs never come does not keep this worker from others.
func (d *daemon) ready(ctx context.Context, b board, j job.Job) bool {
	before, known := d.opinions[j.Id]
	switch {
	case known && before.err == nil:
		return sizeOf(j) == short || d.memory.fits(before.memory)
	case known && b.height < before.until:
		return false
	}
	memory, err := d.prepare(ctx, j)
	if err == nil {
		d.opinions[j.Id] = opinion{memory: memory}
		return sizeOf(j) == short || d.memory.fits(memory)
	}
	now := opinion{err: err, backoff: before.after(b.height)}
	if errors.Is(err, kind.ErrJob) || errors.Is(err, errMemory) {
		now.until = math.MaxInt64
	}
	if before.err == nil || before.err.Error() != err.Error() {
		refusals.WithLabelValues(reason(err)).Inc()
		d.Log.Warn("job left alone", "job", j.Id, "reason", err)
	}
	d.opinions[j.Id] = now
	return false
}

// prepare prepares a job that this machine has the memory for, and tells how much it takes.
func (d *daemon) prepare(ctx context.Context, j job.Job) (memory int64, err error) {
	work, err := d.works.Prepare(ctx, j)
	if err != nil {
		return 0, err
	}
	memory = work.Memory()
	if d.Memory > 0 && memory > d.Memory {
		return 0, fmt.Errorf("%w: it needs %s of %s", errMemory, mebibytes(memory), mebibytes(d.Memory))
	}
	return memory, nil
}

// reason is the word that a refusal is counted under.
func reason(err error) string {
	switch {
	case errors.Is(err, kind.ErrTerms):
		return "terms"
	case errors.Is(err, train.ErrData):
		return "data"
	case errors.Is(err, kind.ErrJob):
		return "spec"
	case errors.Is(err, errMemory):
		return "memory"
	}
	return "unreachable" // a blob, or the chain
}

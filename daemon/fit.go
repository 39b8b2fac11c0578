package daemon

import (
	"context"
	"errors"
	"maps"
	"math"
	"slices"

	"github.com/minga-network/minga/train"
	"github.com/minga-network/minga/x/job"
	"github.com/minga-network/minga/x/worker"
)

// longestPause is the most blocks after which a missing blob is asked for again.
const longestPause = 64

// opinion is what is known of a job that this worker has not taken.
type opinion struct {
	err   error // why it cannot be done here; nil if it can
	again int64 // the height at which to look again
	pause int64 // blocks to wait after that
}

// fits asks what costs nothing: whether the chain could let this worker have the
// job, or a seat at its claim.
func (d *daemon) fits(me worker.Worker, j job.Job) bool {
	i := slices.IndexFunc(me.Offers, func(o worker.Offer) bool { return o.Kind == j.Terms.Kind })
	switch {
	case i < 0, me.Release != 0, j.Creator == d.me, j.Worker == d.me, slices.Contains(j.Barred, d.me), me.Free().LT(j.Terms.Stake):
		return false
	case j.State == job.StateOpen:
		return me.Offers[i].Price.LTE(j.Terms.MaxPrice)
	}
	return true
}

// ready gets what a job needs and tells whether it is all there. Why not is
// counted and logged when it is news. A job that nobody can do, or not with this machine's memory, stays refused; a
// blob that is missing may still come, and is asked for ever more rarely, so
// that a job whose blobs never come does not keep this worker from others.
func (d *daemon) ready(ctx context.Context, j job.Job) bool {
	before, known := d.opinions[j.Id]
	if known && (before.err == nil || d.height < before.again) {
		return before.err == nil
	}
	now := opinion{err: d.engines[j.Terms.Kind].prepare(ctx, j), again: math.MaxInt64}
	if now.err != nil && !errors.Is(now.err, errSpec) && !errors.Is(now.err, errMemory) {
		now.again = d.height + max(1, before.pause)
		now.pause = min(2*max(1, before.pause), longestPause)
	}
	if now.err != nil && (before.err == nil || before.err.Error() != now.err.Error()) {
		refusals.WithLabelValues(reason(now.err)).Inc()
		d.Log.Warn("job left alone", "job", j.Id, "reason", now.err)
	}
	d.opinions[j.Id] = now
	return now.err == nil
}

// reason is the word that a refusal is counted under.
func reason(err error) string {
	switch {
	case errors.Is(err, errTerms):
		return "terms"
	case errors.Is(err, train.ErrData):
		return "data"
	case errors.Is(err, errSpec):
		return "spec"
	case errors.Is(err, errMemory):
		return "memory"
	}
	return "unreachable" // a blob, or the chain
}

// forget drops what is known of jobs that are over.
func (d *daemon) forget(b board) {
	waiting := map[uint64]bool{}
	for _, j := range slices.Concat(b.open, b.claimed) {
		waiting[j.Id] = true
	}
	over := func(id uint64) bool { return !waiting[id] }
	maps.DeleteFunc(d.opinions, func(id uint64, _ opinion) bool { return over(id) })
	maps.DeleteFunc(d.judged, func(id uint64, _ string) bool { return over(id) })
}

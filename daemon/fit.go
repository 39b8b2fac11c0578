package daemon

import (
	"context"
	"errors"
	"maps"
	"sync"
	"time"

	"github.com/minga-network/minga/kind"
	"github.com/minga-network/minga/kind/fit"
	"github.com/minga-network/minga/x/worker"
)

// What a worker knows of jobs that it could do. Whether a job fits is asked in the order of what it costs: the terms
// first, which cost nothing; then the job is prepared, beside everything else, since its blobs are strangers' and may
// never come; then its time and memory are compared with what this machine has. A job that does not fit is left alone,
// and looked at again after ever more blocks.

// market is what does not depend on one job.
type market struct {
	workers []worker.Worker
	pace    time.Duration // from one block to the next
	queued  time.Duration // what is to be done already takes so long
}

func (d *daemon) market(ctx context.Context, queue []held) (m market, err error) {
	if m.workers, err = d.Client.Workers(ctx); err != nil {
		return m, err
	}
	if m.pace, err = d.Client.Pace(ctx); err != nil {
		return m, err
	}
	for _, h := range queue {
		m.queued += d.opinions.of(h).takes / time.Duration(d.slots.most)
	}
	return m, nil
}

// opinion is what is known of a job that this worker could do, or of a check.
type opinion struct {
	known     bool
	preparing bool
	err       error // why it is left alone; nil if it is not
	memory    int64 // that it takes
	takes     time.Duration
	kind.Backoff
}

// opinions are those on jobs, and on checks.
type opinions struct {
	mu  sync.Mutex
	all map[part]opinion
}

// part is a job, and whether the work is done or checked. Of each claim there is another opinion: what must be fetched
// for a check may depend on it.
type part struct {
	job   uint64
	role  Role
	claim string
}

func (h held) part() part {
	p := part{job: h.Id, role: h.role}
	if h.role == RoleCheck && h.Claim != nil {
		p.claim = string(h.Claim.Result)
	}
	return p
}

func newOpinions() *opinions { return &opinions{all: map[part]opinion{}} }

func (o *opinions) of(h held) opinion {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.all[h.part()]
}

func (o *opinions) set(h held, now opinion) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.all[h.part()] = now
}

// preparing counts the jobs that are being prepared.
func (o *opinions) preparing() (n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, x := range o.all {
		if x.preparing {
			n++
		}
	}
	return n
}

// forget drops those on jobs that are over.
func (o *opinions) forget(over func(job uint64) bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	maps.DeleteFunc(o.all, func(p part, x opinion) bool { return !x.preparing && over(p.job) })
}

// ready tells whether to ask for a job now. It begins to prepare one that is not known yet.
func (d *daemon) ready(ctx context.Context, b board, m market, h held) bool {
	o := d.opinions.of(h)
	if o.preparing || o.Waits(b.height) {
		return false
	}
	err := kind.Contain(func() error { return d.fits(b, m, h, o) })
	if err != nil {
		d.leave(h, o, err, b.height)
		return false
	}
	if !o.known || o.err != nil {
		d.prepare(ctx, h, o, b.height)
		return false
	}
	return sizeOf(h.Job) == short || d.memory.fits(o.memory)
}

// fits says why a job is left alone, as far as that is known without preparing it, and its time if it is prepared.
func (d *daemon) fits(b board, m market, h held, o opinion) error {
	if err := d.Policy.Terms(b.me, h.Job); err != nil {
		return err
	}
	if err := fit.Checkers(b.me, h.Job, m.workers); err != nil {
		return err
	}
	return fit.Time(o.takes+m.queued, fit.Blocks(h.Job, b.height), m.pace)
}

// leave leaves a job alone for some blocks, or for good if it is one that nobody could do, or not this machine. Why is
// counted and logged when it is news.
func (d *daemon) leave(h held, before opinion, err error, height int64) {
	now := before
	now.known, now.preparing, now.err, now.Backoff = true, false, err, before.After(height, kind.LongestPause)
	reason := fit.ReasonOf(err)
	if before.err == nil || fit.ReasonOf(before.err) != reason {
		refusals.WithLabelValues(string(reason)).Inc()
		d.Log.Warn("job left alone", "job", h.Id, "role", h.role, "reason", reason, "why", err)
	}
	if errors.Is(err, kind.ErrJob) || reason == fit.ReasonMemory {
		now.Backoff = kind.Never()
	}
	d.opinions.set(h, now)
}

// left lists the jobs that are left alone.
func (o *opinions) left() (all []fit.Left) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for p, x := range o.all {
		if x.err != nil {
			all = append(all, fit.Left{Job: p.job, Role: string(p.role), Reason: fit.ReasonOf(x.err), Why: x.err.Error()})
		}
	}
	return all
}

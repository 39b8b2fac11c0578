package daemon

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/minga-network/minga/kind"
	"github.com/minga-network/minga/kind/fit"
)

// mostPreparing is how many jobs are prepared at a time. One whose blobs come slowly, or never, does not keep this
// worker from others.
const mostPreparing = 4

// prepareTime bounds how long a job may take to be prepared. What has arrived by then is kept for the next time.
const prepareTime = 10 * time.Minute

var errSlow = fmt.Errorf("it took longer than %s to prepare", prepareTime)

// errNoRoom is for a job that would fit if nothing else were done now.
var errNoRoom = errors.New("other work has the memory")

// prepare prepares a job beside everything else, and tells when it has come to an opinion.
func (d *daemon) prepare(ctx context.Context, h held, before opinion, height int64) {
	if d.opinions.preparing() >= mostPreparing {
		return
	}
	begun := before
	begun.preparing = true
	d.opinions.set(h, begun)
	d.beside.Go(func() {
		defer d.news.tell()
		now, err := d.plan(ctx, h)
		switch {
		case err == nil:
			d.opinions.set(h, now)
		case errors.Is(err, errNoRoom), ctx.Err() != nil:
			d.opinions.set(h, before)
		default:
			d.leave(h, before, err, height)
		}
	})
}

// plan prepares a job, and finds how much memory and time it takes here.
func (d *daemon) plan(ctx context.Context, h held) (o opinion, err error) {
	ctx, stop := context.WithTimeoutCause(ctx, prepareTime, errSlow)
	defer stop()
	err = kind.Contain(func() error {
		work, err := d.works.Prepare(ctx, h.Job)
		if err != nil {
			return err
		}
		if err := fit.Memory(work.Memory(), work.MoveMemory(), d.Memory); err != nil {
			return err
		}
		o = opinion{known: true, memory: work.Memory()}
		o.takes, err = d.trial(ctx, work)
		return err
	})
	return o, err
}

// trial measures how long a work takes. That needs its memory.
func (d *daemon) trial(ctx context.Context, work kind.Work) (time.Duration, error) {
	if !d.memory.fits(work.Memory()) {
		return 0, errNoRoom
	}
	defer d.memory.take(work.Memory())()
	return work.Takes(ctx)
}

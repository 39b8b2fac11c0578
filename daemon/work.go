package daemon

import (
	"context"
	"errors"
	"fmt"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/kind"
	"github.com/minga-network/minga/x/job"
)

// errLost ends work that the chain no longer waits for.
var errLost = errors.New("the chain no longer waits for this work")

// start begins the works of the queue, as far as slots are free.
func (d *daemon) start(ctx context.Context, b board, queue []held) {
	for _, h := range queue {
		if b.busy[h.Id] || d.outbox.refused(h.self()) || d.slots.waits(h.Id, b.height) {
			continue
		}
		watched, stop := context.WithCancelCause(ctx)
		if !d.slots.take(h.Id, h.role, stop) {
			stop(nil)
			return
		}
		d.beside.Go(func() {
			defer stop(nil)
			d.slots.leave(h.Id, d.work(ctx, watched, h), b.height)
			d.news.tell()
		})
	}
}

// work does one work and puts what came of it into the outbox. It ends before a block has the result: that is refused
// rarely, and then told again with the next block.
func (d *daemon) work(ctx, watched context.Context, h held) error {
	var o kind.Outcome
	var msg sdk.Msg
	err := kind.Contain(func() (err error) {
		if o, err = d.execute(watched, h); err == nil {
			msg, err = d.message(h, o)
		}
		return err
	})
	if err != nil && errors.Is(context.Cause(watched), errLost) {
		err = errLost
	}
	d.slots.done(h.Id)
	if err != nil {
		count(h.role, o, err)
		if ctx.Err() == nil {
			d.Log.Warn("work is tried again later", "job", h.Id, "role", h.role, "err", err)
		}
		return err
	}
	d.send(h, nothing, func() {
		_, err := d.Client.Send(ctx, d.Signer, msg)
		count(h.role, o, err)
		if err != nil {
			d.outbox.refuse(h.self())
		}
		if err != nil && ctx.Err() == nil {
			d.Log.Warn("told again with the next block", "job", h.Id, "role", h.role, "err", err)
		}
	})
	return nil
}

// execute prepares the work, if that is not kept from before, waits for memory and does it.
func (d *daemon) execute(ctx context.Context, h held) (o kind.Outcome, err error) {
	work, err := d.works.Prepare(ctx, h.Job)
	if err != nil {
		return o, err
	}
	release, err := d.memory.wait(ctx, work.Memory())
	if err != nil {
		return o, err
	}
	defer release()
	d.Log.Info("work begins", "job", h.Id, "role", h.role, "memory", mebibytes(work.Memory()))
	return work.Run(ctx)
}

func mebibytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }

// count counts what became of some work.
func count(role Role, o kind.Outcome, err error) {
	outcome := "done"
	switch {
	case errors.Is(err, errLost):
		outcome = "lost"
	case final(err):
		outcome = "refused"
	case err != nil:
		outcome = "interrupted"
	default:
		units.WithLabelValues(string(role)).Add(float64(o.Claim.Units))
	}
	worked.WithLabelValues(string(role), outcome).Inc()
}

// message is the claim of one's own work; of a check it is the report, with the step that the chain has drawn for this
// checker, or the denial of the claim. Without a task there are only reports.
func (d *daemon) message(h held, o kind.Outcome) (sdk.Msg, error) {
	if h.role == RoleTrain {
		return &job.MsgClaim{Worker: d.me, Job: h.Id, Claim: o.Claim}, nil
	}
	report := &job.MsgReport{Worker: d.me, Job: h.Id, Report: o.Claim}
	if o.Run == nil {
		return report, nil
	}
	if denial, err := d.denial(h.Job, o.Run); err != nil || denial != nil {
		return denial, err
	}
	leaves, err := o.Run.Leaves()
	if err != nil {
		return nil, err
	}
	step := h.Sample(d.me, len(leaves)-1)
	report.Leaf = leaves[step][:]
	for _, hash := range blob.Path(leaves, step) {
		report.Path = append(report.Path, hash[:])
	}
	return report, nil
}

// final tells that sending the same again cannot help: the chain has refused for a reason that stays.
func final(err error) bool {
	for _, refusal := range []error{
		job.ErrState, job.ErrLate, job.ErrNotYours, job.ErrClaim, job.ErrSeats, job.ErrUnknown, job.ErrChallenge,
	} {
		if errors.Is(err, refusal) {
			return true
		}
	}
	return false
}

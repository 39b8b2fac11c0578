package daemon

import (
	"context"
	"errors"
	"fmt"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/verify/player"
	"github.com/minga-network/minga/x/job"
)

// errLost ends work that the chain no longer waits for.
var errLost = errors.New("the chain no longer waits for this work")

// work runs the engine and tells the chain what came out. Work that the chain
// has stopped waiting for ends at once. It returns before a block has the result:
// that is refused rarely, and then told again with the next block.
func (d *daemon) work(ctx context.Context, j job.Job, role string) error {
	o, err := d.execute(ctx, j, role)
	var msg sdk.Msg
	if err == nil {
		msg, err = d.message(j, role, o)
	}
	if err != nil {
		count(role, o, err)
		return fmt.Errorf("job %d, %s: %w", j.Id, role, err)
	}
	d.out.send(j.Id, 0, func() {
		_, err := d.Client.Send(ctx, d.Signer, msg)
		count(role, o, err)
		if err != nil {
			d.out.refuse(queue{job: j.Id})
		}
		if err != nil && ctx.Err() == nil {
			d.Log.Warn("told again with the next block", "job", j.Id, "role", role, "err", err)
		}
	})
	return nil
}

// count counts what became of some work.
func count(role string, o outcome, err error) {
	outcome := "done"
	switch {
	case errors.Is(err, errLost):
		outcome = "lost"
	case final(err):
		outcome = "refused"
	case err != nil:
		outcome = "interrupted"
	default:
		units.WithLabelValues(role).Add(float64(o.claim.Units))
	}
	worked.WithLabelValues(role, outcome).Inc()
}

// execute runs the engine for as long as the chain waits for its result.
func (d *daemon) execute(ctx context.Context, j job.Job, role string) (outcome, error) {
	watched, stop := d.while(ctx, j.Id, role)
	defer stop(nil)
	o, err := d.engines[j.Terms.Kind].run(watched, j, role)
	if err != nil && errors.Is(context.Cause(watched), errLost) {
		return o, errLost
	}
	return o, err
}

// message is the claim of one's own work; of a check it is the report, with the step
// that the chain has drawn for this checker, or the denial of the claim. Without a
// task there are only reports.
func (d *daemon) message(j job.Job, role string, o outcome) (sdk.Msg, error) {
	if role == RoleTrain {
		return &job.MsgClaim{Worker: d.me, Job: j.Id, Claim: o.claim}, nil
	}
	report := &job.MsgReport{Worker: d.me, Job: j.Id, Report: o.claim}
	if o.run == nil {
		return report, nil
	}
	if denial, err := d.denial(j, o.run); err != nil || denial != nil {
		return denial, err
	}
	leaves, err := o.run.Leaves()
	if err != nil {
		return nil, err
	}
	step := j.Sample(d.me, len(leaves)-1)
	report.Leaf, report.Path = leaves[step][:], hashes(blob.Path(leaves, step))
	return report, nil
}

// targets are what can be denied of a claim, as the chain calls them.
var targets = map[verify.Target]string{verify.Trace: "trace", verify.Result: "result", verify.Sound: "sound"}

// denial challenges a claim that the own execution does not give; it is nil if it
// gives the same.
func (d *daemon) denial(j job.Job, run player.Run) (*job.MsgChallenge, error) {
	task, err := j.Task()
	if err != nil {
		return nil, err
	}
	if len(j.Claim.Trace) != len(verify.Hash{}) || len(j.Claim.Result) != len(verify.Hash{}) {
		return nil, fmt.Errorf("job %d: its claim has no hashes", j.Id)
	}
	claimed := verify.Claimed{Trace: verify.Hash(j.Claim.Trace), Result: verify.Hash(j.Claim.Result)}
	target, wrong, err := player.New(task, run).Compare(claimed)
	if err != nil || !wrong {
		return nil, err
	}
	return &job.MsgChallenge{Challenger: d.me, Job: j.Id, Target: targets[target]}, nil
}

// while returns a context that ends with errLost when the chain no longer waits
// for this worker's claim or report.
func (d *daemon) while(ctx context.Context, id uint64, role string) (context.Context, context.CancelCauseFunc) {
	ctx, stop := context.WithCancelCause(ctx)
	go func() {
		for range d.Client.Blocks(ctx) {
			r, err := job.NewQueryClient(d.Client).Job(ctx, &job.QueryJobRequest{Id: id})
			if err != nil {
				continue // the network's trouble says nothing about the job
			}
			j := r.Job
			mine := j.State == job.StateTaken && j.Worker == d.me
			if role == RoleCheck {
				mine = !j.State.Final() && d.owesReport(j)
			}
			if !mine {
				stop(errLost)
				return
			}
		}
	}()
	return ctx, stop
}

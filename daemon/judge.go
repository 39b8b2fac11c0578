package daemon

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/minga-network/minga/kind"
	"github.com/minga-network/minga/kind/dispute"
	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/verify/player"
	"github.com/minga-network/minga/x/job"
)

// hurry is the most blocks after which something that has a deadline is tried again.
const hurry = 4

// judge denies claims about work that this worker has done itself, from which something else came. It needs no seat for
// that: it has nothing left to do but to say so.
func (d *daemon) judge(ctx context.Context, b board) {
	maps.DeleteFunc(d.judged, func(id uint64, _ string) bool { return b.over(id) })
	maps.DeleteFunc(d.unjudged, func(id uint64, _ kind.Backoff) bool { return b.over(id) })
	for _, j := range b.claimed {
		claim := string(j.Claim.Trace) + string(j.Claim.Result)
		mayDeny := j.Worker != d.me && !d.seated(j) && !slices.Contains(j.Barred, d.me)
		waits := d.judged[j.Id] == claim || d.unjudged[j.Id].Waits(b.height)
		if !mayDeny || b.busy[j.Id] || waits || !d.did(j) {
			continue
		}
		if err := kind.Contain(func() error { return d.compare(ctx, j) }); err != nil {
			d.unjudged[j.Id] = d.unjudged[j.Id].After(b.height, hurry)
			if ctx.Err() == nil {
				d.Log.Warn("a claim is compared again later", "job", j.Id, "err", err)
			}
			continue
		}
		d.judged[j.Id] = claim
	}
}

// did tells whether this worker has executed a job to its end.
func (d *daemon) did(j job.Job) bool {
	task, err := j.Task()
	if err != nil || task == nil {
		return false
	}
	steps, err := kind.Checkpoints{Dir: d.Dir, Job: j.Id}.Steps()
	return err == nil && slices.Contains(steps, task.Steps())
}

// compare compares a claim with what came out here and opens a dispute if that is not the same, unless it has done so
// before: who lost it believes the chain.
func (d *daemon) compare(ctx context.Context, j job.Job) error {
	before, err := dispute.Of(ctx, d.Client, d.me, j.Id)
	if err != nil || slices.ContainsFunc(before, func(x job.Dispute) bool { return x.Opened >= j.Claimed }) {
		return err
	}
	work, err := d.works.Prepare(ctx, j)
	if err != nil {
		return err
	}
	run, err := work.Again(ctx)
	if err != nil {
		return err
	}
	denial, err := d.denial(j, run)
	if err != nil || denial == nil {
		return err
	}
	if _, err = d.Client.Send(ctx, d.Signer, denial); final(err) {
		return nil // somebody was faster
	}
	return err
}

// targets are what can be denied of a claim, as the chain calls them.
var targets = map[verify.Target]job.Target{
	verify.Trace: job.TargetTrace, verify.Result: job.TargetResult, verify.Sound: job.TargetSound,
}

// denial challenges a claim that the own execution does not give; it is nil if it gives the same.
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

package job

import (
	"context"

	"cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

// A job of a kind that is retried does not end because one worker failed over it. If the worker is late, the job is
// open again without it, as it is if the claim falls. If checkers are silent, others take their seats. Fines are
// burned: nobody, not the creator either, gains by holding up what waits for the job.
//
// Should such a job find no worker or no checker, or cost too many their stakes, it ends, and its parent gives up. That
// costs the creator, who chose the terms. No worker loses anything.

// mostFailures is how many workers may lose something over one job before it ends.
const mostFailures = 32

// lateAgain ends a worker's part in a job that it took and did not claim, and opens the job again.
func (k Keeper) lateAgain(ctx context.Context, j *Job, fine math.Int) error {
	who := j.Worker
	if err := k.free(ctx, j, who, fine, nil, false); err != nil {
		return err
	}
	j.Barred = append(j.Barred, who)
	return k.reopen(ctx, j, who, fine)
}

// unchecked gives a job whose claim has too few reports another time for the work, with other checkers in place of the
// silent ones. If nobody came, it waits as long as for somebody to take it.
func (k Keeper) unchecked(ctx context.Context, j *Job) error {
	fine, err := k.fine(ctx, j)
	if err != nil {
		return err
	}
	var silent []string
	kept := j.Checks[:0:0]
	for _, c := range j.Checks {
		if c.Report != nil {
			kept = append(kept, c)
			continue
		}
		if err := k.free(ctx, j, c.Worker, fine, nil, false); err != nil {
			return err
		}
		silent = append(silent, c.Worker)
	}
	j.Checks, j.Barred = kept, append(j.Barred, silent...)
	if len(silent) == 0 && height(ctx) >= j.Claimed+j.Terms.Deadline || len(j.Barred) >= mostFailures {
		return k.unproven(ctx, j)
	}
	if err := k.wait(ctx, j, height(ctx)+j.Terms.Work); err != nil {
		return err
	}
	if err := k.Jobs.Set(ctx, j.Id, *j); err != nil {
		return err
	}
	return sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(
		&EventUnchecked{Job: j.Id, Worker: j.Worker, Silent: silent, Slashed: money(fine), Due: j.Due})
}

// unproven ends a job that nobody checks. Those who did report lose nothing.
func (k Keeper) unproven(ctx context.Context, j *Job) error {
	for _, c := range j.Checks {
		if err := k.workers.Unlock(ctx, c.Worker, j.Terms.Stake); err != nil {
			return err
		}
	}
	return k.undecided(ctx, j)
}

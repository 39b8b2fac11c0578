package job

import (
	"context"
	stderrors "errors"
	"fmt"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

// A job is measured by all of its runs or not at all, so a run does not end because one
// worker failed over it. If the worker is late, the run is open again without it, as it is
// if the claim falls. If checkers are silent, others take their seats. What is fined for
// either is burned: nobody, not the creator either, holds up a job's shares for nothing.
//
// Should a run find no worker, or no checker, or have cost too many their stakes, the
// measuring is given up. Then the data part goes by tokens used and the creator's part to
// the commons: the creator is the one who chose the runs' terms, and must not gain by
// choosing such as nobody takes. No worker loses anything: the work on the job itself was
// paid when its claim stood, and each run that somebody works on goes on and is paid.

// mostFailures is how many workers may lose something over one run before it is given up.
const mostFailures = 32

// givenUp is why a run ends that is of no more use.
const givenUp = "the measuring was given up"

// lateRun ends a worker's part in a run that it took and did not claim.
func (k Keeper) lateRun(ctx context.Context, j *Job, fine math.Int) error {
	who := j.Worker
	if err := k.free(ctx, j, who, fine, nil, false); err != nil {
		return err
	}
	j.Barred = append(j.Barred, who)
	return k.reopen(ctx, j, who, fine)
}

// unchecked gives a run whose claim has too few reports another time for the work, with
// other checkers in the place of those that are silent. Where not even those came, it
// waits as long as for somebody to take it.
func (k Keeper) unchecked(ctx context.Context, j *Job) error {
	fine, err := k.fine(ctx, j)
	if err != nil {
		return err
	}
	kept := j.Checks[:0:0]
	for _, c := range j.Checks {
		if c.Report != nil {
			kept = append(kept, c)
			continue
		}
		if err := k.free(ctx, j, c.Worker, fine, nil, false); err != nil {
			return err
		}
		j.Barred = append(j.Barred, c.Worker)
	}
	idle := len(kept) == len(j.Checks)
	j.Checks = kept
	if idle && height(ctx) >= j.Claimed+j.Terms.Deadline || len(j.Barred) >= mostFailures {
		return k.unproven(ctx, j)
	}
	if err := k.wait(ctx, j, height(ctx)+j.Terms.Work); err != nil {
		return err
	}
	return k.Jobs.Set(ctx, j.Id, *j)
}

// unproven ends a run that nobody checks. Those who did report lose nothing.
func (k Keeper) unproven(ctx context.Context, j *Job) error {
	for _, c := range j.Checks {
		if err := k.workers.Unlock(ctx, c.Worker, j.Terms.Stake); err != nil {
			return err
		}
	}
	return k.undecided(ctx, j)
}

// awaited tells whether the model of a job whose work is paid has to wait for its measuring,
// and until when it waits for its creator to begin with that.
func (k Keeper) awaited(ctx context.Context, j *Job) (due int64, waits bool, err error) {
	if !j.measured() {
		return 0, false, nil
	}
	c, begun, err := k.children(ctx, j.Id)
	if err == nil && !begun {
		return height(ctx) + j.Terms.Deadline, true, nil
	}
	return 0, c.Reason == "" && c.Paid < c.Count, err
}

// measuring returns how the measuring of a job stands, and whether it has begun.
func (k Keeper) measuring(ctx context.Context, job uint64) (m Measured, begun bool, err error) {
	m, err = k.Measured.Get(ctx, job)
	if stderrors.Is(err, collections.ErrNotFound) {
		return Measured{}, false, nil
	}
	return m, err == nil, err
}

// children returns how the children of a job stand, and whether there are any.
func (k Keeper) children(ctx context.Context, parent uint64) (c Children, begun bool, err error) {
	c, err = k.Children.Get(ctx, parent)
	if stderrors.Is(err, collections.ErrNotFound) {
		return Children{}, false, nil
	}
	return c, err == nil, err
}

// spent says why a run is not worth being open again; empty: it is.
func (k Keeper) spent(ctx context.Context, j *Job) (string, error) {
	if !j.isRun() {
		return "", nil
	}
	c, err := k.Children.Get(ctx, j.Terms.Parent)
	switch {
	case err != nil:
		return "", err
	case c.Reason != "":
		return givenUp, nil
	case len(j.Barred) >= mostFailures:
		return fmt.Sprintf("%d workers have failed over it", len(j.Barred)), nil
	}
	return "", nil
}

// tally counts a run that was paid, and wakes the job that it measures after the last one.
func (k Keeper) tally(ctx context.Context, parent uint64) error {
	c, err := k.Children.Get(ctx, parent)
	if err != nil {
		return err
	}
	c.Paid++
	if err := k.Children.Set(ctx, parent, c); err != nil || c.Paid < c.Count {
		return err
	}
	return k.wake(ctx, parent)
}

// wake has a job that waits to be measured end with the next block.
func (k Keeper) wake(ctx context.Context, id uint64) error {
	j, err := k.Get(ctx, id)
	if err != nil || j.State != StateWaiting {
		return err
	}
	if err := k.wait(ctx, &j, height(ctx)); err != nil {
		return err
	}
	return k.Jobs.Set(ctx, id, j)
}

// after does what follows from the end of one job for others: without its job, or without
// one of the others, no run is of use.
func (k Keeper) after(ctx context.Context, j *Job) error {
	switch {
	case j.isRun() && j.State == StatePaid:
		return k.tally(ctx, j.Terms.Parent)
	case j.isRun():
		return k.giveUp(ctx, j.Terms.Parent,
			fmt.Sprintf("run %d (job %d) %s: %s", j.Terms.Number, j.Id, j.State.Word(), j.Reason))
	case j.measured() && j.State != StatePaid:
		return k.giveUp(ctx, j.Id, "the job itself "+j.State.Word())
	}
	return nil
}

// giveUp ends the measuring of a job, and those of its runs that nobody works on.
func (k Keeper) giveUp(ctx context.Context, parent uint64, reason string) error {
	c, begun, err := k.children(ctx, parent)
	if err != nil || !begun || c.Reason != "" {
		return err
	}
	c.Reason = reason
	if err := k.Children.Set(ctx, parent, c); err != nil {
		return err
	}
	m, err := k.Measured.Get(ctx, parent)
	if err != nil {
		return err
	}
	for run := range uint64(m.Runs) {
		j, err := k.Get(ctx, m.First+run)
		if err != nil {
			return err
		}
		if j.State != StateOpen {
			continue
		}
		if err := k.drop(ctx, &j, givenUp); err != nil {
			return err
		}
	}
	if err := sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(&EventGivenUp{Job: parent,
		Reason: reason}); err != nil {
		return err
	}
	return k.wake(ctx, parent)
}

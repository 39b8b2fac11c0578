package receipt

import (
	"context"
	"errors"
	"fmt"

	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/x/job"
)

// ErrUnpaid means that a session has no receipt, since nothing was paid for it.
var ErrUnpaid = errors.New("not paid")

// first is the lowest height whose state can be proven.
const first = 2

// settled finds the height after which the chain first has the session as paid. exact is
// false where the node has no state from just before: the height is then the last one.
func settled(ctx context.Context, c *client.Client, id uint64) (height int64, exact bool, err error) {
	last, j, err := latest(ctx, c, id)
	if err != nil {
		return 0, false, err
	}
	unpaid, paid := max(j.Claimed, first)-1, last
	for paid-unpaid > 1 {
		mid := unpaid + (paid-unpaid)/2
		j, err := jobAt(ctx, c, id, mid)
		switch {
		case errors.Is(err, client.ErrPruned):
			unpaid = mid
		case err != nil:
			return 0, false, err
		case j.State == job.StatePaid:
			paid = mid
		default:
			unpaid = mid
		}
	}
	if unpaid < first {
		return last, false, nil
	}
	switch _, err := jobAt(ctx, c, id, unpaid); {
	case errors.Is(err, client.ErrPruned):
		return last, false, nil
	case err != nil:
		return 0, false, err
	}
	return paid, true, nil
}

// latest is the session as it is after the last block that another one follows, in whose
// header the proofs end. It waits for that one if the session was paid just now.
func latest(ctx context.Context, c *client.Client, id uint64) (int64, job.Job, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	blocks := c.Blocks(ctx)
	height, err := c.Height(ctx)
	if err != nil {
		return 0, job.Job{}, err
	}
	j, err := jobAt(ctx, c, id, height)
	switch {
	case err != nil:
		return 0, j, err
	case j.Terms.Kind != job.KindInfer:
		return 0, j, fmt.Errorf("job %d is a %s job: a receipt is of a paid session (`minga query job list` shows the "+
			"infer jobs)", id, j.Terms.Kind)
	case j.State != job.StatePaid:
		return 0, j, fmt.Errorf("job %d is %s: %w: a receipt can be had once it is paid", id, j.State.Word(), ErrUnpaid)
	}
	for next := range blocks {
		if next > height {
			return height, j, nil
		}
	}
	return 0, j, fmt.Errorf("wait for the block after %d: %w", height, context.Cause(ctx))
}

// jobAt is a job's record after the block of a height.
func jobAt(ctx context.Context, c *client.Client, id uint64, height int64) (job.Job, error) {
	var j job.Job
	e, err := c.Prove(ctx, job.Name, jobKey(id), height)
	if err != nil {
		return j, err
	}
	if e.Value == nil {
		return j, fmt.Errorf("job %d is unknown at height %d: `minga query job list` shows those there are", id, height)
	}
	return j, j.Unmarshal(e.Value)
}

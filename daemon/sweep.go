package daemon

import (
	"context"
	"fmt"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/minga-network/minga/kind"
	"github.com/minga-network/minga/x/job"
)

// sweep removes the checkpoints of jobs that are over: until then one of them may be needed to go on, to defend a claim
// or to deny one. What cannot be removed now is tried again with the next block.
func (d *daemon) sweep(ctx context.Context, b board) {
	jobs, err := kind.Saved(d.Dir)
	if err != nil {
		d.Log.Warn("old checkpoints are not looked for", "dir", d.Dir, "err", err)
	}
	for _, id := range jobs {
		if !b.over(id) {
			continue
		}
		if err := d.sweepJob(ctx, id); err != nil && ctx.Err() == nil {
			d.Log.Warn("the checkpoints of a job stay for now", "job", id, "err", err)
		}
	}
}

// sweepJob removes the checkpoints of a job if that is over.
func (d *daemon) sweepJob(ctx context.Context, id uint64) error {
	over, err := d.over(ctx, id)
	if err != nil || !over {
		return err
	}
	return kind.Checkpoints{Dir: d.Dir, Job: id}.Remove()
}

// over tells that nothing more happens to a job.
func (d *daemon) over(ctx context.Context, id uint64) (bool, error) {
	r, err := job.NewQueryClient(d.Client).Job(ctx, &job.QueryJobRequest{Id: id})
	if status.Code(err) == codes.NotFound {
		return true, nil // of a chain that is no more
	}
	if err != nil {
		return false, fmt.Errorf("job %d: %w", id, err)
	}
	return r.Job.State.Final(), nil
}

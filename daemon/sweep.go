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
// or to deny one.
func (d *daemon) sweep(ctx context.Context, b board) error {
	jobs, err := kind.Saved(d.Dir)
	if err != nil {
		return fmt.Errorf("look for old checkpoints: %w", err)
	}
	for _, id := range jobs {
		if !b.over(id) {
			continue
		}
		over, err := d.over(ctx, id)
		if err != nil {
			return err
		}
		if !over {
			continue
		}
		if err := (kind.Checkpoints{Dir: d.Dir, Job: id}).Remove(); err != nil {
			return fmt.Errorf("remove an old checkpoint: %w", err)
		}
	}
	return nil
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

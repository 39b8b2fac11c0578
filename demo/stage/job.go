package stage

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/x/job"
)

// Post posts a job of somebody.
func (s *Stage) Post(ctx context.Context, who Person, terms job.Terms) (job.Job, error) {
	r, err := s.Client.Send(ctx, who.Signer, &job.MsgPost{Creator: who.Address(), Terms: terms})
	if err != nil {
		return job.Job{}, fmt.Errorf("%s posts: %w", who.Name, err)
	}
	posted, ok := client.Event[*job.EventPosted](r.Events)
	if !ok {
		return job.Job{}, errors.New("the chain did not say which job it is")
	}
	return job.Job{Id: posted.Job, Terms: terms}, nil
}

// Await follows a job until it is in one of the states. A job that ends otherwise
// is an error with the chain's reason.
func (s *Stage) Await(ctx context.Context, id uint64, states ...job.State) (job.Job, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for range s.Client.Blocks(ctx) {
		r, err := job.NewQueryClient(s.Client).Job(ctx, &job.QueryJobRequest{Id: id})
		if err != nil {
			return job.Job{}, err
		}
		if slices.Contains(states, r.Job.State) {
			return r.Job, nil
		}
		if r.Job.State.Final() {
			return job.Job{}, fmt.Errorf("job %d is %s: %s", id, r.Job.State.Word(), r.Job.Reason)
		}
	}
	return job.Job{}, fmt.Errorf("waiting for job %d: %w", id, context.Cause(ctx))
}

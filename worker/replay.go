package worker

import (
	"context"
	"errors"
	"fmt"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/infer"
	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/x/job"
)

// maxLog bounds the log of a session that is checked, in bytes.
const maxLog = 256 << 20

// replayer is the engine that checks infer jobs: it makes every call of the
// claimed session again.
type replayer struct{ *daemon }

func (r *replayer) prepare(ctx context.Context, j job.Job) error {
	if j.Claim == nil {
		return fmt.Errorf("%w: nothing is claimed yet", errSpec)
	}
	if _, err := r.log(ctx, j); err != nil {
		return err
	}
	_, _, err := r.asset(ctx, j.Terms.Model)
	return err
}

func (r *replayer) run(ctx context.Context, j job.Job, _ string) (outcome, error) {
	file, err := r.log(ctx, j)
	if err != nil {
		return outcome{}, err
	}
	model, content, err := r.asset(ctx, j.Terms.Model)
	if err != nil {
		return outcome{}, err
	}
	b, err := kernel.New(r.Kernel, r.Threads)
	if err != nil {
		return outcome{}, err
	}
	c, err := honest(ctx, content, file, b)
	c.State = model.Root
	return outcome{claim: c}, err
}

// honest is what a server would claim that has made the calls before the first
// one that is wrong.
func honest(ctx context.Context, model, file []byte, b *kernel.Backend) (job.Claim, error) {
	replay, err := infer.NewReplay(ctx, model, file, b)
	if errors.Is(err, infer.ErrLog) {
		return nothing(ctx, model, b)
	}
	if err != nil {
		return job.Claim{}, err
	}
	wrong, err := replay.Contradiction()
	switch {
	case err != nil:
		return job.Claim{}, err
	case wrong == 0:
		return nothing(ctx, model, b)
	case wrong > 0:
		return honest(ctx, model, file[:4*replay.Plan().Record*wrong], b)
	}
	leaves, err := replay.Leaves()
	root, trace := blob.Sum(file), nn.Root(leaves)
	return job.Claim{Result: root[:], Bytes: uint64(len(file)), Trace: trace[:], Units: replay.Units()}, err
}

// nothing is the claim of a session without calls.
func nothing(ctx context.Context, model []byte, b *kernel.Backend) (job.Claim, error) {
	m, err := nn.DecodeModel(model)
	if err != nil {
		return job.Claim{}, err
	}
	return honest(ctx, model, infer.Log{}.File(m.Config.Context), b)
}

// log gets the session's file from the worker that claims it.
func (r *replayer) log(ctx context.Context, j job.Job) ([]byte, error) {
	return r.blob(ctx, j.Claim.Result, min(maxLog, int64(j.Claim.Bytes)), j.Terms.Source)
}

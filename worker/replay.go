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
const maxLog = 64 << 20

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

func (r *replayer) run(ctx context.Context, j job.Job, _ string) (job.Claim, error) {
	claimed, err := r.log(ctx, j)
	if err != nil {
		return job.Claim{}, err
	}
	model, file, err := r.asset(ctx, j.Terms.Model)
	if err != nil {
		return job.Claim{}, err
	}
	m, err := nn.DecodeModel(file)
	if err != nil {
		return job.Claim{}, err
	}
	b, err := kernel.New(r.Kernel, r.Threads)
	if err != nil {
		return job.Claim{}, err
	}
	l, err := infer.Replay(ctx, m, b, claimed, j.Terms.Units)
	if err != nil {
		return job.Claim{}, err
	}
	encoded, trace := l.Encode(), l.Trace()
	root := blob.Sum(encoded)
	return job.Claim{Result: root[:], Bytes: uint64(len(encoded)), State: model.Root, Trace: trace[:], Units: l.Units()}, nil
}

// log gets the session's log from the worker that claims it. What is no log
// from some line on has the calls before that line.
func (r *replayer) log(ctx context.Context, j job.Job) (infer.Log, error) {
	raw, err := r.blob(ctx, j.Claim.Result, min(maxLog, int64(j.Claim.Bytes)), j.Terms.Source)
	if err != nil {
		return infer.Log{}, err
	}
	l, err := infer.ParseLog(raw)
	if errors.Is(err, infer.ErrLog) {
		r.Log.Info("the claimed log is damaged", "job", j.Id, "err", err)
		return l, nil
	}
	return l, err
}

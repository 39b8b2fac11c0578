package worker

import (
	"context"
	"fmt"
	"time"

	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/train"
	"github.com/minga-network/minga/x/job"
)

// trainer is the engine for train jobs, for the worker and for its checkers alike.
type trainer struct{ *daemon }

func (t *trainer) prepare(ctx context.Context, j job.Job) error {
	spec, err := t.spec(ctx, j)
	if err != nil {
		return err
	}
	data, err := t.datasets(ctx, j)
	if err != nil {
		return err
	}
	if err := train.Check(spec, data); err != nil {
		return fmt.Errorf("%w: %w", errSpec, err)
	}
	return nil
}

func (t *trainer) run(ctx context.Context, j job.Job, role string) (job.Claim, error) {
	spec, err := t.spec(ctx, j)
	if err != nil {
		return job.Claim{}, err
	}
	data, err := t.datasets(ctx, j)
	if err != nil {
		return job.Claim{}, err
	}
	b, err := kernel.New(t.Kernel, t.Threads)
	if err != nil {
		return job.Claim{}, err
	}
	r, err := train.Run(ctx, spec, data, b, train.Options{
		Store: checkpoints{t.Dir, j.Id}, Now: time.Now,
		Warn: func(err error) { t.Log.Warn("training goes back", "job", j.Id, "err", err) },
		Progress: func(p train.Progress) {
			if t.Progress != nil {
				t.Progress(j.Id, role, p)
			}
		},
	})
	if err != nil {
		return job.Claim{}, err
	}
	return t.claim(r)
}

// claim keeps the model for those who will fetch it and says what was done.
func (t *trainer) claim(r *train.Result) (job.Claim, error) {
	root, err := t.Store.PutBytes(r.File)
	if err != nil {
		return job.Claim{}, fmt.Errorf("keep the model: %w", err)
	}
	if err := t.Store.Pin(root); err != nil {
		return job.Claim{}, fmt.Errorf("keep the model: %w", err)
	}
	c := job.Claim{Result: root[:], Bytes: uint64(len(r.File)), State: r.StateHash[:], Trace: r.Trace[:]}
	for _, n := range r.Tokens {
		c.Units += n
	}
	return c, nil
}

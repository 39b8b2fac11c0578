package worker

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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
	saved := checkpoint{filepath.Join(t.Dir, fmt.Sprintf("job-%d", j.Id))}
	r, err := train.Run(ctx, spec, data, b, train.Options{
		Store: saved, Now: time.Now,
		Warn: func(err error) { t.Log.Warn("training starts over", "job", j.Id, "err", err) },
		Progress: func(p train.Progress) {
			if t.Progress != nil {
				t.Progress(j.Id, role, p)
			}
		},
	})
	if err != nil {
		return job.Claim{}, err
	}
	claim, err := t.claim(r)
	if err != nil {
		return job.Claim{}, err
	}
	return claim, saved.remove()
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
	c := job.Claim{Result: root[:], Bytes: uint64(len(r.File)), State: r.StateHash[:], Trace: r.Trace[:], Used: r.Tokens}
	for _, n := range r.Tokens {
		c.Units += n
	}
	return c, nil
}

// checkpoint is the file that a run under way is saved in.
type checkpoint struct{ path string }

// Load returns what was saved last; nil if nothing was.
func (c checkpoint) Load() ([]byte, error) {
	data, err := os.ReadFile(c.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}

// Save replaces the file in one step: a crash leaves the old one or the new one.
func (c checkpoint) Save(data []byte) error {
	if err := os.MkdirAll(filepath.Dir(c.path), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(c.path), "saving-")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // after the rename there is nothing to remove
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), c.path)
}

func (c checkpoint) remove() error {
	if err := os.Remove(c.path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

package check

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/nn/file"
	"github.com/minga-network/minga/train"
	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/job"
)

// SameBits holds if a second machine did the training again and got the model, the state and
// every value on the way.
var SameBits = Check{
	Name: "two machines got the same bits",
	Holds: func(ctx context.Context, w World, s Subject) error {
		j, err := w.claimed(ctx, s.Training)
		if err != nil {
			return err
		}
		a, err := w.asset(ctx, j.Asset)
		if err != nil {
			return err
		}
		if !bytes.Equal(a.State, j.Claim.State) || !bytes.Equal(a.Root, j.Claim.Result) {
			return errors.New("the model is not what was claimed")
		}
		for _, c := range j.Checks {
			if c.Worker != j.Worker && c.Report != nil && same(*c.Report, *j.Claim) {
				return nil
			}
		}
		return errors.New("no other worker reports what was claimed")
	},
	Break: bent(func(r *job.QueryJobResponse) {
		for _, c := range r.Job.Checks {
			if c.Report != nil {
				c.Report.State[0] ^= 1
			}
		}
	}),
}

func same(a, b job.Claim) bool {
	return bytes.Equal(a.Result, b.Result) && bytes.Equal(a.State, b.State) && bytes.Equal(a.Trace, b.Trace)
}

// LossFell holds if the loss on the validation text after the training is at most a part of
// what it was before, as the model file says, whose hash is on the chain.
func LossFell(part float32) Check {
	return Check{
		Name: "the loss fell",
		Holds: func(ctx context.Context, w World, s Subject) error {
			run, err := w.run(ctx, s.Training)
			if err != nil {
				return err
			}
			if !(run.LossLast < part*run.LossFirst) {
				return fmt.Errorf("it went from %.3f to %.3f, not to %.2f of it", run.LossFirst, run.LossLast, part)
			}
			return nil
		},
		Break: func(w *World) {
			fetch := w.Blob
			w.Blob = func(ctx context.Context, root blob.Hash, size int64) ([]byte, error) {
				content, err := fetch(ctx, root, size)
				if err != nil {
					return nil, err
				}
				return swapLosses(content)
			}
		},
	}
}

// swapLosses writes a model file again, with the loss before and after exchanged.
func swapLosses(content []byte) ([]byte, error) {
	m, err := file.Decode(content)
	if err != nil {
		return nil, err
	}
	for _, t := range m.Extra {
		if t.Name == nn.StateMeans {
			t.Data[nn.SlotFirst], t.Data[nn.SlotLast] = t.Data[nn.SlotLast], t.Data[nn.SlotFirst]
		}
	}
	return m.Encode(), nil
}

// NoiseEarnsNothing holds if random characters have no share in the model, and all other data has.
var NoiseEarnsNothing = Check{
	Name: "the noise earns nothing",
	Holds: func(ctx context.Context, w World, s Subject) error {
		a, err := w.model(ctx, s.Training)
		if err != nil {
			return err
		}
		seen := false
		for _, p := range a.Parts {
			seen = seen || p.Asset == s.Noise
			if p.Role == "data" && (p.Shares == 0) != (p.Asset == s.Noise) {
				return fmt.Errorf("asset/%d has %d shares for a value of %s", p.Asset, p.Shares, p.Value)
			}
		}
		if !seen {
			return errors.New("the model does not name it")
		}
		return nil
	},
	Break: bent(func(r *asset.QueryAssetResponse) {
		for i := range r.Asset.Parts {
			r.Asset.Parts[i].Shares++
		}
	}),
}

func (w World) job(ctx context.Context, id uint64) (job.Job, error) {
	r, err := job.NewQueryClient(w.Chain).Job(ctx, &job.QueryJobRequest{Id: id})
	if err != nil {
		return job.Job{}, err
	}
	return r.Job, nil
}

// claimed is a job that has a claim.
func (w World) claimed(ctx context.Context, id uint64) (job.Job, error) {
	j, err := w.job(ctx, id)
	if err == nil && j.Claim == nil {
		err = fmt.Errorf("nothing is claimed of job %d", id)
	}
	return j, err
}

func (w World) asset(ctx context.Context, id uint64) (asset.Asset, error) {
	r, err := asset.NewQueryClient(w.Chain).Asset(ctx, &asset.QueryAssetRequest{Id: id})
	if err != nil {
		return asset.Asset{}, err
	}
	return r.Asset, nil
}

// model is what a training job made.
func (w World) model(ctx context.Context, training uint64) (asset.Asset, error) {
	j, err := w.job(ctx, training)
	if err != nil {
		return asset.Asset{}, err
	}
	return w.asset(ctx, j.Asset)
}

// run reads in a model's file how it was trained.
func (w World) run(ctx context.Context, training uint64) (train.Log, error) {
	a, err := w.model(ctx, training)
	if err != nil {
		return train.Log{}, err
	}
	content, err := w.Blob(ctx, blob.Hash(a.Root), int64(a.Bytes))
	if err != nil {
		return train.Log{}, err
	}
	m, err := file.Decode(content)
	if err != nil {
		return train.Log{}, err
	}
	return train.ReadLog(m)
}

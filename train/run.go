package train

import (
	"context"
	"fmt"
	"time"

	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/nn"
)

// Options is what the surroundings of a run give it. Nothing here changes the
// result, and all of it may be left out.
type Options struct {
	Store    Store            // where checkpoints go
	Progress func(Progress)   // called after every step
	Warn     func(error)      // told of an ErrCheckpoint that made the run start over
	Now      func() time.Time // clock for Progress; without it no speed is known
}

// Progress is how far a run is.
type Progress struct {
	Step, Steps     int
	Loss            float32 // training loss of the step
	TokensPerSecond float64 // since this process began to train
	Left            time.Duration
}

// Result is what a run made.
type Result struct {
	Model *nn.Model
	File  []byte // Model.Encode()
	// StateHash is the StateRoot of the last state: weights in the order of
	// nn.Config.Tensors, then first moments, then second.
	StateHash [32]byte
	Trace     [32]byte // running hash over the states at checkpoints
	LossFirst float32  // validation loss before training, nats a token
	LossLast  float32  // and after
	Losses    []Point  // training loss along the way, about 60 points
	Steps     int
	Tokens    []uint64 // training tokens used of each dataset, in the order of the Spec
}

// Check tells whether Run could do the job, without training: the error is one
// of ErrSpec and ErrData that Run would give.
func Check(s *Spec, data []Data) error {
	if err := s.Validate(); err != nil {
		return err
	}
	_, err := newCorpus(s, data)
	return err
}

// Run does the training job s on data, which holds every dataset that s names.
// The result depends on s and data alone. When ctx ends, Run returns its error;
// what was saved at the last checkpoint is whole, and the next Run with the
// same Store goes on from there. Errors wrap ErrSpec, ErrData, or come from the
// Store.
func Run(ctx context.Context, s *Spec, data []Data, b *kernel.Backend, opt Options) (*Result, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	t, err := newTrainer(s, data, b)
	if err != nil {
		return nil, err
	}
	if err := t.resume(ctx, opt); err != nil {
		return nil, err
	}
	if err := t.train(ctx, opt); err != nil {
		return nil, err
	}
	last, err := t.validate(ctx)
	if err != nil {
		return nil, err
	}
	m := t.model(Loss(last))
	return &Result{
		Model: m, File: m.Encode(), StateHash: StateRoot(t.state), Trace: t.at.trace,
		LossFirst: t.at.first, LossLast: last, Losses: t.at.curve,
		Steps: t.at.step, Tokens: t.at.used,
	}, nil
}

// model copies the weights out of the state and writes down how they came.
func (t *trainer) model(last Loss) *nn.Model {
	run := Log{
		Name: t.spec.Name, Datasets: t.spec.Data.Datasets, Seed: t.spec.Seed, Steps: t.at.step,
		LossFirst: Loss(t.at.first), LossLast: last, Losses: t.at.curve,
	}
	m := &nn.Model{Config: t.config, Tensors: t.config.Tensors(), Tokenizer: t.data.tokenizer, Meta: run.meta()}
	for i := range m.Tensors {
		m.Tensors[i].Data = append([]float32(nil), t.states[i]...)
	}
	return m
}

// train does the steps that are left.
func (t *trainer) train(ctx context.Context, opt Options) error {
	meter := newMeter(t, opt)
	for t.at.step < t.spec.Train.Steps {
		if err := ctx.Err(); err != nil {
			return err
		}
		loss := t.step()
		if t.at.step%t.spec.Train.Checkpoint == 0 || t.at.step == t.spec.Train.Steps {
			t.at.trace = t.at.trace.after(t.at.step, StateRoot(t.state), batchRoot(t.tokens, t.targets))
			if opt.Store != nil {
				if err := opt.Store.Save(encodeCheckpoint(t.id, &t.at, t.state)); err != nil {
					return fmt.Errorf("train: saving the checkpoint of step %d: %w", t.at.step, err)
				}
			}
		}
		meter.show(loss)
	}
	return nil
}

// resume loads the last checkpoint. One that cannot be used costs its time and
// nothing else: the run starts over.
func (t *trainer) resume(ctx context.Context, opt Options) error {
	if opt.Store == nil {
		return t.start(ctx)
	}
	saved, err := opt.Store.Load()
	if err != nil {
		return fmt.Errorf("train: loading the checkpoint: %w", err)
	}
	if saved == nil {
		return t.start(ctx)
	}
	p, err := decodeCheckpoint(saved, t.id, t.state)
	if err != nil {
		if opt.Warn != nil {
			opt.Warn(err)
		}
		return t.start(ctx)
	}
	t.at = *p
	return nil
}

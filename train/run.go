package train

import (
	"context"
	"slices"
	"time"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/nn/file"
)

// Options is what its surroundings give a run. Only Observe can change the result. All of it may be left out.
type Options struct {
	Store    Store            // where checkpoints go
	Progress func(Progress)   // called after every training step
	Warn     func(error)      // told of an ErrCheckpoint that cost its steps
	Now      func() time.Time // clock for Progress; without it no speed is known
	// Observe is for simulations. It is called after each node of each step, counted from 1, and may read and change the
	// node's outputs. The rest of the run takes what it changes as true, and so does a Replay with the same Observe.
	Observe func(step int, m *nn.Machine, node int)
}

// Progress is how far a run is.
type Progress struct {
	Step, Steps     int     // of the training phase
	Loss            float32 // training loss of the step
	TokensPerSecond float64 // since this process began to train
	Left            time.Duration
	// Contribution is the live estimate of a job that measures its data: each dataset's share, in the order of the Spec,
	// by the credits of every 16th step since this process began. It is nil before the first. Nobody is paid by it.
	Contribution []float64
}

// Result is what a run made.
type Result struct {
	Model     *file.Model
	File      []byte    // Model.Encode()
	StateHash blob.Hash // the last state root
	Trace     blob.Hash // blob.Root over the state roots before the first step and after each
	LossFirst float32   // validation loss before training, nats a token
	LossLast  float32   // and after
	Losses    []Point   // training loss along the way, at most 60 points
	Steps     int       // of the training phase
	Tokens    []uint64  // training tokens used of each dataset, in the order of the Spec
}

// Run does the training of a Plan. The result depends on p alone. When ctx ends, Run returns its error; what the last
// checkpoint has is whole, and the next Run with the same Store goes on from there. Other errors come from the Store.
func Run(ctx context.Context, p *Plan, b *kernel.Backend, opt Options) (*Result, error) {
	t := newTrainer(p, b, opt)
	if err := t.restart(t.plan.Steps()); err != nil {
		return nil, err
	}
	if err := t.finish(ctx); err != nil {
		return nil, err
	}
	return t.result()
}

// finish does the steps that are left.
func (t *trainer) finish(ctx context.Context) error {
	meter := &meter{t: t}
	for t.done < t.plan.Steps() {
		if err := ctx.Err(); err != nil {
			return err
		}
		phase, number := t.plan.At(t.done + 1)
		if phase == phaseTraining {
			meter.start()
		}
		if err := t.step(); err != nil {
			return err
		}
		checkpoint := phase == phaseTraining && (number+1)%t.plan.checkpoint == 0
		if t.opt.Store != nil && (checkpoint || t.done == t.plan.Steps()) {
			if err := save(t.opt.Store, t.done, encodeCheckpoint(t.id, t.roots, t.state)); err != nil {
				return err
			}
		}
		if phase == phaseTraining {
			if err := meter.show(number, t.loss[0]); err != nil {
				return err
			}
		}
	}
	return nil
}

// result says what the run made, when all steps are done and traced.
func (t *trainer) result() (*Result, error) {
	m := t.model()
	run, err := ReadLog(m)
	if err != nil {
		return nil, err
	}
	return &Result{
		Model: m, File: m.Encode(), StateHash: t.roots[len(t.roots)-1], Trace: blob.Root(t.plan.Leaves(t.roots)),
		LossFirst: run.LossFirst, LossLast: run.LossLast, Losses: run.Losses,
		Steps: run.Steps, Tokens: t.plan.Used,
	}, nil
}

// model copies the model out of the state.
func (t *trainer) model() *file.Model {
	m := t.plan.model
	rest := t.states
	for _, tensors := range []*[]nn.Tensor{&m.Tensors, &m.Extra} {
		*tensors = slices.Clone(*tensors)
		for i := range *tensors {
			(*tensors)[i].Data = slices.Clone(rest[i])
		}
		rest = rest[len(*tensors):]
	}
	return &m
}

package train

import (
	"context"
	"fmt"
	"slices"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/nn"
)

// Replay executes parts of a run again, to defend or deny one of its steps. One goroutine at a time uses it.
type Replay struct {
	ctx context.Context
	t   *trainer
	// What the states were; nil until asked for.
	leaves []blob.Hash
	// The step that was recorded last: a dispute asks for it again and again.
	step   int
	record *nn.Record
}

// NewReplay prepares to execute parts of the run of p again. It uses the checkpoints of opt.Store, and adds some if the
// run is not complete there. All work ends when ctx does.
func NewReplay(ctx context.Context, p *Plan, b *kernel.Backend, opt Options) *Replay {
	return &Replay{ctx: ctx, t: newTrainer(p, b, opt)}
}

// Plan is what is executed.
func (r *Replay) Plan() *Plan { return r.t.plan }

// Leaves are those of the trace: the root of the states before the first step, and after each. The run is done (again)
// as far as the Store does not have them.
func (r *Replay) Leaves() ([]blob.Hash, error) {
	if r.leaves != nil {
		return r.leaves, nil
	}
	if err := r.t.restart(r.t.plan.Steps()); err != nil {
		return nil, err
	}
	if err := r.t.finish(r.ctx); err != nil {
		return nil, err
	}
	r.leaves = r.t.plan.Leaves(r.t.roots)
	return r.leaves, nil
}

// File is the model file that the run made.
func (r *Replay) File() ([]byte, error) {
	if err := r.t.goTo(r.ctx, r.t.plan.Steps()); err != nil {
		return nil, err
	}
	return r.t.model().Encode(), nil
}

// ProveMeans gives the words of the state Plan.Means after the last step, and the
// path from its blob up to the last leaf: blob.Climb with the number of states.
func (r *Replay) ProveMeans() (words []float32, path []blob.Hash, err error) {
	p := r.t.plan
	if err := r.t.goTo(r.ctx, p.Steps()); err != nil {
		return nil, nil, err
	}
	r.t.tracer.root(r.t.tracer.all())
	i := p.Means()
	return slices.Clone(r.t.states[i]), blob.Path(r.t.tracer.names, i), nil
}

// Record executes a step, counted from 1, and keeps all its values. It begins at the last checkpoint before the step.
func (r *Replay) Record(step int) (*nn.Record, error) {
	if step < 1 || step > r.t.plan.Steps() {
		return nil, fmt.Errorf("train: record step %d of %d", step, r.t.plan.Steps())
	}
	if r.record != nil && r.step == step {
		return r.record, nil
	}
	if err := r.t.goTo(r.ctx, step-1); err != nil {
		return nil, err
	}
	record, err := r.t.record()
	if err != nil {
		return nil, err
	}
	r.step, r.record = step, record
	return record, nil
}

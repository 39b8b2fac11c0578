package train

import (
	"context"
	"fmt"
	"slices"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/nn"
)

// trainer holds one run.
type trainer struct {
	plan    *Plan
	id      blob.Hash // of the plan, for the Store
	backend *kernel.Backend
	opt     Options

	state  []float32   // all states of the Programs, one after the other
	states [][]float32 // the same memory, one by one
	done   int         // steps
	roots  []blob.Hash // state roots after each step, as long as all were traced
	tracer *tracer
	hashed bool // the tracer knows the states that the phase does not change

	machine *nn.Machine // of the phase; nil before the first step
	phase   int
	changed []int     // the states that the phase changes
	number  []int32   // the machine's input
	loss    []float32 // its output, if it has one
}

// newTrainer prepares the run of a job.
func newTrainer(p *Plan, b *kernel.Backend, opt Options) *trainer {
	t := &trainer{plan: p, backend: b, opt: opt}
	if opt.Store != nil {
		t.id = p.identity()
	}
	program := p.Phases[0].Program
	t.state = make([]float32, program.StateSize())
	rest := t.state
	for i := range program.States {
		n := program.Values[len(program.Inputs)+i].Size()
		t.states = append(t.states, rest[:n:n])
		rest = rest[n:]
	}
	p.begin(t.state)
	t.tracer = newTracer(t.states, b.Threads())
	return t
}

// restart goes back to the last checkpoint of at most so many steps, or to the beginning. A checkpoint that cannot be
// used costs its time and nothing else.
func (t *trainer) restart(most int) error {
	t.machine, t.hashed = nil, false
	steps, err := t.saved(most)
	if err != nil {
		return err
	}
	for _, step := range slices.Backward(steps) {
		saved, err := t.opt.Store.Load(step)
		if err != nil {
			return fmt.Errorf("train: loading the checkpoint of step %d: %w", step, err)
		}
		roots, err := decodeCheckpoint(saved, t.id, t.state)
		if err == nil && len(roots) == step {
			t.done, t.roots = step, roots
			return nil
		}
		if err == nil {
			err = fmt.Errorf("%w: it is of step %d, not %d", ErrCheckpoint, len(roots), step)
		}
		if t.opt.Warn != nil {
			t.opt.Warn(err)
		}
	}
	t.plan.begin(t.state)
	t.done, t.roots = 0, nil
	return nil
}

// saved lists the checkpoints that have at most so many steps.
func (t *trainer) saved(most int) ([]int, error) {
	if t.opt.Store == nil {
		return nil, nil
	}
	steps, err := t.opt.Store.Steps()
	if err != nil {
		return nil, fmt.Errorf("train: looking for checkpoints: %w", err)
	}
	return slices.DeleteFunc(steps, func(step int) bool { return step > most }), nil
}

// goTo sets the state to that after some steps, without tracing the steps that it has to do.
func (t *trainer) goTo(ctx context.Context, step int) error {
	steps, err := t.saved(step)
	if err != nil {
		return err
	}
	if t.done > step || len(steps) > 0 && steps[len(steps)-1] > t.done {
		if err := t.restart(step); err != nil {
			return err
		}
	}
	for t.done < step {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := t.execute(); err != nil {
			return err
		}
	}
	return nil
}

// step does one step and traces it.
func (t *trainer) step() error {
	if err := t.execute(); err != nil {
		return err
	}
	changed := t.changed
	if !t.hashed {
		changed, t.hashed = t.tracer.all(), true
	}
	t.roots = append(t.roots, t.tracer.root(changed))
	return nil
}

// execute does one step.
func (t *trainer) execute() error {
	phase, number := t.plan.At(t.done + 1)
	if t.machine == nil || phase != t.phase {
		if err := t.enter(phase); err != nil {
			return err
		}
	}
	t.number[0] = int32(number)
	t.machine.Run()
	t.done++
	return nil
}

// enter prepares the machine of a phase.
func (t *trainer) enter(phase int) error {
	p := t.plan.Phases[phase].Program
	t.machine = nil // its memory may be needed
	m, err := nn.NewMachine(p, t.backend, t.states, t.plan.Inputs...)
	if err != nil {
		return err
	}
	if t.opt.Observe != nil {
		m.After = func(node int) { t.opt.Observe(t.done+1, m, node) }
	}
	t.machine, t.phase, t.number, t.loss = m, phase, m.Ints(nn.ID(len(t.plan.Inputs))), nil
	if id, err := p.Output(nn.OutputLoss); err == nil {
		t.loss = m.Floats(id)
	}
	t.changed = nil
	for i, s := range p.States {
		if s.Next != nn.ID(len(p.Inputs)+i) {
			t.changed = append(t.changed, i)
		}
	}
	return nil
}

// record does the next step and keeps all its values. The state stays as it is.
func (t *trainer) record() (*nn.Record, error) {
	phase, number := t.plan.At(t.done + 1)
	inputs := append(slices.Clone(t.plan.Inputs), []int32{int32(number)})
	var after func(m *nn.Machine, node int)
	if t.opt.Observe != nil {
		after = func(m *nn.Machine, node int) { t.opt.Observe(t.done+1, m, node) }
	}
	return nn.NewRecord(t.plan.Phases[phase].Program, t.backend, inputs, t.states, after)
}

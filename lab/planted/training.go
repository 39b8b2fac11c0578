package planted

import (
	"context"
	"math/big"

	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/rule/contribution"
)

// digits are the trainings of one size.
type digits struct {
	game   *Digits
	size   Size
	quotas []int
	net    nn.Classifier
}

// Work implements Trainer: it counts multiply-adds. Each row of a step is multiplied with all weights.
func (t *digits) Work(coalitions []contribution.Coalition) float64 {
	rows := 0
	for _, c := range coalitions {
		rows += t.rows(c)
	}
	return float64(rows) * float64(t.size.Steps) * float64(t.size.Width*(2*digitPixels+10))
}

// rows is how many rows a step has.
func (t *digits) rows(c contribution.Coalition) int {
	n := 0
	for u, q := range t.quotas {
		if c.Has(u) {
			n += q
		}
	}
	return n
}

// Train implements Trainer.
func (t *digits) Train(ctx context.Context, c contribution.Coalition) (*big.Rat, error) {
	l, err := t.training(c)
	if err != nil {
		return nil, err
	}
	first, err := l.loss()
	if err != nil {
		return nil, err
	}
	for step := range t.size.Steps {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		l.step(step)
	}
	last, err := l.loss()
	return contribution.Utility(first, last), err
}

// training is one training under way.
type training struct {
	*digits
	coalition contribution.Coalition
	backend   *kernel.Backend
	states    [][]float32 // weights, first moments, second
	machine   *nn.Machine
}

const (
	weights = 3 // how many states are weights; they come first
	eps     = 1e-8
)

func (t *digits) training(c contribution.Coalition) (*training, error) {
	b, err := kernel.New("", 1)
	if err != nil {
		return nil, err
	}
	l := &training{digits: t, coalition: c, backend: b, states: t.net.Initial(t.game.seed, b)}
	for range 2 {
		for _, w := range l.states[:weights] {
			l.states = append(l.states, make([]float32, len(w)))
		}
	}
	program, err := t.net.Training(t.rows(c), t.optimizer())
	if err != nil {
		return nil, err
	}
	l.machine, err = l.bind(program, l.states)
	return l, err
}

func (t *digits) optimizer() nn.Optimizer {
	return nn.Optimizer{
		Rate: t.size.Rate, Floor: t.size.Rate / 10, Warmup: t.size.Steps / 10, Steps: t.size.Steps,
		Beta1: 0.9, Beta2: 0.99, Eps: eps, Decay: 0.01,
	}
}

func (l *training) bind(p *nn.Program, states [][]float32) (*nn.Machine, error) {
	m, err := nn.NewMachine(p, l.backend, states)
	if err == nil {
		copy(m.Floats(0), l.game.images)
	}
	return m, err
}

// step does a step of training on the rows of the coalition.
func (l *training) step(step int) {
	m, at := l.machine, 0
	m.Ints(3)[0] = int32(step)
	for u, q := range l.quotas {
		if l.coalition.Has(u) {
			at += l.game.fill(m.Ints(1)[at:at+q], m.Ints(2)[at:at+q], step, u)
		}
	}
	m.Run()
}

// fill draws rows of a portion. They are the same whatever other portions the coalition has.
func (g *Digits) fill(rows, classes []int32, step, portion int) int {
	from := g.portions[portion]
	for k := range rows {
		draw := kernel.Uniform(g.seed, 2<<32|uint64(portion), uint64(step)<<16|uint64(k))
		rows[k] = from[min(len(from)-1, int(draw*float32(len(from))))]
		classes[k] = g.class[rows[k]]
	}
	return len(rows)
}

// loss is the loss on the validation rows.
func (l *training) loss() (float32, error) {
	m, err := l.gradients(len(l.game.held))
	if err != nil {
		return 0, err
	}
	l.validate(m)
	return m.Floats(m.Program().Outputs[0].ID)[0], nil
}

func (l *training) gradients(rows int) (*nn.Machine, error) {
	p, err := l.net.Gradients(rows)
	if err != nil {
		return nil, err
	}
	return l.bind(p, l.states[:weights])
}

// validate runs a machine on the validation rows.
func (l *training) validate(m *nn.Machine) {
	copy(m.Ints(1), l.game.held)
	for i, row := range l.game.held {
		m.Ints(2)[i] = l.game.class[row]
	}
	m.Run()
}

// Credits implements Trainer by computing each gradient. To first order, a step lowers
// the validation loss by a sum over the portions; each portion's credit gets its part
// of that sum (docs/contribution.md).
func (t *digits) Credits(ctx context.Context) ([]float64, error) {
	whole := contribution.Coalition(1)<<len(t.quotas) - 1
	l, err := t.training(whole)
	if err != nil {
		return nil, err
	}
	held, err := l.gradients(len(t.game.held))
	if err != nil {
		return nil, err
	}
	portions := make([]*nn.Machine, len(t.quotas))
	for u, q := range t.quotas {
		if portions[u], err = l.gradients(q); err != nil {
			return nil, err
		}
	}
	credits, all := make([]float64, len(t.quotas)), float64(t.rows(whole))
	for step := range t.size.Steps {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		l.validate(held)
		for u, m := range portions {
			t.game.fill(m.Ints(1), m.Ints(2), step, u)
			m.Run()
		}
		l.step(step)
		rate, correction := t.rates(l.backend, step)
		for u, m := range portions {
			credits[u] += rate * float64(t.quotas[u]) / all * l.product(m, held, correction)
		}
	}
	return credits, nil
}

// rates returns the rate of a step, and what its second moments are divided by.
func (t *digits) rates(b *kernel.Backend, step int) (rate float64, correction float32) {
	o := t.optimizer()
	var y [3]float32
	b.Schedule(y[:], step, kernel.Schedule{Peak: o.Rate, Floor: o.Floor, Warmup: o.Warmup, Steps: o.Steps, Beta1: o.Beta1,
		Beta2: o.Beta2})
	return float64(y[0]), y[2]
}

// product is ⟨∇portion, P·∇validation⟩, where P is what AdamW multiplies gradients with after the step.
func (l *training) product(portion, held *nn.Machine, correction float32) float64 {
	sum := 0.0
	for i := range weights {
		output := 1 + i
		a := portion.Floats(portion.Program().Outputs[output].ID)
		b := held.Floats(held.Program().Outputs[output].ID)
		for j, v := range l.states[2*weights+i] {
			sum += float64(a[j]) * float64(kernel.Direction(b[j], v, 1, correction, eps))
		}
	}
	return sum
}

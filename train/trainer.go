package train

import (
	"context"
	"time"

	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/nn"
)

// trainer holds one run.
type trainer struct {
	spec    *Spec
	id      [32]byte
	config  nn.Config
	data    *corpus
	backend *kernel.Backend

	state  []float32   // all states of the training Program, one after the other
	states [][]float32 // the same memory, one by one
	at     progress

	machine                 *nn.Machine
	tokens, targets, number []int32   // its inputs; number is the step's
	loss                    []float32 // its output
}

func newTrainer(s *Spec, data []Data, b *kernel.Backend) (*trainer, error) {
	c, err := newCorpus(s, data)
	if err != nil {
		return nil, err
	}
	t := &trainer{spec: s, data: c, backend: b, config: s.Config(c.tokenizer.Vocab())}
	if t.id, err = identity(s, data); err != nil {
		return nil, err
	}
	p, err := nn.Training(t.config, s.Train.Batch, s.Schedule())
	if err != nil {
		return nil, err
	}
	t.state = make([]float32, p.StateSize())
	rest := t.state
	for i := range p.States {
		n := p.Values[len(p.Inputs)+i].Size()
		t.states = append(t.states, rest[:n:n])
		rest = rest[n:]
	}
	if t.machine, err = nn.NewMachine(p, b, t.states); err != nil {
		return nil, err
	}
	t.tokens, t.targets, t.loss, err = ports(p, t.machine, nn.OutputLoss)
	if err != nil {
		return nil, err
	}
	number, err := p.Input(nn.InputStep)
	if err != nil {
		return nil, err
	}
	t.number = t.machine.Ints(number)
	return t, nil
}

// start sets the state before the first step: new weights, moments of zero.
func (t *trainer) start(ctx context.Context) error {
	for i, w := range nn.NewModel(t.config, t.spec.Seed, t.backend).Tensors {
		copy(t.states[i], w.Data)
	}
	t.at = progress{used: make([]uint64, len(t.spec.Data.Datasets))}
	first, err := t.validate(ctx)
	t.at.first = first
	return err
}

// step does one step and returns its training loss.
func (t *trainer) step() float32 {
	t.data.fill(t.tokens, t.targets, t.spec.Seed, t.at.step, t.at.used)
	t.number[0] = int32(t.at.step)
	t.machine.Run()
	t.at.step++
	t.at.sum += t.loss[0]
	t.plot()
	return t.loss[0]
}

// plot appends a point to the curve when its interval is full.
func (t *trainer) plot() {
	const points = 60
	interval := max(1, t.spec.Train.Steps/points)
	since := t.at.step
	if n := len(t.at.curve); n > 0 {
		since -= t.at.curve[n-1].Step
	}
	if since >= interval || t.at.step == t.spec.Train.Steps {
		t.at.curve = append(t.at.curve, Point{Step: t.at.step, Loss: Loss(t.at.sum / float32(since))})
		t.at.sum = 0
	}
}

// meter turns steps into Progress.
type meter struct {
	t     *trainer
	opt   Options
	from  int
	began time.Time
}

func newMeter(t *trainer, opt Options) *meter {
	m := &meter{t: t, opt: opt, from: t.at.step}
	if opt.Now != nil {
		m.began = opt.Now()
	}
	return m
}

func (m *meter) show(loss float32) {
	if m.opt.Progress == nil {
		return
	}
	s := m.t.spec
	p := Progress{Step: m.t.at.step, Steps: s.Train.Steps, Loss: loss}
	if m.opt.Now != nil {
		if spent := m.opt.Now().Sub(m.began); spent > 0 {
			done := p.Step - m.from
			p.TokensPerSecond = float64(done*s.Train.Batch*s.Model.Context) / spent.Seconds()
			p.Left = time.Duration(float64(spent) / float64(done) * float64(p.Steps-p.Step))
		}
	}
	m.opt.Progress(p)
}

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

	machine         *nn.Machine
	tokens, targets []int32 // inputs of machine
	stepInput       []int32
	loss            []float32 // output of machine
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
	return t, t.bind(p)
}

// bind looks up the inputs and the output of the Program.
func (t *trainer) bind(p *nn.Program) error {
	for _, in := range []struct {
		name string
		to   *[]int32
	}{{nn.InputTokens, &t.tokens}, {nn.InputTargets, &t.targets}, {nn.InputStep, &t.stepInput}} {
		id, err := p.Input(in.name)
		if err != nil {
			return err
		}
		*in.to = t.machine.Ints(id)
	}
	id, err := p.Output(nn.OutputLoss)
	if err != nil {
		return err
	}
	t.loss = t.machine.Floats(id)
	return nil
}

// start sets the state before the first step: new weights, moments of zero.
func (t *trainer) start() error {
	for i, w := range nn.NewModel(t.config, t.spec.Seed, t.backend).Tensors {
		copy(t.states[i], w.Data)
	}
	t.at = progress{used: make([]uint64, len(t.spec.Data.Datasets))}
	first, err := t.validate(context.Background())
	t.at.first = first
	return err
}

// step does one step and returns its training loss.
func (t *trainer) step() float32 {
	t.data.fill(t.tokens, t.targets, t.spec.Seed, t.at.step, t.at.used)
	t.stepInput[0] = int32(t.at.step)
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
		t.at.curve = append(t.at.curve, Point{Step: t.at.step, Loss: t.at.sum / float32(since)})
		t.at.sum = 0
	}
}

// validate is the mean loss over all validation windows, in nats a token.
func (t *trainer) validate(ctx context.Context) (float32, error) {
	p, err := nn.Evaluation(t.config, t.spec.Train.Batch)
	if err != nil {
		return 0, err
	}
	m, err := nn.NewMachine(p, t.backend, t.states[:len(p.States)])
	if err != nil {
		return 0, err
	}
	tokens, targets := m.Ints(0), m.Ints(1)
	losses := m.Floats(p.Outputs[0].ID)
	sum, count, row := 0.0, 0, 0
	flush := func() {
		m.Run()
		for _, l := range losses[:row*t.data.context] {
			sum += float64(l)
		}
		count += row * t.data.context
		row = 0
	}
	for d, held := range t.data.validation {
		for w := range t.data.windows(d) {
			t.data.copyWindow(tokens, targets, row, held[w*t.data.context:])
			if row++; row == t.spec.Train.Batch {
				if err := ctx.Err(); err != nil {
					return 0, err
				}
				flush()
			}
		}
	}
	if row > 0 {
		flush()
	}
	return float32(sum / float64(count)), nil
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

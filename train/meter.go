package train

import "time"

// meter turns steps into Progress.
type meter struct {
	t     *trainer
	done  int // steps by this process
	began time.Time
	live  *signal // nil until the first look
	parts []float64
}

// start is called before each training step.
func (m *meter) start() {
	if m.done == 0 && m.t.opt.Now != nil {
		m.began = m.t.opt.Now()
	}
}

// show is called after each training step, with its number.
func (m *meter) show(number int, loss float32) error {
	m.done++
	if m.t.opt.Progress == nil {
		return nil
	}
	if m.t.plan.live && (number+1)%liveEvery == 0 {
		if err := m.look(number); err != nil {
			return err
		}
	}
	c := m.t.plan.programs
	p := Progress{Step: number + 1, Contribution: m.parts, Steps: c.Optimizer.Steps, Loss: loss}
	if m.t.opt.Now != nil {
		if spent := m.t.opt.Now().Sub(m.began); spent > 0 {
			p.TokensPerSecond = float64(m.done*c.Batch*c.Config.Context) / spent.Seconds()
			p.Left = time.Duration(float64(spent) / float64(m.done) * float64(p.Steps-p.Step))
		}
	}
	m.t.opt.Progress(p)
	return nil
}

// look takes the signal of a step.
func (m *meter) look(number int) (err error) {
	if m.live == nil {
		if m.live, err = newSignal(m.t); err != nil {
			return err
		}
	}
	m.live.look(number + 1)
	m.parts = m.live.shares()
	return nil
}

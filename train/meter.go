package train

import "time"

// meter turns steps into Progress.
type meter struct {
	t     *trainer
	done  int // steps by this process
	began time.Time
}

// start is called before each training step.
func (m *meter) start() {
	if m.done == 0 && m.t.opt.Now != nil {
		m.began = m.t.opt.Now()
	}
}

func (m *meter) show(step int, loss float32) {
	m.done++
	if m.t.opt.Progress == nil {
		return
	}
	c := m.t.plan.course
	p := Progress{Step: step, Steps: c.Optimizer.Steps, Loss: loss}
	if m.t.opt.Now != nil {
		if spent := m.t.opt.Now().Sub(m.began); spent > 0 {
			p.TokensPerSecond = float64(m.done*c.Batch*c.Config.Context) / spent.Seconds()
			p.Left = time.Duration(float64(spent) / float64(m.done) * float64(p.Steps-p.Step))
		}
	}
	m.t.opt.Progress(p)
}

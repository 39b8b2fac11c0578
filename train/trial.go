package train

import (
	"context"
	"time"

	"github.com/minga-network/minga/kernel"
)

// trialSteps are how many steps of a phase a trial does. The first touches the memory.
const trialSteps = 2

// Trial says how long the run of a plan takes here, by the clock: it does two steps of each phase. It begins with
// states of zeros and keeps nothing.
func Trial(ctx context.Context, p *Plan, b *kernel.Backend, now func() time.Time) (time.Duration, error) {
	t := newTrainer(p, b, Options{})
	var sum time.Duration
	before := 0 // steps of the phases before
	for _, phase := range p.Phases {
		t.done = before
		var spent time.Duration
		for range min(trialSteps, phase.Steps) {
			if err := ctx.Err(); err != nil {
				return 0, err
			}
			began := now()
			if err := t.step(); err != nil {
				return 0, err
			}
			spent = now().Sub(began)
		}
		sum += spent * time.Duration(phase.Steps)
		before += phase.Steps
	}
	return sum, nil
}

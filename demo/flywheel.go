package demo

import (
	"github.com/minga-network/minga/demo/check"
	"github.com/minga-network/minga/demo/stage"
)

// flywheel is the whole economy, once around: data, training, checking, measuring,
// serving, and the fee that reaches all of them. Its acts are in training.go and in
// the files that begin with its name, in their order.
var flywheel = story{
	name: "flywheel",
	cast: func() market {
		m := newMarket()
		m.server = &stage.Machine{Owner: stage.NewPerson("Gloria"), Infer: 20}
		return m
	},
	acts: func(p *play) []act {
		return []act{
			p.startWorkers, p.publish, p.post, p.train, p.measure, p.verify, p.value, p.showModel,
			p.openKey, p.ask, p.settle, p.split,
		}
	},
	checks: func(o Options) []check.Check {
		checks := []check.Check{
			check.SameBits, check.LossFell(lossBar(o)), check.Billed, check.PartsSum, check.Withdrawn, check.BooksHold,
		}
		if o.Steps == 0 { // a few steps do not tell noise from text
			checks = append(checks, check.NoiseEarnsNothing)
		}
		return checks
	},
	ending: "same bits twice, the parts sum to the fee, nothing made or lost",
}

// lossBar is the part of the loss before training that may be left after it.
func lossBar(o Options) float32 {
	switch {
	case o.Steps > 0:
		return 1
	case o.Short:
		return 0.8
	default:
		return 0.62
	}
}

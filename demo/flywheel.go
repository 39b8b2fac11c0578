package demo

import (
	"context"

	"github.com/minga-network/minga/demo/check"
	"github.com/minga-network/minga/demo/stage"
	"github.com/minga-network/minga/index"
	"github.com/minga-network/minga/x/asset"
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
		checks := []check.Check{check.SameBits, check.LossFell(lossBar(o)), check.Billed, check.PartsSum, check.Withdrawn, check.BooksHold}
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

// stay opens a session for the reader and waits until ctx ends (Ctrl-C) or
// something stops.
func (p *play) stay(ctx context.Context) error {
	p.Act("Your turn: everything stays up until Ctrl-C")
	if p.server != nil {
		if err := p.newSession(ctx); err != nil {
			return err
		}
		p.Say(`
Ask the model (the key is good for %s tokens):
  curl %s/v1/chat/completions -H "Authorization: Bearer %s" \
    -H "Content-Type: application/json" \
    -d '{"model":"%s","messages":[{"role":"user","content":"Call me"}],"max_tokens":40}'
Addresses: API %s/v1`, index.Thousands(sessionTokens), p.apiURL, p.key, asset.Denom(p.job.Asset), p.apiURL)
	}
	url := p.Net.URL()
	p.Say(`
Ask the chain:
  go run ./cmd/minga query asset show %d --node %s
  go run ./cmd/minga query job show %d --node %s
  go run ./cmd/minga query job explain %d --node %s
Addresses: chain %s · blobs %s`, p.job.Asset, url, p.job.Id, url, p.job.Id, url, url, p.Source)
	if p.report.Dispute != nil {
		p.Say("The dispute once more: go run ./cmd/minga query job dispute %d --node %s", p.disputed, url)
	}
	<-ctx.Done()
	return stage.IgnoreCancel(context.Cause(ctx))
}

package demo

import (
	"context"

	"github.com/minga-network/minga/demo/stage"
	"github.com/minga-network/minga/index"
	"github.com/minga-network/minga/x/asset"
)

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

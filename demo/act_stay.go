package demo

import (
	"context"
	"time"

	"github.com/minga-network/minga/x/asset"
)

// stay opens a session for the reader and waits until ctx ends (Ctrl-C) or
// something stops.
func (p *play) stay(ctx context.Context) error {
	p.act("Your turn: everything stays up until Ctrl-C")
	if err := p.newSession(ctx); err != nil {
		return err
	}
	p.say(`
Ask the model (the key is good for %s tokens):
  curl %s/v1/chat/completions -H "Authorization: Bearer %s" \
    -H "Content-Type: application/json" \
    -d '{"model":"%s","messages":[{"role":"user","content":"Call me"}],"max_tokens":40}'
Ask the chain:
  go run ./cmd/minga query asset show %d --node %s
  go run ./cmd/minga query job show %d --node %s
  go run ./cmd/minga query job explain %d --node %s
Addresses: chain %s · API %s/v1 · blobs %s`,
		thousands(sessionTokens), p.apiURL, p.key, asset.Denom(p.training.Asset),
		p.training.Asset, p.client.URL(), p.training.Id, p.client.URL(), p.training.Id, p.client.URL(),
		p.client.URL(), p.apiURL, p.publisher)
	if p.Liar {
		p.say("The dispute once more: go run ./cmd/minga query job dispute %d --node %s", p.disputed, p.client.URL())
	}
	<-ctx.Done()
	return ignoreCancel(context.Cause(ctx))
}

// elapsed is the time since the story began.
func (s *story) elapsed() time.Duration { return time.Since(s.start).Round(100 * time.Millisecond) }

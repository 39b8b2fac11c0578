package infer

import (
	"context"
	"time"

	"github.com/minga-network/minga/nn"
)

// Speed is how long a model takes for a token here.
type Speed struct {
	Read time.Duration // a token of a prompt, beside others
	Made time.Duration // a token of an answer
}

// trialTokens are how many tokens a trial makes.
const trialTokens = 8

// Trial finds the model's speed by the clock, with a short request. Later positions of a long context take longer.
func (g *Generator) Trial(ctx context.Context, now func() time.Time) (Speed, error) {
	half := max(1, g.model.Config.Context/2)
	request := Request{Prompt: make([]int32, min(chunk, half)), MaxTokens: min(trialTokens, half)}
	if err := g.check(request); err != nil {
		return Speed{}, err
	}
	read, made := len(request.Prompt), request.MaxTokens
	g.cache.reserve(read + made)
	if err := g.prefill(ctx, request.Prompt); err != nil { // touches the memory
		return Speed{}, err
	}
	began := now()
	if err := g.prefill(ctx, request.Prompt); err != nil {
		return Speed{}, err
	}
	prompt := now()
	for i := range made {
		g.one[0] = 0
		g.cache.forward(g.one[:], read+i)
		g.cache.last()
	}
	return Speed{
		Read: prompt.Sub(began) / time.Duration(read), Made: now().Sub(prompt) / time.Duration(made),
	}, nil
}

// CacheBytes is the memory that a Generator takes for a model of this shape beside its weights: what the output layer
// has once more, the keys and values of so many positions, and the room for one pass.
func CacheBytes(cfg nn.Config, positions int) int64 {
	words := int64(cfg.Vocab) * int64(cfg.Dim)                                   // transposed
	words += int64(positions) * int64(cfg.Dim) * (2*int64(cfg.Layers) + 1)       // keys, values, and the rotations
	words += chunk * (int64(cfg.Vocab) + 7*int64(cfg.Dim) + 2*int64(cfg.Hidden)) // a pass
	return 4 * words
}

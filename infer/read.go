package infer

import (
	"context"
	"slices"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/nn"
)

// read passes the text of a call, many rows at a time, and counts the tokens that
// are not those that the model chooses. It returns the name of the logits too.
func (g *Generator) read(ctx context.Context, c nn.Call) (wrong int, logits blob.Hash, err error) {
	first := max(len(c.Prompt)-1, 0) // the row that chooses the first token
	g.commitment.begin(g.model.Config, first)
	if len(c.Made) == 0 {
		return 0, g.commitment.root(), nil
	}
	text := slices.Concat(c.Prompt, c.Made)
	g.cache.reserve(len(text))
	for start := 0; start < len(text)-1; start += chunk {
		if err := ctx.Err(); err != nil {
			return 0, logits, err
		}
		end := min(start+chunk, len(text)-1)
		g.cache.forward(text[start:end], start)
		for row, x := range g.choosing(max(first-start, 0), end-start) {
			g.commitment.add(x)
			at := max(first, start) + row + 1
			if g.sampler.Choose(c.Sampling, x, at) != text[at] {
				wrong++
			}
		}
	}
	return wrong, g.commitment.root(), nil
}

// choosing is the logits of some of the rows that were passed last.
func (g *Generator) choosing(lo, hi int) (rows [][]float32) {
	if lo >= hi {
		return nil
	}
	return slices.Collect(slices.Chunk(g.cache.score(lo, hi), g.model.Config.Vocab))
}

package daemon

import (
	"context"
	"fmt"
	"slices"

	"github.com/minga-network/minga/blob/store"
	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/data/quote"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/nn/token"
	"github.com/minga-network/minga/train"
	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/job"
)

// Quotes finds how much of a model's answers repeats the text that it was trained on.
// Server and checkers use the same, so they find the same. Nil is of a model that owes
// nothing for that, and finds nothing. It may be used by several goroutines.
type Quotes struct {
	index     *quote.Index
	tokenizer *token.Encoder
}

// NewQuotes prepares to find what is repeated of texts: those that a model of this
// tokenizer was trained on, by dataset. It takes 5 bytes of memory for each of theirs.
func NewQuotes(texts [][]byte, t *token.Encoder) *Quotes { return &Quotes{quote.NewIndex(texts), t} }

// Session is how many tokens of a session repeat each dataset: of each call, the part of
// its tokens, the prompt's included, that the repeated bytes are of the answer, rounded
// down. So they sum to the session's units at most.
func (q *Quotes) Session(calls []nn.Call) []uint64 {
	if q == nil {
		return nil
	}
	quoted := q.index.Attribute(nil) // nothing, for each text
	for _, c := range calls {
		answer := q.tokenizer.Decode(c.Made)
		for i, bytes := range q.index.Attribute(answer) {
			if bytes > 0 {
				quoted[i] += c.Units() * bytes / uint64(len(answer))
			}
		}
	}
	return quoted
}

// Texts are what a model was trained on of each dataset, in the order of its job's terms.
// The datasets, and the text that the job validates on, are fetched into a store if it does
// not have them.
func Texts(ctx context.Context, c *client.Client, s *store.Store, model asset.Asset) ([][]byte, error) {
	return (&Config{Client: c, Store: s}).texts(ctx, model)
}

func (c *Config) texts(ctx context.Context, model asset.Asset) ([][]byte, error) {
	r, err := job.NewQueryClient(c.Client).Job(ctx, &job.QueryJobRequest{Id: model.Job})
	if err != nil {
		return nil, fmt.Errorf("job %d, which made %s: %w", model.Job, asset.Denom(model.Id), err)
	}
	spec, err := c.spec(ctx, r.Job)
	if err != nil {
		return nil, err
	}
	ids, err := named(spec)
	if err != nil || !slices.Equal(ids, r.Job.Terms.Datasets) {
		return nil, errTerms
	}
	spec.Model.Base = "" // what it was trained on is not among these texts
	data, err := c.data(ctx, spec, ids, r.Job.Terms.Source, false)
	if err != nil {
		return nil, err
	}
	texts, err := train.Texts(spec, data)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errSpec, err)
	}
	return texts, nil
}

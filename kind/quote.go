package kind

import (
	"context"
	"fmt"
	"slices"

	"github.com/minga-network/minga/data/quote"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/nn/token"
	"github.com/minga-network/minga/train"
	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/job"
)

// Quotes finds how much of a model's answers repeats the text that it was trained on. Server and checkers use the same,
// so they find the same. A nil one is of a model that owes nothing for that, and finds nothing. Several goroutines may
// use it.
type Quotes struct {
	index     *quote.Index
	tokenizer *token.Encoder
}

// QuoteBytes is how many bytes of memory Quotes take for each byte of the texts.
const QuoteBytes = 5

// NewQuotes prepares to find what is repeated of texts: those that a model of this tokenizer was trained on, by
// dataset.
func NewQuotes(texts [][]byte, t *token.Encoder) *Quotes { return &Quotes{quote.NewIndex(texts), t} }

// Session is how many tokens of a session repeat each dataset. Of each call these are its tokens, the prompt's
// included, times the part of the answer's bytes that repeats the dataset, rounded down. So their sum is the session's
// units at most.
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

// Texts are what a model was trained on of each dataset, in the order of its job's terms. It fetches the datasets, and
// the text that the job validates on, if the store does not have them.
func (h Host) Texts(ctx context.Context, model asset.Asset) ([][]byte, error) {
	r, err := job.NewQueryClient(h.Chain).Job(ctx, &job.QueryJobRequest{Id: model.Job})
	if err != nil {
		return nil, fmt.Errorf("job %d, which made %s: %w", model.Job, asset.Denom(model.Id), err)
	}
	raw, err := h.file(ctx, r.Job)
	if err != nil {
		return nil, err
	}
	f, err := readTraining(raw)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrJob, err)
	}
	ids := f.datasets()
	if r.Job.Terms.Train == nil || !slices.Equal(ids, r.Job.Terms.Train.Datasets) {
		return nil, ErrTerms
	}
	f.Model.Base = "" // what that was trained on is not among these texts
	data, err := h.data(ctx, &f.Spec, ids, r.Job, false)
	if err != nil {
		return nil, err
	}
	texts, err := train.Texts(&f.Spec, data)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrJob, f.at.place(err))
	}
	return texts, nil
}

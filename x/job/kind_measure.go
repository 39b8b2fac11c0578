package job

import (
	"context"

	"github.com/minga-network/minga/rule/contribution"
	"github.com/minga-network/minga/verify"
)

// measure is one run that measures a part of its parent's data: a short training, of which only the means of its last
// step are of interest. measure.go posts the runs.
var measure = kind{
	offer:    KindTrain,
	proofs:   []Proof{ProofReferee},
	child:    true,
	retried:  true,
	ownTerms: func(t *Terms) bool { return t.Measure != nil },
	ownClaim: func(c *Claim) bool { return c.Measure != nil },
	claim:    checkWords,
	end:      checkMeans,
}

// checkWords wants all the work of the terms, and as many words as the run measures: the loss before and after, and in
// run 0 the credit of each slice of each portion.
func checkWords(ctx context.Context, k Keeper, j *Job, c *Claim) error {
	if err := exactUnits(ctx, k, j, c); err != nil {
		return err
	}
	m, err := k.Measured.Get(ctx, j.Terms.Parent)
	if err != nil {
		return err
	}
	words := 2
	if j.Terms.Number == 0 {
		words += contribution.Slices * portionsOf(m.Segments)
	}
	if len(c.Measure.Words) != 4*words {
		return ErrClaim.Wrapf("job %d: words has %d bytes, run %d of job %d has %d",
			j.Id, len(c.Measure.Words), j.Terms.Number, j.Terms.Parent, 4*words)
	}
	return nil
}

// checkMeans wants the words of a run's claim to be the means after its last step.
func checkMeans(t *verify.Task, c *Claim) (rest [][]byte, err error) {
	rest, ok := verify.ShowsMeans(t, c.Measure.Words, c.End, c.State)
	if !ok {
		return nil, ErrClaim.Wrap("end does not begin with a path from words, those of the means, to state, " +
			"what the last step committed to")
	}
	return rest, nil
}

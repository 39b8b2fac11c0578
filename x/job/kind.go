package job

import "github.com/minga-network/minga/x/worker"

// The kinds of jobs.
const (
	KindTrain   worker.Kind = "train"   // make a model from datasets
	KindInfer   worker.Kind = "infer"   // serve a model to an API key
	KindMeasure worker.Kind = "measure" // train on a part of a job's data to see what that is worth
)

// Offered is the kind that a worker must offer to do jobs of a kind: whoever trains measures as well.
func Offered(kind worker.Kind) worker.Kind {
	if kind == KindMeasure {
		return KindTrain
	}
	return kind
}

// ownTerms wants exactly the sub-message of the kind to be set.
func ownTerms(t Terms) error {
	for _, p := range []struct {
		kind worker.Kind
		set  bool
	}{{KindTrain, t.Train != nil}, {KindInfer, t.Infer != nil}, {KindMeasure, t.Measure != nil}} {
		if p.set != (p.kind == t.Kind) {
			return ErrTerms.Wrapf("kind %s and the terms of %s: give exactly the terms of the kind", t.Kind, p.kind)
		}
	}
	return nil
}

// ownClaim wants exactly the sub-message of the job's kind to be set.
func ownClaim(j Job, c Claim) error {
	for _, p := range []struct {
		kind worker.Kind
		set  bool
	}{{KindInfer, c.Infer != nil}, {KindMeasure, c.Measure != nil}} {
		if p.set != (p.kind == j.Terms.Kind) {
			return ErrClaim.Wrapf("job %d: give what a claim of kind %s has, and nothing of other kinds", j.Id, j.Terms.Kind)
		}
	}
	return nil
}

package job

import (
	"context"
	"maps"
	"slices"

	"cosmossdk.io/math"

	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/x/worker"
)

// The kinds of jobs.
const (
	KindTrain   worker.Kind = "train"   // make a model from datasets
	KindInfer   worker.Kind = "infer"   // serve a model to an API key
	KindMeasure worker.Kind = "measure" // train on a part of a job's data, to see what that is worth
)

// kind is all that the life of a job asks of a kind. A new kind is a file kind_NAME.go and a line in kinds; if it has
// terms or claims of its own, also a message in job.proto. Functions that say nil may be left out.
type kind struct {
	// offer is what a worker must offer to do such jobs; empty: the kind itself.
	offer worker.Kind
	// proofs are those by which its claims may be shown to be true.
	proofs []Proof
	// child: only the chain posts such jobs, as parts of others.
	child bool
	// retried: who is late or silent is replaced by others, because a parent waits for the job. Fines are burned.
	retried bool

	// ownTerms and ownClaim tell whether terms or a claim have the sub-message of the kind; nil: there is none.
	ownTerms func(*Terms) bool
	ownClaim func(*Claim) bool
	// terms says why such terms cannot be posted, from them and the parameters alone.
	terms func(Terms, Params) error
	// posts wants what the terms name to exist, and returns what that costs besides work and checkers; nil: nothing.
	posts func(context.Context, Keeper, *Job) (math.Int, error)
	// task fills in what a claim says of the task; nil: nothing.
	task func(*verify.Task, *Claim) error
	// claim says why a claim, or a report, cannot be about the job; nil: every one can.
	claim func(context.Context, Keeper, *Job, *Claim) error
	// end takes from the claim's end what shows the numbers in it to be those of the last step; nil: nothing.
	end func(*verify.Task, *Claim) (rest [][]byte, err error)
	// fees says who gets the fee, and what is paid besides it and the checkers; nil: the worker gets the fee.
	fees func(context.Context, Keeper, *Job) ([]Payment, error)
	// waits tells whether a paid job has to wait for children that are not posted yet, and until when; nil: it does not.
	waits func(context.Context, Keeper, *Job) (until int64, waits bool, err error)
	// paid is what follows once a job is paid and waits for nothing; nil: nothing.
	paid func(Keeper, context.Context, *Job) error
	// story adds a sentence for people on where the job stands; nil: nothing.
	story func(context.Context, Keeper, *Job) (string, error)
}

var kinds = map[worker.Kind]kind{KindTrain: train, KindInfer: infer, KindMeasure: measure}

func (j *Job) kind() kind { return kinds[j.Terms.Kind] }

// Offered is the kind that a worker must offer to do jobs of a kind.
func Offered(k worker.Kind) worker.Kind {
	if offer := kinds[k].offer; offer != "" {
		return offer
	}
	return k
}

// names are those of all kinds, in order.
func names() []worker.Kind { return slices.Sorted(maps.Keys(kinds)) }

// checkKind wants terms of a kind that there is, with the sub-message of that kind and no other.
func checkKind(t Terms, p Params) error {
	k, ok := kinds[t.Kind]
	if !ok || k.child {
		return ErrTerms.Wrapf("kind %.20q: people post jobs of the kinds %s", t.Kind, postable())
	}
	for _, name := range names() {
		if own := kinds[name].ownTerms; own != nil && own(&t) != (name == t.Kind) {
			return ErrTerms.Wrapf("kind %s and the terms of %s: give exactly the terms of the kind", t.Kind, name)
		}
	}
	if err := checkProof(t, k.proofs); err != nil {
		return err
	}
	return k.terms(t, p)
}

// postable are the kinds that people post.
func postable() []worker.Kind {
	return slices.DeleteFunc(names(), func(name worker.Kind) bool { return kinds[name].child })
}

// ownClaim wants a claim with the sub-message of the job's kind and no other.
func ownClaim(j *Job, c *Claim) error {
	for _, name := range names() {
		if own := kinds[name].ownClaim; own != nil && own(c) != (name == j.Terms.Kind) {
			return ErrClaim.Wrapf("job %d: give exactly what a claim of kind %s has", j.Id, j.Terms.Kind)
		}
	}
	return nil
}

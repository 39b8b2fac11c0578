package main

import "fmt"

// attribution is what a model's answers owe the data that they repeat.
type attribution struct {
	points   uint64   // basis points of what repeating costs; 0: nothing is owed
	datasets []uint64 // of the model's training, in the order of its terms
}

// attributionOf finds the attribution of a session's model, and checks that what the
// session quotes can be: nothing, or some tokens of each dataset and no more than all.
func (r *reasons) attributionOf(j *job, what string) (attribution, error) {
	model, err := r.state.asset(j.terms.infer.model, "model "+denom(j.terms.infer.model))
	if err != nil {
		return attribution{}, err
	}
	a := attribution{points: model.attribution}
	if a.points > 0 {
		training, err := r.state.job(model.job, fmt.Sprintf("training (job %d)", model.job))
		if err != nil {
			return attribution{}, err
		}
		a.datasets = training.terms.train.datasets
	}
	switch n := len(j.claim.quoted); {
	case n > 0 && n != len(a.datasets):
		return attribution{}, refuse(what, "quotes %d datasets, its model owes that to %d", n, len(a.datasets))
	case a.points > 0 && a.points+j.terms.infer.serving > whole:
		return attribution{}, refuse(what, "gives out more than its fee")
	}
	left := j.claim.units
	for _, n := range j.claim.quoted {
		if n > left {
			return attribution{}, refuse(what, "quotes more than its %d tokens", j.claim.units)
		}
		left -= n
	}
	return a, nil
}

// quotes are the payments to the data that a session repeats.
func (j *job) quotes(a attribution) []payment {
	var lines []payment
	for i, tokens := range j.claim.quoted {
		lines = append(lines, payment{
			to: denom(a.datasets[i]), role: "quoted", asset: a.datasets[i],
			amount: share(product(j.price, tokens), a.points, whole),
		})
	}
	return lines
}

// sayQuotes tells how much of the session repeats which data.
func (r *reasons) sayQuotes(a attribution) {
	if a.points == 0 {
		return
	}
	if len(r.session.claim.quoted) == 0 {
		r.say("          no majority of its checkers found the same quotes of the model's data, so nothing is paid for them")
	}
	for i, n := range r.session.claim.quoted {
		r.say("          %d of %d tokens repeat %s, which gets %s of what they cost", n, r.session.claim.units,
			denom(a.datasets[i]), percent(a.points))
	}
}

package main

import (
	"bytes"
	"math/big"
	"slices"
)

// whole is all of something in basis points.
const whole = 10_000

// bill is how a paid session's escrow must have been paid out: the fee between server,
// data that the answers repeat and holders of the model, each checker that was right, the
// rest back to the creator.
func (j *job) bill(owed attribution) (fee, holders *big.Int, lines []payment) {
	fee = product(j.price, j.claim.units)
	serving := share(fee, j.terms.infer.serving, whole)
	holders = new(big.Int).Sub(fee, serving)
	lines = []payment{{to: j.worker, role: "serving", amount: serving}}
	for _, p := range j.quotes(owed) {
		holders.Sub(holders, p.amount)
		lines = append(lines, p)
	}
	lines = append(lines, payment{to: denom(j.terms.infer.model), role: "holders", amount: holders,
		asset: j.terms.infer.model})
	left := new(big.Int).Sub(j.terms.budget, fee)
	right := j.agreed()
	slices.Sort(right)
	each := j.terms.checkPay
	if n := int64(len(right)); n > 0 {
		if most := new(big.Int).Quo(left, big.NewInt(n)); most.Cmp(each) < 0 {
			each = most
		}
	}
	for _, who := range right {
		lines = append(lines, payment{to: who, role: "checker", amount: each})
		left = new(big.Int).Sub(left, each)
	}
	lines = append(lines, payment{to: j.creator, role: "creator", amount: left})
	return fee, holders, slices.DeleteFunc(lines, func(p payment) bool { return p.amount.Sign() == 0 })
}

// agreed are the checkers whose own execution gave what the claim says, in every field.
func (j *job) agreed() []string {
	var who []string
	for _, c := range j.checks {
		if c.report != nil && bytes.Equal(c.report, j.claim.raw) {
			who = append(who, c.worker)
		}
	}
	return who
}

// share is x·part/of, rounded down.
func share(x *big.Int, part, of uint64) *big.Int {
	n := product(x, part)
	return n.Quo(n, new(big.Int).SetUint64(of))
}

func product(x *big.Int, n uint64) *big.Int {
	return new(big.Int).Mul(x, new(big.Int).SetUint64(n))
}

// samePayments tells whether two lists are equal, and where not.
func samePayments(got, want []payment) (int, bool) {
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) {
			return i, false
		}
		g, w := got[i], want[i]
		if g.to != w.to || g.role != w.role || g.asset != w.asset || g.amount.Cmp(w.amount) != 0 {
			return i, false
		}
	}
	return 0, true
}

package main

import (
	"fmt"
	"math/big"
)

// maxBases is how many models up a royalty goes.
const maxBases = 32

// incomeOf divides the parts of the fee that are an asset's: to the model's base, and that
// one's base, what they are owed, and to the holders of each, and of the data that was
// repeated, what is left, by the shares they held.
func (r *reasons) incomeOf() error {
	for _, p := range r.session.paid {
		if p.role != "quoted" {
			continue
		}
		if err := r.holdersOf(p.asset, p.amount); err != nil {
			return err
		}
	}
	a, amount, dust := r.model, r.holders, new(big.Int)
	for range maxBases {
		base, err := r.baseOf(a)
		if err != nil {
			return err
		}
		if base.royalty == 0 {
			break
		}
		up, kept := share(amount, base.royalty, whole), share(amount, whole-base.royalty, whole)
		dust.Add(dust, amount).Sub(dust, up).Sub(dust, kept)
		if err := r.holdersOf(a.id, kept); err != nil {
			return err
		}
		r.say("ROYALTY   %s uminga, %s of it, to %s %q, which %s was trained from", up, percent(base.royalty), denom(base.id),
			base.name, denom(a.id))
		a, amount = base, up
	}
	if dust.Sign() > 0 {
		r.say("COMMONS   %s uminga that royalties could not divide", dust)
	}
	return r.holdersOf(a.id, amount)
}

// baseOf is the model that one was trained from; one without a royalty if there is none.
func (r *reasons) baseOf(a *asset) (*asset, error) {
	base, what := &asset{}, r.place()
	if a.base != 0 {
		what = "base " + denom(a.base)
		var err error
		if base, err = r.state.asset(a.base, what); err != nil {
			return nil, err
		}
		if base.kind != kindModel || base.id >= a.id || base.royalty > whole {
			return nil, refuse(what, "is no model that %s could be trained from", denom(a.id))
		}
	}
	if a != r.model {
		return base, nil
	}
	t, _ := parseTask(r.training.terms.task)
	if begins := t.start; begins.size != base.bytes || a.base == 0 && begins.root != (hash{}) ||
		a.base != 0 && string(begins.root[:]) != string(base.root) {
		return nil, refuse(what, "the training of %s begins with another file", denom(a.id))
	}
	return base, nil
}

// holdersOf divides an amount by the shares of an asset that each held. The balances shown
// are those of all holders, since they sum to all shares there are.
func (r *reasons) holdersOf(id uint64, amount *big.Int) error {
	sum := new(big.Int)
	var lines []string
	for i := range r.b.Entries {
		e := &r.b.Entries[i]
		who, of, ok := balanceOf(e)
		if !ok || of != denom(id) {
			continue
		}
		what := "balance of " + who + " in " + of
		value, err := r.state.get(e.Store, e.Key, what)
		if err != nil {
			return err
		}
		shares, err := parseAmount(string(value))
		if err != nil {
			return refuse(what, "%s", err)
		}
		sum.Add(sum, shares)
		lines = append(lines, fmt.Sprintf("          %s uminga to %s, who holds %s shares",
			fraction(new(big.Int).Mul(amount, shares)), who, shares))
	}
	if sum.Cmp(big.NewInt(allShares)) != 0 {
		return refuse("holders of "+denom(id), "the balances shown sum to %s of %d shares", sum, allShares)
	}
	r.say("HOLDERS   %s uminga of the fee, to all who hold %s:", amount, denom(id))
	for _, l := range lines {
		r.say("%s", l)
	}
	return nil
}

// balanceOf reads whose balance of what an entry of the store "bank" is.
func balanceOf(e *entry) (who, of string, ok bool) {
	if e.Store != "bank" || len(e.Key) < 2 || e.Key[0] != 2 || len(e.Key) < 2+int(e.Key[1]) {
		return "", "", false
	}
	n := 2 + int(e.Key[1])
	return address(e.Key[2:n]), string(e.Key[n:]), true
}

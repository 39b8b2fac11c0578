package main

import (
	"fmt"
	"slices"

	"cosmossdk.io/math"

	"github.com/minga-network/minga/x/asset"
)

// whyTree explains one holder's shares, from records to coins.
func whyTree(o *origin, h holder) *tree {
	a := o.asset
	t := &tree{line: fmt.Sprintf("%s has %d of %d shares of %s %s: %s", name(h.address), h.shares, a.Shares,
		asset.Denom(a.Id), a.Name, percent(h.shares))}
	first := o.addFirst(t, h.address)
	switch {
	case h.shares > first:
		t.add("since then %d more came than went", h.shares-first)
	case h.shares < first:
		t.add("since then %d more went than came", first-h.shares)
	}
	if h.locked.Shares > 0 {
		t.add("%d are not vested yet; all are free from height %d on", h.locked.Shares, h.locked.Until)
	}
	o.addIncome(t, h)
	return t
}

// addFirst explains the first shares of a holder and returns how many they are.
func (o *origin) addFirst(t *tree, address string) uint64 {
	first, data := uint64(0), uint64(0)
	var its []asset.Part
	for _, p := range o.asset.Parts {
		if p.Role == "data" {
			data += p.Shares
		}
		if p.Holder == address {
			its, first = append(its, p), first+p.Shares
		}
	}
	if len(its) == 0 {
		t.add("none of them from the start")
		return 0
	}
	b := t.add("%d first, at height %d", first, o.asset.Height)
	for _, p := range its {
		switch {
		case o.asset.Kind == asset.KindDataset:
			o.addText(b.add("%d for publishing it", p.Shares), o.asset)
		case p.Asset != 0:
			o.addData(b, p, data)
		default:
			b.add("%d as %s: %s", p.Shares, p.Role, o.reason(p.Role))
		}
	}
	return first
}

// reason says what a part that is not for data is for.
func (o *origin) reason(role string) string {
	switch role {
	case "compute":
		return fmt.Sprintf("did the training of job %d", o.asset.Job)
	case "creator":
		return fmt.Sprintf("posted and paid job %d", o.asset.Job)
	}
	return fmt.Sprintf("the part of all by the policy of job %d, and what division left", o.asset.Job)
}

// addData leads from a dataset's bytes by portions, runs and values to its shares.
func (o *origin) addData(t *tree, p asset.Part, data uint64) {
	set := o.others[p.Asset]
	b := t.add("%d for %s %s", p.Shares, asset.Denom(p.Asset), set.Name)
	o.addText(b, set)
	o.addPortions(b, p.Asset)
	o.addValue(b, p, data)
	b.add("%d of the %d shares that all the data got", p.Shares, data)
}

// addPortions tells in which portions a dataset's bytes stand and what those are worth.
func (o *origin) addPortions(t *tree, id uint64) {
	m := o.measured
	if m == nil {
		return
	}
	b := t.add("%s", o.method())
	if m.Reason != "" {
		return
	}
	whole := map[uint32]uint64{}
	for _, s := range m.Segments {
		whole[s.Portion] += s.Bytes
	}
	i := slices.Index(o.job.Terms.Train.Datasets, id)
	for _, s := range m.Segments {
		if int(s.Dataset) != i {
			continue
		}
		value := "not known yet"
		if int(s.Portion) < len(m.Portions) {
			value = m.Portions[s.Portion] + " nats"
		}
		b.add("portion %d: %s; %d of its %d bytes are this dataset's", s.Portion, value, s.Bytes, whole[s.Portion])
	}
}

// addIncome tells what the shares earned. The chain keeps no list of what one holder has
// withdrawn, so the whole is told for who held the same shares from the start.
func (o *origin) addIncome(t *tree, h holder) {
	a := o.asset
	b := t.add("income: %s can be withdrawn now", amount(h.income.Amount))
	earned := a.Income.Mul(math.NewIntFromUint64(h.shares)).QuoRaw(int64(a.Shares))
	b.add("%s earned %s so far for all its shares; %d of them, held all the time, got %s of it", asset.Denom(a.Id),
		amount(a.Income), h.shares, amount(earned))
}

package main

import (
	"fmt"
	"math/big"
	"slices"
)

// allShares is how many shares each asset has.
const allShares = 1_000_000_000

// division is how the data part of a model's shares was divided.
type division struct {
	shares  []uint64          // of each dataset, in the order of the training's terms
	values  []string          // what was measured of each; nil: nothing was
	forfeit bool              // the creator's part goes to the commons
	why     map[uint64]string // in words, by dataset
}

// parts is how a training must have given out the shares of its model: the data part as it
// was divided, the compute part to the worker, the creator's part, and what is left to
// the commons. Measured data has its line even if it gets nothing.
func (j *job) parts(datasets []*asset, d division) []part {
	s := j.terms.train.split
	var out []part
	for i, set := range datasets {
		line := part{holder: set.creator, role: "data", asset: set.id, shares: d.shares[i]}
		if d.values != nil {
			line.value = d.values[i]
		}
		out = append(out, line)
	}
	out = append(out, part{holder: j.worker, role: "compute", shares: allShares * s.compute / whole})
	if !d.forfeit {
		out = append(out, part{holder: j.creator, role: "creator", shares: allShares * s.creator / whole})
	}
	rest := uint64(allShares)
	for _, p := range out {
		rest -= p.shares
	}
	out = append(out, part{holder: commons(), role: "commons", shares: rest})
	return slices.DeleteFunc(out, func(p part) bool { return p.shares == 0 && p.value == "" })
}

// dataShares divides the data part by weights within the split's floor and cap. What caps
// and rounding leave is in no part.
func (s split) dataShares(weights []*big.Rat) []uint64 {
	parts := s.bounded(weights)
	data := new(big.Rat).SetFrac(new(big.Int).SetUint64(allShares*s.data/whole), big.NewInt(1))
	shares := make([]uint64, len(parts))
	for i, x := range parts {
		n := new(big.Rat).Mul(x, data)
		shares[i] = new(big.Int).Quo(n.Num(), n.Denom()).Uint64()
	}
	return shares
}

// unmeasured divides where nothing was measured though the split asks for it: the data gets no more than the creator's
// part, and that goes to the commons.
func (j *job) unmeasured(datasets []*asset) division {
	less := *j
	less.terms.train.split.data = min(j.terms.train.split.data, j.terms.train.split.creator)
	d := less.byTokens(datasets)
	d.forfeit = true
	return d
}

// byTokens divides the data part by the training tokens used of each dataset.
func (j *job) byTokens(datasets []*asset) division {
	weights := make([]*big.Rat, len(j.terms.train.used))
	d := division{why: map[uint64]string{}}
	for i, n := range j.terms.train.used {
		weights[i] = new(big.Rat).SetInt(new(big.Int).SetUint64(n))
		d.why[datasets[i].id] = fmt.Sprintf(" for %s %q: %s of %s tokens", denom(datasets[i].id), datasets[i].name,
			grouped(n), grouped(j.terms.units))
	}
	d.shares = j.terms.train.split.dataShares(weights)
	return d
}

package main

import (
	"math/big"
	"slices"
)

// allShares is how many shares each asset has.
const allShares = 1_000_000_000

// parts is how a training must have given out the shares of its model: the data part by
// weight of each dataset, the compute part to the worker, the creator's part, and what is
// left to the commons.
func (j *job) parts(datasets []*asset, data []uint64) []part {
	p := j.terms.policy
	var out []part
	for i, d := range datasets {
		out = append(out, part{holder: d.creator, role: "data", asset: d.id, shares: data[i]})
	}
	out = append(out,
		part{holder: j.worker, role: "compute", shares: allShares * p.compute / whole},
		part{holder: j.creator, role: "creator", shares: allShares * p.creator / whole})
	rest := uint64(allShares)
	for _, p := range out {
		rest -= p.shares
	}
	out = append(out, part{holder: commons(), role: "commons", shares: rest})
	return slices.DeleteFunc(out, func(p part) bool { return p.shares == 0 })
}

// dataPart is how many shares all datasets get together.
func (j *job) dataPart() uint64 { return allShares * j.terms.policy.data / whole }

// byTokens divides the data part by the training tokens used of each dataset.
func (j *job) byTokens() []uint64 {
	out := make([]uint64, len(j.terms.used))
	for i, n := range j.terms.used {
		out[i] = share(new(big.Int).SetUint64(j.dataPart()), n, j.terms.units).Uint64()
	}
	return out
}

package main

import (
	"math/big"
	"slices"
	"sort"
)

// bounded is what part of 1 each weight gets: clamp(λ·w, floor, cap) with the λ that makes
// the positive ones sum to 1. Where the floors sum to more than 1 each positive weight
// gets the same; where the caps sum to less, what is left is nobody's.
func (s split) bounded(weights []*big.Rat) []*big.Rat {
	parts := make([]*big.Rat, len(weights))
	var positive []*big.Rat
	for i, w := range weights {
		parts[i] = new(big.Rat)
		if w.Sign() > 0 {
			positive = append(positive, w)
		}
	}
	if len(positive) == 0 {
		return parts
	}
	floor, ceil := big.NewRat(int64(s.floor), whole), big.NewRat(1, 1)
	if most := big.NewRat(1, int64(len(positive))); floor.Cmp(most) > 0 {
		floor = most
	}
	if s.cap != 0 {
		ceil = big.NewRat(int64(s.cap), whole)
	}
	lambda := solve(positive, floor, ceil)
	for i, w := range weights {
		if w.Sign() > 0 {
			parts[i] = clamp(new(big.Rat).Mul(lambda, w), floor, ceil)
		}
	}
	return parts
}

// solve finds λ. What the weights get together grows with λ, in straight lines between
// the places where some weight reaches the floor or the cap; the first of these where it
// is 1 or more bounds the line that λ is on. If there is none, λ is where all are capped.
func solve(weights []*big.Rat, floor, ceil *big.Rat) *big.Rat {
	var corners []*big.Rat
	for _, w := range weights {
		corners = append(corners, new(big.Rat).Quo(floor, w), new(big.Rat).Quo(ceil, w))
	}
	slices.SortFunc(corners, (*big.Rat).Cmp)
	one := big.NewRat(1, 1)
	i := sort.Search(len(corners), func(i int) bool { return together(weights, floor, ceil, corners[i]).Cmp(one) >= 0 })
	if i == len(corners) {
		return corners[i-1]
	}
	low, high := new(big.Rat), corners[i]
	if i > 0 {
		low = corners[i-1]
	}
	from, to := together(weights, floor, ceil, low), together(weights, floor, ceil, high)
	if from.Cmp(to) == 0 {
		return high
	}
	part := new(big.Rat).Quo(new(big.Rat).Sub(one, from), to.Sub(to, from))
	return part.Mul(part, new(big.Rat).Sub(high, low)).Add(part, low)
}

// together is what all weights get at a λ.
func together(weights []*big.Rat, floor, ceil, lambda *big.Rat) *big.Rat {
	sum := new(big.Rat)
	for _, w := range weights {
		sum.Add(sum, clamp(new(big.Rat).Mul(lambda, w), floor, ceil))
	}
	return sum
}

func clamp(x, floor, ceil *big.Rat) *big.Rat {
	switch {
	case x.Cmp(floor) < 0:
		return floor
	case x.Cmp(ceil) > 0:
		return ceil
	}
	return x
}

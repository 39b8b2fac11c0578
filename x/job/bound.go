package job

import (
	"math/big"
)

// bounded returns what part of the whole each weight gets, and one part more: what nobody
// does. Together they are 1, or all 0 if no weight is positive.
//
// The parts are clamp(λ·w, floor, cap) with the one λ that makes them sum to 1. It is found
// in rounds: divide what is left over those still free in proportion to their weights; if
// the bounds then give out more than there is, those at the floor stay there for good, else
// those at the cap; again with the others. Each round fixes somebody, so there are at most
// as many as weights. (CSS lays out flexible boxes by the same rule: Flexbox level 1, §9.7.)
//
// Should the floors of all sum to more than 1, each gets the same part; should the caps
// sum to less, what is over is the part of nobody.
func bounded(s Split, weights []*big.Rat) []*big.Rat {
	parts := zeros(len(weights) + 1)
	var free []int
	for i, w := range weights {
		if w.Sign() > 0 {
			free = append(free, i)
		}
	}
	if len(free) == 0 {
		return parts
	}
	floor, ceil := bounds(s, len(free))
	left := big.NewRat(1, 1)
	for len(free) > 0 {
		free = settleRound(parts, weights, free, floor, ceil, left)
	}
	parts[len(weights)] = left
	return parts
}

// bounds are the floor and the cap as parts of 1, such that n of them leave a solution.
func bounds(s Split, n int) (floor, ceil *big.Rat) {
	floor, ceil = big.NewRat(int64(s.Floor), whole), big.NewRat(1, 1)
	if equal := big.NewRat(1, int64(n)); floor.Cmp(equal) > 0 {
		floor = equal
	}
	if s.Cap != 0 {
		ceil = big.NewRat(int64(s.Cap), whole)
	}
	return floor, ceil
}

// settleRound gives parts to some of the free ones for good, takes them from left and
// returns the others.
func settleRound(parts, weights []*big.Rat, free []int, floor, ceil, left *big.Rat) []int {
	sum, excess := new(big.Rat), new(big.Rat)
	for _, i := range free {
		sum.Add(sum, weights[i])
	}
	for _, i := range free {
		share := new(big.Rat).Mul(left, weights[i])
		share.Quo(share, sum)
		parts[i] = clamp(share, floor, ceil)
		excess.Add(excess, new(big.Rat).Sub(parts[i], share))
	}
	fixed := func(part *big.Rat) bool {
		switch excess.Sign() {
		case 1:
			return part.Cmp(floor) == 0
		case -1:
			return part.Cmp(ceil) == 0
		}
		return true
	}
	var others []int
	for _, i := range free {
		if fixed(parts[i]) {
			left.Sub(left, parts[i])
		} else {
			others = append(others, i)
		}
	}
	return others
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

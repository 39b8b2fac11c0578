package job

import (
	"math/big"
)

// bounded returns which part of the whole each weight gets, and then the part that nobody gets. Their sum is 1, or all
// are 0 if no weight is positive.
//
// The parts are clamp(λ·w, floor, cap) with the one λ that makes them sum to 1. λ is found in rounds. A round
// divides what is left among the weights that are still free, in proportion. If the bounds then give out more than
// there is, those at the floor are fixed there; otherwise those at the cap are. The next round has the others. Each
// round fixes at least one weight, so there are at most as many rounds as weights. (CSS lays out flexible boxes by the
// same rule: Flexbox level 1, §9.7.)
//
// If all floors sum to more than 1, each weight gets the same part. If all caps sum to less than 1, nobody gets
// the rest.
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

// bounds are the floor and the cap as parts of 1, such that n weights have a solution.
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

// settleRound fixes the parts of some free weights, takes these from left, and returns the other weights.
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

package contribution

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
)

// ErrUtilities says that the utilities do not belong to the design.
var ErrUtilities = errors.New("utilities do not fit the design")

// Utilities are what the runs took off the validation loss, exactly, from what each says
// it was before and after. All runs begin with the same weights and validate on the same
// text, so before is one number: the median of what they say, the lower one of two. No
// loss is below 0. So what one run says moves its utility by no more than that number.
func Utilities(first, last []float32) []*big.Rat {
	before := median(first)
	all := make([]*big.Rat, len(last))
	for i, after := range last {
		if finite(after) {
			after = max(after, 0)
		}
		all[i] = Utility(before, after)
	}
	return all
}

// median is that of the numbers among some floats; 0 if there is none.
func median(xs []float32) float32 {
	xs = slices.DeleteFunc(slices.Clone(xs), func(x float32) bool { return !finite(x) })
	if len(xs) == 0 {
		return 0
	}
	slices.Sort(xs)
	return xs[(len(xs)-1)/2]
}

// Utility is what was taken off a loss, exactly: first − last, and
// 0 where the loss grew or either is no number.
func Utility(first, last float32) *big.Rat {
	if !finite(first) || !finite(last) || last >= first {
		return new(big.Rat)
	}
	before, after := new(big.Rat).SetFloat64(float64(first)), new(big.Rat).SetFloat64(float64(last))
	return before.Sub(before, after)
}

func finite(x float32) bool { return !math.IsNaN(float64(x)) && !math.IsInf(float64(x), 0) }

// Values returns the value of each portion from the utility of each coalition of
// the design, in its order. They sum to the utility of all portions; a portion that
// does harm has a negative one. Where the estimates sum to nothing or less there
// is no scale, and they are returned as they are. Errors: ErrUtilities.
func (d *Design) Values(utilities []*big.Rat) ([]*big.Rat, error) {
	if len(utilities) != len(d.Coalitions) {
		return nil, fmt.Errorf("%w: %d for %d coalitions", ErrUtilities, len(utilities), len(d.Coalitions))
	}
	for i, u := range utilities {
		if u == nil {
			return nil, fmt.Errorf("%w: none for coalition %d", ErrUtilities, i)
		}
	}
	g := game{d, utilities}
	values := make([]*big.Rat, d.Portions)
	for u := range values {
		if d.method == Exact {
			values[u] = g.shapley(u)
		} else {
			values[u] = g.simpson(u)
		}
	}
	scale(values, utilities[0])
	return values, nil
}

// scale multiplies values so that they sum to total, unless their sum is not
// positive: then harm and use would change places.
func scale(values []*big.Rat, total *big.Rat) {
	sum := new(big.Rat)
	for _, v := range values {
		sum.Add(sum, v)
	}
	if sum.Sign() <= 0 {
		return
	}
	factor := sum.Quo(total, sum)
	for _, v := range values {
		v.Mul(v, factor)
	}
}

// game is what the runs found.
type game struct {
	*Design
	utilities []*big.Rat
}

// of is the utility of c; no data teaches nothing.
func (g game) of(c Coalition) *big.Rat {
	if c == 0 {
		return new(big.Rat)
	}
	return g.utilities[g.index[c]]
}

// simpson is (alone + 4·half + last) / 6.
func (g game) simpson(u int) *big.Rat {
	portion, whole := Coalition(1)<<u, all(g.Portions)
	alone := g.of(portion)
	last := new(big.Rat).Sub(g.of(whole), g.of(whole&^portion))
	half := new(big.Rat)
	for _, c := range g.half {
		if c.Has(u) {
			half.Add(half, g.of(c))
		} else {
			half.Sub(half, g.of(c))
		}
	}
	half.Mul(half, big.NewRat(4*2, int64(len(g.half)))) // half of the runs are with u
	sum := half.Add(half, alone)
	sum.Add(sum, last)
	return sum.Mul(sum, big.NewRat(1, 6))
}

// shapley is Shapley's sum over all coalitions without u: with s of n portions the
// weight is s!(n−s−1)!/n!, that is one part in n·(n−1 over s).
func (g game) shapley(u int) *big.Rat {
	value := new(big.Rat)
	for c := Coalition(0); c < all(g.Portions); c++ {
		if c.Has(u) {
			continue
		}
		gain := new(big.Rat).Sub(g.of(c|1<<u), g.of(c))
		weight := new(big.Int).Binomial(int64(g.Portions-1), int64(c.Size()))
		weight.Mul(weight, big.NewInt(int64(g.Portions)))
		value.Add(value, gain.Mul(gain, new(big.Rat).SetFrac(big.NewInt(1), weight)))
	}
	return value
}

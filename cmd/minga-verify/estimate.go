package main

import (
	"encoding/binary"
	"math"
	"math/big"
	"slices"
)

// utility is what a run took off the validation loss, exactly: 0 where the loss grew or one
// of the two is no number.
func utility(first, last float32) *big.Rat {
	x, y := ratOf(first), ratOf(last)
	if x == nil || y == nil || x.Cmp(y) <= 0 {
		return new(big.Rat)
	}
	return x.Sub(x, y)
}

// utilities are those of all runs. They begin with the same weights and validate on the same text, so the loss before
// is the median of what they say (the lower of two), and no loss is below 0.
func utilities(first, last []float32) []*big.Rat {
	numbers := slices.DeleteFunc(slices.Clone(first), func(x float32) bool { return ratOf(x) == nil })
	slices.Sort(numbers)
	all := zeros(len(last))
	for i, after := range last {
		if len(numbers) > 0 && ratOf(after) != nil {
			all[i] = utility(numbers[(len(numbers)-1)/2], max(after, 0))
		}
	}
	return all
}

// ratOf is a float as a fraction; nil for infinities and what is no number.
func ratOf(x float32) *big.Rat { return new(big.Rat).SetFloat64(float64(x)) }

// wordsOf reads little-endian float32.
func wordsOf(b []byte) []float32 {
	var words []float32
	for ; len(b) >= 4; b = b[4:] {
		words = append(words, math.Float32frombits(binary.LittleEndian.Uint32(b)))
	}
	return words
}

// values are the portions' Shapley values, estimated by Simpson's rule on Owen's integral or
// summed exactly, and scaled to the utility of all portions.
func (d *design) values(utilities []*big.Rat) []*big.Rat {
	of := func(c coalition) *big.Rat {
		if c == 0 {
			return new(big.Rat)
		}
		return utilities[d.run[c]]
	}
	values, sum := make([]*big.Rat, d.portions), new(big.Rat)
	for u := range values {
		if d.exact {
			values[u] = d.shapley(u, of)
		} else {
			values[u] = d.simpson(u, of)
		}
		sum.Add(sum, values[u])
	}
	if sum.Sign() <= 0 {
		return values
	}
	for _, v := range values {
		v.Mul(v, utilities[0]).Quo(v, sum)
	}
	return values
}

// simpson is a sixth of: the portion alone, four times what it adds in half of the others on
// average, and what it adds to all others.
func (d *design) simpson(u int, of func(coalition) *big.Rat) *big.Rat {
	one, all := coalition(1)<<u, d.all()
	with, without := new(big.Rat), new(big.Rat)
	for _, c := range d.half {
		if c.has(u) {
			with.Add(with, of(c))
		} else {
			without.Add(without, of(c))
		}
	}
	half := with.Sub(with, without)
	half.Quo(half, big.NewRat(int64(len(d.half)/2), 1))
	v := half.Mul(half, big.NewRat(4, 1))
	v.Add(v, of(one)).Add(v, of(all)).Sub(v, of(all&^one))
	return v.Quo(v, big.NewRat(6, 1))
}

// shapley sums what the portion adds to every coalition without it; those of s of n portions
// weigh s!·(n−s−1)!/n! each.
func (d *design) shapley(u int, of func(coalition) *big.Rat) *big.Rat {
	v, n := new(big.Rat), int64(d.portions)
	for c := range d.all() {
		if c.has(u) {
			continue
		}
		s := int64(c.size())
		weight := new(big.Int).Mul(new(big.Int).MulRange(1, s), new(big.Int).MulRange(1, n-s-1))
		gain := new(big.Rat).Sub(of(c|1<<u), of(c))
		v.Add(v, gain.Mul(gain, new(big.Rat).SetFrac(weight, new(big.Int).MulRange(1, n))))
	}
	return v
}

// portionSlices is how many slices of equal size a portion has, each with a credit.
const portionSlices = 8

// inside divides the value of each portion among its segments: by the credits of its slices,
// where the value and some credit are positive, and each slice by bytes; else by bytes.
func inside(values []*big.Rat, segments []segment, credits []float32) []*big.Rat {
	total := make([]int64, len(values))
	for _, s := range segments {
		total[s.portion] += int64(s.bytes)
	}
	parts, at := make([]*big.Rat, len(segments)), make([]int64, len(values))
	for i, s := range segments {
		weights, sum := make([]*big.Rat, portionSlices), new(big.Rat)
		for k := range weights {
			weights[k] = utility(credits[int(s.portion)*portionSlices+k], 0)
			sum.Add(sum, weights[k])
		}
		if values[s.portion].Sign() <= 0 || sum.Sign() == 0 {
			weights, sum = ones(portionSlices), big.NewRat(portionSlices, 1)
		}
		// In eighths of a byte a slice has as many as the portion has bytes.
		from, to, all := portionSlices*at[s.portion], portionSlices*(at[s.portion]+int64(s.bytes)), total[s.portion]
		parts[i] = new(big.Rat)
		for k, w := range weights {
			if n := min(to, all*int64(k+1)) - max(from, all*int64(k)); n > 0 {
				parts[i].Add(parts[i], new(big.Rat).Mul(w, big.NewRat(n, all)))
			}
		}
		parts[i].Mul(parts[i], values[s.portion]).Quo(parts[i], sum)
		at[s.portion] += int64(s.bytes)
	}
	return parts
}

func ones(n int) []*big.Rat {
	all := zeros(n)
	for _, x := range all {
		x.SetInt64(1)
	}
	return all
}

func zeros(n int) []*big.Rat {
	all := make([]*big.Rat, n)
	for i := range all {
		all[i] = new(big.Rat)
	}
	return all
}

package contribution

import "math/big"

// Segment is the part of one portion that is of one dataset.
type Segment struct {
	Portion int
	Dataset int    // index in the job's datasets
	Bytes   uint64 // of the dataset in the portion
}

// Slices is how many slices of equal size each portion has for credits. They are cut in
// the portion's bytes, whoever's these are: credits of owners' own segments would pay
// whoever cuts data into many, as the chance that a credit is positive is tried once
// for each, and nobody pays for those that are not.
const Slices = 8

// Inside divides the value of each portion among its segments and returns a value for
// each segment. A portion that is worth something is divided by the positive credits of
// its slices (what they taught in the run of all portions; those of portion u begin with
// number u·Slices), and each slice by bytes; a portion without any, or of no worth, by
// bytes. A segment of a portion that does not exist is worth nothing.
func Inside(values []*big.Rat, segments []Segment, credits []float32) []*big.Rat {
	bytes, before := zeros(len(values)), zeros(len(values))
	each := func(do func(i int, s Segment, size *big.Rat)) {
		for i, s := range segments {
			if s.Portion >= 0 && s.Portion < len(values) && values[s.Portion] != nil && s.Bytes > 0 {
				do(i, s, new(big.Rat).SetInt(new(big.Int).SetUint64(s.Bytes)))
			}
		}
	}
	each(func(_ int, s Segment, size *big.Rat) { bytes[s.Portion].Add(bytes[s.Portion], size) })
	parts := zeros(len(segments))
	each(func(i int, s Segment, size *big.Rat) {
		from, to := before[s.Portion], new(big.Rat)
		to.Add(from, size.Quo(size, bytes[s.Portion]))
		parts[i].Mul(values[s.Portion], part(weigh(values[s.Portion], credits, s.Portion), from, to))
		before[s.Portion] = to
	})
	return parts
}

// weigh is what the slices of a portion count.
func weigh(value *big.Rat, credits []float32, portion int) []*big.Rat {
	weights, some := zeros(Slices), false
	for k := range weights {
		if i := portion*Slices + k; i < len(credits) && value.Sign() > 0 {
			weights[k] = Utility(credits[i], 0) // itself where positive and finite
			some = some || weights[k].Sign() > 0
		}
	}
	if !some {
		for _, w := range weights {
			w.SetInt64(1)
		}
	}
	return weights
}

// part is how much of all weight lies between two places of a portion, which is from 0
// to 1 and cut evenly.
func part(weights []*big.Rat, from, to *big.Rat) *big.Rat {
	n := int64(len(weights))
	inside, all := new(big.Rat), new(big.Rat)
	for k, w := range weights {
		all.Add(all, w)
		begin, end := big.NewRat(int64(k), n), big.NewRat(int64(k)+1, n)
		if begin.Cmp(from) < 0 {
			begin = from
		}
		if end.Cmp(to) > 0 {
			end = to
		}
		if begin.Cmp(end) < 0 {
			overlap := new(big.Rat).Sub(end, begin)
			inside.Add(inside, overlap.Mul(overlap, w))
		}
	}
	inside.Mul(inside, big.NewRat(n, 1))
	return inside.Quo(inside, all)
}

func zeros(n int) []*big.Rat {
	all := make([]*big.Rat, n)
	for i := range all {
		all[i] = new(big.Rat)
	}
	return all
}

// Divide returns each weight's part of whole, rounded down: whole·w/Σw over the
// positive weights, 0 for others. Where none is positive all parts are 0. What
// rounding leaves, whole less the sum of the parts, is for the caller to place.
func Divide(whole uint64, weights []*big.Rat) []uint64 {
	sum := new(big.Rat)
	for _, w := range weights {
		if w != nil && w.Sign() > 0 {
			sum.Add(sum, w)
		}
	}
	parts := make([]uint64, len(weights))
	for i, w := range weights {
		if w == nil || w.Sign() <= 0 {
			continue
		}
		part := new(big.Rat).SetInt(new(big.Int).SetUint64(whole))
		part.Mul(part, new(big.Rat).Quo(w, sum))
		parts[i] = new(big.Int).Quo(part.Num(), part.Denom()).Uint64()
	}
	return parts
}

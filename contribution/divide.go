package contribution

import "math/big"

// Segment is the part of one unit that is of one dataset.
type Segment struct {
	Unit    int
	Dataset int    // index in the job's datasets
	Bytes   uint64 // of the dataset in the unit
}

// Inside divides the value of each unit among its segments and returns a value
// for each segment. A unit that is worth something is divided by the positive
// credits of its segments (what they taught in the run of all units, one credit
// a segment); a unit without any, or of no worth, by bytes. A segment of a unit
// that does not exist is worth nothing.
func Inside(values []*big.Rat, segments []Segment, credits []float32) []*big.Rat {
	byCredit := make([]*big.Rat, len(segments))
	byBytes := make([]*big.Rat, len(segments))
	creditOf, bytesOf := map[int]*big.Rat{}, map[int]*big.Rat{}
	for i, s := range segments {
		byCredit[i] = new(big.Rat)
		if i < len(credits) {
			byCredit[i] = Utility(credits[i], 0) // itself where positive and finite
		}
		byBytes[i] = new(big.Rat).SetInt(new(big.Int).SetUint64(s.Bytes))
		gather(creditOf, s.Unit, byCredit[i])
		gather(bytesOf, s.Unit, byBytes[i])
	}
	parts := make([]*big.Rat, len(segments))
	for i, s := range segments {
		parts[i] = new(big.Rat)
		if s.Unit < 0 || s.Unit >= len(values) || values[s.Unit] == nil {
			continue
		}
		value, weight, sum := values[s.Unit], byCredit[i], creditOf[s.Unit]
		if value.Sign() <= 0 || sum.Sign() == 0 {
			weight, sum = byBytes[i], bytesOf[s.Unit]
		}
		if sum.Sign() > 0 {
			parts[i].Mul(value, parts[i].Quo(weight, sum))
		}
	}
	return parts
}

func gather(sums map[int]*big.Rat, unit int, x *big.Rat) {
	if sums[unit] == nil {
		sums[unit] = new(big.Rat)
	}
	sums[unit].Add(sums[unit], x)
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

package main

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/minga-network/minga/rule/contribution"
)

// The chain's package and this program's code were written apart. They must list the same
// runs in the same order, and find the same fractions.
func TestEstimateIsTheChains(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, method := range []string{byMeasure, byExact} {
		for units := range maxPortions + 2 {
			theirs, err := contribution.NewDesign(method, units)
			ours, ok := newDesign(method, units)
			require.Equal(t, err == nil, ok)
			if !ok {
				continue
			}
			require.Len(t, ours.coalitions, len(theirs.Coalitions))
			for i, c := range theirs.Coalitions {
				require.EqualValues(t, c, ours.coalitions[i], "%s of %d units, run %d", method, units, i)
			}
			for range 3 {
				compareValues(t, r, theirs, ours)
			}
		}
	}
}

func compareValues(t *testing.T, r *rand.Rand, theirs *contribution.Design, ours *design) {
	first, last := make([]float32, len(ours.coalitions)), make([]float32, len(ours.coalitions))
	for i := range first {
		first[i], last[i] = loss(r), loss(r)
		require.Zero(t, contribution.Utility(first[i], last[i]).Cmp(utility(first[i], last[i])), "%v %v", first[i], last[i])
	}
	a, b := contribution.Utilities(first, last), utilities(first, last)
	equal(t, a, b)
	values, err := theirs.Values(a)
	require.NoError(t, err)
	mine := ours.values(b)
	equal(t, values, mine)

	var segments []contribution.Segment
	var same []segment
	var credits []float32
	for u := range ours.portions {
		for d := range 1 + r.IntN(3) {
			n := 1 + r.Uint64N(1000)
			segments = append(segments, contribution.Segment{Portion: u, Dataset: d, Bytes: n})
			same = append(same, segment{uint64(u), uint64(d), n})
		}
		for range contribution.Slices {
			credits = append(credits, loss(r)-4)
		}
	}
	equal(t, contribution.Inside(values, segments, credits), inside(mine, same, credits))
}

func loss(r *rand.Rand) float32 {
	switch r.IntN(20) {
	case 0:
		return float32(math.NaN())
	case 1:
		return float32(math.Inf(1 - 2*r.IntN(2)))
	}
	return 8 * r.Float32()
}

func equal(t *testing.T, a, b []*big.Rat) {
	t.Helper()
	require.Len(t, b, len(a))
	for i := range a {
		require.Zero(t, a[i].Cmp(b[i]), "%d: %v, %v", i, a[i], b[i])
	}
}

// Bounds are found by another rule than the chain's: what both promise is checked.
func TestBoundsHold(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	one := big.NewRat(1, 1)
	for range 2000 {
		weights := make([]*big.Rat, 1+r.IntN(12))
		n := int64(0)
		for i := range weights {
			weights[i] = big.NewRat(r.Int64N(1000)-200, 1+r.Int64N(50))
			if weights[i].Sign() > 0 {
				n++
			}
		}
		p := split{floor: uint64(r.IntN(3)) * r.Uint64N(3000)}
		if r.IntN(2) == 0 {
			p.cap = max(1, p.floor+r.Uint64N(whole-p.floor))
		}
		floor, ceil := big.NewRat(int64(p.floor), whole), big.NewRat(int64(p.cap), whole)
		if p.cap == 0 {
			ceil = one
		}
		if n > 0 && floor.Cmp(big.NewRat(1, n)) > 0 {
			floor = big.NewRat(1, n)
		}
		sum, lambda := new(big.Rat), (*big.Rat)(nil)
		for i, part := range p.bounded(weights) {
			sum.Add(sum, part)
			if weights[i].Sign() <= 0 {
				require.Zero(t, part.Sign())
				continue
			}
			require.False(t, part.Cmp(floor) < 0 || part.Cmp(ceil) > 0, "%v of %v to %v", part, floor, ceil)
			if part.Cmp(floor) > 0 && part.Cmp(ceil) < 0 {
				l := new(big.Rat).Quo(part, weights[i])
				require.True(t, lambda == nil || lambda.Cmp(l) == 0, "free parts are in proportion")
				lambda = l
			}
		}
		all := new(big.Rat).Mul(ceil, big.NewRat(n, 1)) // what all get at their caps
		if all.Cmp(one) > 0 {
			all = one
		}
		require.Zero(t, sum.Cmp(all), "%v of %v", sum, all)
	}
}

func TestDecimal(t *testing.T) {
	for _, c := range []struct {
		num, den int64
		want     string
	}{
		{1, 3, "0.333333333"}, {-2, 3, "-0.666666667"}, {5, 1, "5.000000000"}, {0, 1, "0.000000000"},
		{1, 2_000_000_000, "0.000000000"}, {3, 2_000_000_000, "0.000000002"}, {-3, 2_000_000_000, "-0.000000002"},
		{5, 2_000_000_000, "0.000000002"}, {-1, 4_000_000_000, "0.000000000"},
	} {
		require.Equal(t, c.want, decimal(big.NewRat(c.num, c.den)))
	}
}

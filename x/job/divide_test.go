package job

import (
	"fmt"
	stdmath "math"
	"math/big"
	"math/rand"
	"testing"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	"github.com/minga-network/minga/rule/contribution"
	"github.com/minga-network/minga/x/asset"
)

func TestDecimals(t *testing.T) {
	for _, x := range []struct {
		num, den int64
		want     string
	}{
		{0, 1, "0.000000000"}, {1, 1, "1.000000000"}, {-5, 4, "-1.250000000"}, {1, 3, "0.333333333"}, {2, 3, "0.666666667"},
		{-2, 3, "-0.666666667"}, {1, 2_000_000_000, "0.000000000"}, {3, 2_000_000_000, "0.000000002"},
		{-1, 2_000_000_000, "0.000000000"},
		{-3, 2_000_000_000, "-0.000000002"}, {5, 2_000_000_000, "0.000000002"},
		{5_000_000_001, 2_000_000_000_000_000_000, "0.000000003"},
	} {
		require.Equal(t, x.want, decimal(big.NewRat(x.num, x.den)), "%d/%d", x.num, x.den)
	}
}

// ratOf is a random weight of any size and sign, most of them the exact value of a float32.
func ratOf(rng *rand.Rand) *big.Rat {
	switch rng.Intn(6) {
	case 0:
		return new(big.Rat)
	case 1:
		return big.NewRat(rng.Int63n(9)-2, 1+rng.Int63n(7))
	}
	return new(big.Rat).SetFloat64(float64(float32(rng.NormFloat64() * stdmath.Pow(2, float64(rng.Intn(40)-30)))))
}

// slowly finds the parts of bounded by trying which of the weights stand at a bound.
func slowly(weights []*big.Rat, floor, ceil *big.Rat) []*big.Rat {
	n := len(weights)
	for kinds := range pow(3, n) {
		parts, sum, left := zeros(n), new(big.Rat), big.NewRat(1, 1)
		kind := func(i int) int { return kinds / pow(3, i) % 3 }
		for i, w := range weights {
			switch kind(i) {
			case 0:
				parts[i] = floor
			case 1:
				parts[i] = ceil
			default:
				sum.Add(sum, w)
				continue
			}
			left.Sub(left, parts[i])
		}
		lowest, highest := new(big.Rat), new(big.Rat).SetInt64(1<<62) // of λ
		if sum.Sign() > 0 {
			lowest = new(big.Rat).Quo(left, sum)
			highest = lowest
		} else if left.Sign() != 0 {
			continue
		}
		possible := true
		for i, w := range weights {
			at := func(x *big.Rat) *big.Rat { return new(big.Rat).Quo(x, w) }
			switch kind(i) {
			case 0:
				highest = smaller(highest, at(floor))
			case 1:
				lowest = larger(lowest, at(ceil))
			default:
				parts[i] = new(big.Rat).Mul(lowest, w)
				possible = possible && parts[i].Cmp(floor) >= 0 && parts[i].Cmp(ceil) <= 0
			}
		}
		if possible && lowest.Cmp(highest) <= 0 {
			return parts
		}
	}
	return nil
}

func pow(b, n int) int {
	p := 1
	for range n {
		p *= b
	}
	return p
}

func smaller(a, b *big.Rat) *big.Rat {
	if a.Cmp(b) < 0 {
		return a
	}
	return b
}

func larger(a, b *big.Rat) *big.Rat {
	if a.Cmp(b) > 0 {
		return a
	}
	return b
}

func TestFloorsAndCapsAgainstTryingAll(t *testing.T) {
	rng := rand.New(rand.NewSource(11))
	tried := 0
	for range 3000 {
		var weights, positive []*big.Rat
		for range 1 + rng.Intn(5) {
			w := ratOf(rng)
			if weights = append(weights, w); w.Sign() > 0 {
				positive = append(positive, w)
			}
		}
		p := Split{Floor: uint32(rng.Intn(4000)), Cap: uint32(rng.Intn(10_001))}
		if rng.Intn(4) == 0 {
			p.Cap = 0
		} else if p.Cap < p.Floor {
			p.Floor = p.Cap
		}
		parts := bounded(p, weights)
		floor, ceil := bounds(p, max(1, len(positive)))
		want := slowly(positive, floor, ceil)
		sum := new(big.Rat)
		for i, w := range weights {
			if sum.Add(sum, parts[i]); w.Sign() <= 0 {
				require.Zero(t, parts[i].Sign())
				continue
			}
			if want != nil {
				require.Zero(t, parts[i].Cmp(want[0]), "floor %d, cap %d: %v gets %v of %v", p.Floor, p.Cap, weights[i], parts[i],
					weights)
				want = want[1:]
				tried++
			} else {
				require.Zero(t, parts[i].Cmp(ceil), "the caps leave something over")
			}
		}
		if len(positive) > 0 {
			require.Zero(t, sum.Add(sum, parts[len(weights)]).Cmp(big.NewRat(1, 1)))
			require.GreaterOrEqual(t, parts[len(weights)].Sign(), 0)
		}
	}
	require.Greater(t, tried, 1000)
}

// TestSharesSumExactly over 100,000 random fees, policies and values: every coin of a
// budget and every share of a model goes somewhere, whatever the data was worth.
func TestSharesSumExactly(t *testing.T) {
	rng := rand.New(rand.NewSource(12))
	for range 100_000 {
		j, data, owed := randomJob(rng)
		if paid := total(bill(j, feesOf(j, data, owed), nil)); !paid.Equal(j.Escrow) {
			t.Fatalf("%s of %s is paid", paid, j.Escrow)
		}
		if j.Terms.Kind != KindTrain {
			continue
		}
		p := &j.Terms.Train.Split
		p.Floor, p.Cap = uint32(rng.Intn(3000)), uint32(3000+rng.Intn(7001))
		d := division{forfeit: rng.Intn(4) == 0}
		weights, sum := make([]*big.Rat, len(data)), uint64(0)
		for i := range weights {
			weights[i] = ratOf(rng)
			d.values = append(d.values, decimal(weights[i]))
		}
		d.shares = dataShares(*p, weights)
		for _, part := range parts(j, data, "commons", d) {
			sum += part.Shares
		}
		if sum != asset.Shares {
			t.Fatalf("%d shares of %v by %v", sum, weights, p)
		}
	}
}

// bitsOf are the words of a run's means.
func bitsOf(means ...float32) (ws []uint32) {
	for _, m := range means {
		ws = append(ws, stdmath.Float32bits(m))
	}
	return ws
}

// TestAppraiseAUnitOfEach: two units that add up, a third of noise; their values are the
// ones of contribution, which knows no datasets.
func TestAppraiseAUnitOfEach(t *testing.T) {
	gain := map[int]float32{0: 1, 1: 0.5, 2: -0.25}
	d, err := contribution.NewDesign(contribution.Measure, 3)
	require.NoError(t, err)
	var means [][]uint32
	for run, c := range d.Coalitions {
		last := float32(4)
		for u, g := range gain {
			if c.Has(u) {
				last -= g
			}
		}
		if means = append(means, bitsOf(4, last)); run == 0 {
			means[0] = append(means[0], bitsOf(3, 0, -1, 0, 1, -9, 0, 0)...)
			means[0] = append(means[0], make([]uint32, 2*contribution.Slices)...)
		}
	}
	segments := []Segment{{Dataset: 0, Bytes: 500}, {Dataset: 1, Bytes: 500}, {Portion: 1, Dataset: 1, Bytes: 1000},
		{Portion: 2, Dataset: 3, Bytes: 1000}}
	w, err := appraise(contribution.Measure, 4, segments, means)
	require.NoError(t, err)
	sum := new(big.Rat)
	for _, v := range w.portions {
		sum.Add(sum, v)
	}
	require.Zero(t, sum.Cmp(big.NewRat(5, 4)), "the values sum to what all units reach")
	require.Equal(t, -1, w.portions[2].Sign(), "noise does harm")
	require.Equal(t, []string{decimal(new(big.Rat).Mul(w.portions[0], big.NewRat(3, 4))),
		decimal(new(big.Rat).Add(new(big.Rat).Mul(w.portions[0], big.NewRat(1, 4)), w.portions[1])), "0.000000000",
		decimal(w.portions[2])},
		[]string{decimal(w.datasets[0]), decimal(w.datasets[1]), decimal(w.datasets[2]), decimal(w.datasets[3])},
		"units are shared by credits: 3 to 1 in the first")
	require.Zero(t, w.weights[3].Sign(), "and earns nothing")
	shares := dataShares(Split{Data: 5000}, w.weights)
	require.Zero(t, shares[2]+shares[3])
	require.InDelta(t, 500_000_000, int64(shares[0]+shares[1]), 1)
}

// TestSplittingDataOverAccountsChangesNothing: the same bytes as one dataset, and as up to
// twenty, inside a unit and across.
func TestSplittingDataOverAccountsChangesNothing(t *testing.T) {
	rng := rand.New(rand.NewSource(13))
	d, err := contribution.NewDesign(contribution.Measure, 4)
	require.NoError(t, err)
	for range 100 {
		means := make([][]uint32, len(d.Coalitions))
		for run := range means {
			means[run] = bitsOf(5, rng.Float32()*4)
		}
		for range 4 * contribution.Slices {
			means[0] = append(means[0], bitsOf(rng.Float32()*4-2)...)
		}
		// The rival has a part of each unit, the other all the rest.
		one, many := []Segment{}, []Segment{}
		accounts, pieces := uint32(0), 2+rng.Intn(19)
		for unit := range uint32(4) {
			one = append(one, Segment{Portion: unit, Dataset: 0, Bytes: 640}, Segment{Portion: unit, Dataset: 1, Bytes: 360})
			left, parts := uint64(640), uint32(1+rng.Intn(max(1, pieces/4)))
			for i := range parts {
				bytes := left / uint64(parts-i)
				left -= bytes
				many = append(many, Segment{Portion: unit, Dataset: accounts, Bytes: bytes})
				accounts++
			}
			many = append(many, Segment{Portion: unit, Dataset: 99, Bytes: 360})
		}
		share := func(segments []Segment, rival uint32) (whole uint64) {
			w, err := appraise(contribution.Measure, 100, segments, means)
			require.NoError(t, err)
			for i, s := range dataShares(Split{Data: 6000}, w.weights) {
				if i != int(rival) {
					whole += s
				}
			}
			return whole
		}
		require.InDelta(t, float64(share(one, 1)), float64(share(many, 99)), 20, "each part is rounded down")
	}
}

// TestWorthlessDataIsShown: what earns nothing is still shown.
func TestWorthlessDataIsShown(t *testing.T) {
	j := Job{Worker: "w", Creator: "c",
		Terms: Terms{Train: &TrainTerms{Split: Split{Data: 6000, Compute: 2500, Creator: 1000, Commons: 500}}}}
	data := []asset.Asset{{Id: 1, Creator: "ana", Price: math.ZeroInt()}, {Id: 2, Creator: "noise", Price: math.ZeroInt()}}
	d := division{shares: []uint64{600_000_000, 0}, values: []string{"0.5", "-0.1"}}
	require.Equal(t, []asset.Part{
		{Holder: "ana", Role: "data", Shares: 600_000_000, Asset: 1, Value: "0.5"},
		{Holder: "noise", Role: "data", Asset: 2, Value: "-0.1"},
		{Holder: "w", Role: "compute", Shares: 250_000_000}, {Holder: "c", Role: "creator", Shares: 100_000_000},
		{Holder: "commons", Role: "commons", Shares: 50_000_000},
	}, parts(j, data, "commons", d))
	d = division{shares: []uint64{600_000_000, 0}, forfeit: true}
	require.Equal(t, []asset.Part{
		{Holder: "ana", Role: "data", Shares: 600_000_000, Asset: 1}, {Holder: "w", Role: "compute", Shares: 250_000_000},
		{Holder: "commons", Role: "commons", Shares: 150_000_000},
	}, parts(j, data, "commons", d), "the creator's part is the commons'")
}

func ExampleSplit() {
	weights := []*big.Rat{big.NewRat(90, 1), big.NewRat(9, 1), big.NewRat(1, 1), big.NewRat(-7, 1)}
	fmt.Println(dataShares(Split{Data: 10_000}, weights))
	fmt.Println(dataShares(Split{Data: 10_000, Floor: 500, Cap: 6000}, weights))
	fmt.Println(dataShares(Split{Data: 10_000, Cap: 3000}, weights), "and 100000000 to nobody")
	// Output:
	// [900000000 90000000 10000000 0]
	// [600000000 350000000 50000000 0]
	// [300000000 300000000 300000000 0] and 100000000 to nobody
}

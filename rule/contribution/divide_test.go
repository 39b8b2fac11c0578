package contribution

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

func TestInside(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	rat := func(a, b int64) *big.Rat { return big.NewRat(a, b) }
	for _, c := range []struct {
		name     string
		values   []*big.Rat
		segments []Segment
		credits  []float32
		want     []*big.Rat
	}{
		{"one dataset a portion", []*big.Rat{rat(3, 1), rat(1, 2)}, []Segment{{0, 0, 10}, {1, 1, 10}}, []float32{0, -1},
			[]*big.Rat{rat(3, 1), rat(1, 2)}},
		{"by credits", []*big.Rat{rat(4, 1)}, []Segment{{0, 0, 60}, {0, 1, 20}, {0, 2, 80}},
			[]float32{1, 0, 1, 6, -7, -1, -1, -1}, []*big.Rat{rat(1, 1), rat(3, 1), rat(0, 1)}},
		{"of its own slices", []*big.Rat{rat(4, 1), rat(1, 1)}, []Segment{{0, 0, 8}, {1, 0, 4}, {1, 1, 4}},
			[]float32{1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 3, 0, 0, 0}, []*big.Rat{rat(4, 1), rat(0, 1), rat(1, 1)}},
		{"within a slice by bytes", []*big.Rat{rat(4, 1)}, []Segment{{0, 0, 1}, {0, 1, 3}, {0, 2, 28}},
			[]float32{2, 0, 0, 0, 0, 0, 0, 0}, []*big.Rat{rat(1, 1), rat(3, 1), rat(0, 1)}},
		{"by bytes where no credit is positive", []*big.Rat{rat(4, 1)}, []Segment{{0, 0, 30}, {0, 1, 10}}, []float32{0, -1},
			[]*big.Rat{rat(3, 1), rat(1, 1)}},
		{"by bytes where there are no credits", []*big.Rat{rat(4, 1)}, []Segment{{0, 0, 30}, {0, 1, 10}}, nil,
			[]*big.Rat{rat(3, 1), rat(1, 1)}},
		{"no number is no credit", []*big.Rat{rat(4, 1)}, []Segment{{0, 0, 1}, {0, 1, 1}, {0, 2, 6}}, []float32{nan, inf, 2},
			[]*big.Rat{rat(0, 1), rat(0, 1), rat(4, 1)}},
		{"harm is shared by bytes", []*big.Rat{rat(-4, 1)}, []Segment{{0, 0, 30}, {0, 1, 10}}, []float32{9, 1},
			[]*big.Rat{rat(-3, 1), rat(-1, 1)}},
		{"portions that do not exist", []*big.Rat{rat(4, 1), nil}, []Segment{{-1, 0, 1}, {2, 0, 1}, {1, 0, 1}, {0, 0, 0}},
			nil, []*big.Rat{rat(0, 1), rat(0, 1), rat(0, 1), rat(0, 1)}},
		{"bytes that would overflow", []*big.Rat{rat(4, 1)}, []Segment{{0, 0, math.MaxUint64}, {0, 1, math.MaxUint64}}, nil,
			[]*big.Rat{rat(2, 1), rat(2, 1)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			same(t, c.name, Inside(c.values, c.segments, c.credits), c.want)
		})
	}
}

// Inside a portion nothing is lost.
func TestSegmentsSumToTheirPortions(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 200 {
		values := zeros(1 + r.IntN(MaxPortions))
		var segments []Segment
		var credits []float32
		for u := range values {
			values[u].SetFrac64(r.Int64N(2000)-500, 1+r.Int64N(1000))
			for range 1 + r.IntN(5) {
				segments = append(segments, Segment{u, r.IntN(9), 1 + r.Uint64N(1000)})
			}
			for range Slices {
				credits = append(credits, r.Float32()-0.5)
			}
		}
		sums := zeros(len(values))
		for i, part := range Inside(values, segments, credits) {
			sums[segments[i].Portion].Add(sums[segments[i].Portion], part)
		}
		same(t, "sum of segments", sums, values)
	}
}

// The players are portions. Whoever cuts its data into datasets of several accounts
// moves the borders of segments, not those of portions and slices, and gets the same.
func TestSplittingAccountsChangesNothing(t *testing.T) {
	values := []*big.Rat{big.NewRat(5, 1), big.NewRat(-1, 1), big.NewRat(7, 3), big.NewRat(2, 1)}
	whole := []Segment{{0, 0, 100}, {1, 0, 100}, {2, 0, 40}, {2, 1, 60}, {3, 1, 100}}
	credits := make([]float32, len(values)*Slices)
	for i := range credits {
		credits[i] = float32(i*i%7) - 3
	}
	for accounts := uint64(2); accounts <= 20; accounts++ {
		var cut []Segment
		for _, s := range whole {
			if s.Dataset != 0 {
				cut = append(cut, s)
				continue
			}
			for a := range accounts {
				bytes := s.Bytes * (a + 1) / accounts
				bytes -= s.Bytes * a / accounts
				cut = append(cut, Segment{s.Portion, 100 + int(a), bytes})
			}
		}
		one, many := new(big.Rat), new(big.Rat)
		for i, part := range Inside(values, whole, credits) {
			if whole[i].Dataset == 0 {
				one.Add(one, part)
			}
		}
		for i, part := range Inside(values, cut, credits) {
			if cut[i].Dataset >= 100 {
				many.Add(many, part)
			}
		}
		if one.Cmp(many) != 0 {
			t.Fatalf("one account gets %v, %d accounts %v", one, accounts, many)
		}
	}
}

func TestDivide(t *testing.T) {
	rat := big.NewRat
	for _, c := range []struct {
		name    string
		whole   uint64
		weights []*big.Rat
		want    []uint64
	}{
		{"thirds are rounded down", 1_000_000_000, []*big.Rat{rat(1, 7), rat(1, 7), rat(1, 7)},
			[]uint64{333_333_333, 333_333_333, 333_333_333}},
		{"harm gets nothing and takes nothing", 100, []*big.Rat{rat(1, 1), rat(-5, 1), rat(3, 1), nil},
			[]uint64{25, 0, 75, 0}},
		{"nothing positive", 100, []*big.Rat{rat(0, 1), rat(-5, 1)}, []uint64{0, 0}},
		{"nobody", 100, nil, []uint64{}},
		{"the largest whole", math.MaxUint64, []*big.Rat{rat(0, 1), rat(1, 9)}, []uint64{0, math.MaxUint64}},
	} {
		got := Divide(c.whole, c.weights)
		if len(got) != len(c.want) {
			t.Fatalf("%s: %v", c.name, got)
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%s: %v, want %v", c.name, got, c.want)
			}
		}
	}
}

func TestDivideGivesAwayNoMoreThanThereIs(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	for range 1000 {
		whole, weights, positive := r.Uint64(), zeros(1+r.IntN(40)), uint64(0)
		for _, w := range weights {
			if w.SetFrac64(r.Int64N(1e9)-1e8, 1+r.Int64N(1e6)); w.Sign() > 0 {
				positive++
			}
		}
		left := whole
		for i, part := range Divide(whole, weights) {
			if part > left || weights[i].Sign() <= 0 && part > 0 {
				t.Fatalf("part %d of %d left for weight %v", part, left, weights[i])
			}
			left -= part
		}
		if positive > 0 && left >= positive {
			t.Fatalf("%d of %d left over among %d", left, whole, positive)
		}
	}
}

func FuzzNothingPanics(f *testing.F) {
	f.Add([]byte{3, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, uint64(1000))
	f.Fuzz(func(t *testing.T, b []byte, whole uint64) {
		next := func() byte {
			if len(b) == 0 {
				return 0
			}
			x := b[0]
			b = b[1:]
			return x
		}
		method := []string{Measure, Exact}[next()%2]
		d, err := NewDesign(method, int(int8(next())))
		if err != nil {
			return
		}
		float := func() float32 {
			return math.Float32frombits(uint32(next())<<24 | uint32(next())<<16 | uint32(next())<<8)
		}
		utilities := make([]*big.Rat, len(d.Coalitions))
		for i := range utilities {
			utilities[i] = Utility(float(), float())
		}
		values, err := d.Values(utilities)
		if err != nil {
			t.Fatal(err)
		}
		var segments []Segment
		var credits []float32
		for len(b) > 0 {
			segments = append(segments, Segment{int(int8(next())), int(next()), uint64(next())})
			credits = append(credits, float())
		}
		var sum uint64
		for _, part := range Divide(whole, Inside(values, segments, credits)) {
			sum += part
		}
		if sum > whole {
			t.Fatalf("gives away %d of %d", sum, whole)
		}
	})
}

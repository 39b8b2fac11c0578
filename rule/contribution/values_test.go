package contribution

import (
	"errors"
	"math"
	"math/big"
	"math/bits"
	"math/rand/v2"
	"testing"
)

func TestUtilityIsExactAndNeverNegative(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	tiny := math.Float32frombits(1)
	for _, c := range []struct {
		name        string
		first, last float32
		want        *big.Rat
	}{
		{"learned", 5.5, 2.25, big.NewRat(13, 4)},
		{"learned nothing", 2, 2, new(big.Rat)},
		{"unlearned", 2, 3, new(big.Rat)},
		{"began as no number", nan, 1, new(big.Rat)},
		{"became no number", 1, nan, new(big.Rat)},
		{"began infinite", inf, 1, new(big.Rat)},
		{"became infinite", 1, -inf, new(big.Rat)},
		{"a difference that float32 rounds away", 1, -tiny,
			new(big.Rat).Add(big.NewRat(1, 1), new(big.Rat).SetFloat64(float64(tiny)))},
	} {
		if got := Utility(c.first, c.last); got.Cmp(c.want) != 0 {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// TestALieAboutALossIsBounded: a first loss that others do not have counts for nothing, and no last loss is below 0.
func TestALieAboutALossIsBounded(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(-1))
	first, last := []float32{4, 4, 4, 4}, []float32{1, 2, 3, 4}
	for _, lie := range []float32{3e38, -3e38, 0, nan, inf, 100} {
		said := append([]float32{lie}, first[1:]...)
		for i, u := range Utilities(said, last) {
			if want := Utility(4, last[i]); u.Cmp(want) != 0 {
				t.Errorf("first loss %v: run %d is worth %v, want %v", lie, i, u, want)
			}
		}
		said = append([]float32{lie}, last[1:]...)
		if u := Utilities(first, said)[0]; u.Sign() < 0 || u.Cmp(big.NewRat(4, 1)) > 0 {
			t.Errorf("last loss %v: the run is worth %v", lie, u)
		}
	}
	if u := Utilities([]float32{nan, inf}, []float32{1, 2}); u[0].Sign() != 0 || u[1].Sign() != 0 {
		t.Errorf("runs without a number are worth %v", u)
	}
}

// A polynomial game gives each set of portions a worth that only shows when all
// of them are there.
type polynomial map[Coalition]int64

func randomGame(r *rand.Rand, portions, together int) polynomial {
	game := polynomial{}
	for c := Coalition(1); c <= all(portions); c++ {
		if c.Size() <= together {
			game[c] = r.Int64N(200) - 60
		}
	}
	for u := range portions { // so that the sum, by which values are scaled, is positive
		game[1<<u] += 5000
	}
	return game
}

func (g polynomial) utility(c Coalition) *big.Rat {
	var sum int64
	for set, worth := range g {
		if c&set == set {
			sum += worth
		}
	}
	return big.NewRat(sum, 7)
}

// shapley divides the worth of each set equally among its portions.
func (g polynomial) shapley(portions int) []*big.Rat {
	values := zeros(portions)
	for set, worth := range g {
		for u := range portions {
			if set.Has(u) {
				values[u].Add(values[u], big.NewRat(worth, 7*int64(set.Size())))
			}
		}
	}
	return values
}

func measured(t *testing.T, method string, portions int, utility func(Coalition) *big.Rat) []*big.Rat {
	t.Helper()
	d, err := NewDesign(method, portions)
	if err != nil {
		t.Fatal(err)
	}
	utilities := make([]*big.Rat, len(d.Coalitions))
	for i, c := range d.Coalitions {
		utilities[i] = utility(c)
	}
	values, err := d.Values(utilities)
	if err != nil {
		t.Fatal(err)
	}
	return values
}

func same(t *testing.T, what string, got, want []*big.Rat) {
	t.Helper()
	for i := range want {
		if got[i].Cmp(want[i]) != 0 {
			t.Fatalf("%s: portion %d is worth %v, want %v", what, i, got[i], want[i])
		}
	}
}

// Portions that add up, and portions that act in pairs, are valued exactly, whatever
// their number.
func TestMeasureIsExactForPairs(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for portions := 1; portions <= MaxPortions; portions++ {
		for together := 1; together <= 2; together++ {
			game := randomPairs(r, portions, together)
			same(t, "pairs", measured(t, Measure, portions, game.utility), game.shapley(portions))
		}
	}
}

// randomPairs is randomGame for many portions.
func randomPairs(r *rand.Rand, portions, together int) polynomial {
	game := polynomial{}
	for a := range portions {
		game[1<<a] = 5000 + r.Int64N(200)
		for b := range a {
			if together == 2 {
				game[1<<a|1<<b] = r.Int64N(200) - 60
			}
		}
	}
	return game
}

func TestExactIsShapley(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for portions := 1; portions <= MaxExact; portions++ {
		game := randomGame(r, portions, portions)
		same(t, "all subsets", measured(t, Exact, portions, game.utility), game.shapley(portions))
	}
}

// Against Owen's integral of the expected gain, written down as it stands and
// summed over all coalitions: alone and last are its ends, and half is its
// middle where the design holds every coalition (up to three portions).
func TestMeasureIsSimpsonOfOwen(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for portions := 1; portions <= 3; portions++ {
		game := randomGame(r, portions, portions)
		want := zeros(portions)
		for u := range want {
			sum := owen(game, portions, u, big.NewRat(0, 1))
			middle := owen(game, portions, u, big.NewRat(1, 2))
			sum.Add(sum, middle.Mul(middle, big.NewRat(4, 1)))
			sum.Add(sum, owen(game, portions, u, big.NewRat(1, 1)))
			want[u] = sum.Mul(sum, big.NewRat(1, 6))
		}
		same(t, "Owen", want, game.shapley(portions)) // Simpson is exact for cubics
		same(t, "measure", measured(t, Measure, portions, game.utility), want)
	}
}

// owen is the expected gain by portion u where each other portion is there with chance p.
func owen(g polynomial, portions, u int, p *big.Rat) *big.Rat {
	sum := new(big.Rat)
	absent := new(big.Rat).Sub(big.NewRat(1, 1), p)
	for c := Coalition(0); c <= all(portions); c++ {
		if c.Has(u) {
			continue
		}
		term := new(big.Rat).Sub(g.utility(c|1<<u), g.utility(c))
		for other := range portions {
			if other != u && c.Has(other) {
				term.Mul(term, p)
			} else if other != u {
				term.Mul(term, absent)
			}
		}
		sum.Add(sum, term)
	}
	return sum
}

func TestValuesSumToTheTotal(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for range 50 {
		portions := 1 + r.IntN(MaxPortions)
		total := map[Coalition]*big.Rat{}
		utility := func(c Coalition) *big.Rat {
			if total[c] == nil {
				total[c] = Utility(4, 3-float32(c.Size())/40-r.Float32()/10)
			}
			return total[c]
		}
		sum := new(big.Rat)
		for _, v := range measured(t, Measure, portions, utility) {
			sum.Add(sum, v)
		}
		if sum.Cmp(total[all(portions)]) != 0 {
			t.Fatalf("%d portions sum to %v, not to %v", portions, sum, total[all(portions)])
		}
	}
}

// Who stands where in the spec changes nothing for utilities that the estimate
// has exactly, and nothing at all for the method exact.
func TestOrderOfPortionsChangesNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for _, c := range []struct {
		method             string
		portions, together int
	}{{Measure, 3, 3}, {Measure, 10, 2}, {Measure, 13, 2}, {Exact, 5, 5}} {
		game, order := randomGame(r, c.portions, c.together), r.Perm(c.portions)
		moved := polynomial{}
		for set, worth := range game {
			var to Coalition
			for u := range c.portions {
				if set.Has(u) {
					to |= 1 << order[u]
				}
			}
			moved[to] = worth
		}
		here, there := measured(t, c.method, c.portions, game.utility), measured(t, c.method, c.portions, moved.utility)
		for u := range here {
			if here[u].Cmp(there[order[u]]) != 0 {
				t.Fatalf("%s of %d: portion %d is worth %v, and %v where it stands at %d", c.method, c.portions, u, here[u],
					there[order[u]], order[u])
			}
		}
	}
}

// Portions that do nothing get nothing, harm is negative, and twins get the same.
func TestPlantedPortions(t *testing.T) {
	const idle, harm, twin, other = 2, 5, 7, 9
	utility := func(c Coalition) *big.Rat {
		sum := int64(bits.OnesCount32(uint32(c&^(1<<idle|1<<harm|1<<twin|1<<other)))) * 100
		if c.Has(harm) {
			sum -= 20
		}
		if c.Has(twin) || c.Has(other) {
			sum += 100
		}
		return big.NewRat(max(0, sum), 1)
	}
	values := measured(t, Measure, 10, utility)
	if values[idle].Sign() != 0 || values[harm].Sign() >= 0 {
		t.Errorf("idle %v, harm %v", values[idle], values[harm])
	}
	if values[twin].Cmp(values[other]) != 0 || values[twin].Cmp(values[0]) >= 0 {
		t.Errorf("twins %v and %v, a portion of its own %v", values[twin], values[other], values[0])
	}
}

func TestNothingLearnedIsNoValue(t *testing.T) {
	d, err := NewDesign(Measure, 4)
	if err != nil {
		t.Fatal(err)
	}
	values, err := d.Values(zeros(len(d.Coalitions)))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "nothing", values, zeros(4))
}

// All portions do harm together, each alone is of use: no scale, no swapped signs.
func TestEstimatesThatSumToLessThanNothing(t *testing.T) {
	d, err := NewDesign(Measure, 2)
	if err != nil {
		t.Fatal(err)
	}
	values, err := d.Values([]*big.Rat{new(big.Rat), big.NewRat(1, 1), new(big.Rat)})
	if err != nil {
		t.Fatal(err)
	}
	if values[0].Sign() != 0 && values[0].Sign() == values[1].Sign() {
		t.Fatalf("values %v", values)
	}
}

func TestUtilitiesMustFit(t *testing.T) {
	d, err := NewDesign(Measure, 3)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range [][]*big.Rat{nil, zeros(len(d.Coalitions) - 1), zeros(len(d.Coalitions) + 1),
		make([]*big.Rat, len(d.Coalitions))} {
		if _, err := d.Values(bad); !errors.Is(err, ErrUtilities) {
			t.Errorf("%d utilities: %v", len(bad), err)
		}
	}
}

// BenchmarkValues is what a block pays to settle the largest measured job.
func BenchmarkValues(b *testing.B) {
	r := rand.New(rand.NewPCG(11, 12))
	for b.Loop() {
		d, err := NewDesign(Measure, MaxPortions)
		if err != nil {
			b.Fatal(err)
		}
		utilities := make([]*big.Rat, len(d.Coalitions))
		for i := range utilities {
			utilities[i] = Utility(9, r.Float32()*8)
		}
		if _, err := d.Values(utilities); err != nil {
			b.Fatal(err)
		}
	}
}

package nn

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/minga-network/minga/kernel"
)

// slowChoice draws by the words of Sampling's comment, with sorting and a search
// through all floors that could be.
func slowChoice(s Sampling, logits []float32, random uint64) (choice int32, kept []int) {
	most := slices.Max(logits)
	weights := make([]uint64, len(logits))
	total := uint64(0)
	for i, x := range logits {
		if weights[i] = 1 << 23; x < most {
			weights[i] = 0
			if s.Temperature > 0 {
				weights[i] = uint64(weight(false, kernel.Exp((x-most)/s.Temperature)))
			}
		}
		total += weights[i]
	}
	floors := slices.Clone(weights)
	slices.Sort(floors)
	slices.Reverse(floors)
	sum, floor := uint64(0), uint64(0)
	for _, w := range floors {
		sum += w
		floor = w
		if float64(sum) >= float64(total)/TopPWhole*float64(s.TopP) {
			break
		}
	}
	sum = 0
	for i, w := range weights {
		if w >= floor && w > 0 {
			kept = append(kept, i)
			sum += w
		}
	}
	threshold := float64(random) / 0x1p64 * float64(sum)
	below := uint64(0)
	for _, i := range kept {
		if below += weights[i]; float64(below) > threshold {
			return int32(i), kept
		}
	}
	return 0, kept
}

func TestAFloorKeepsTheMostLikely(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		logits := make([]float32, 1+r.IntN(300))
		spread := math.Pow(10, float64(r.IntN(4)-1))
		for i := range logits {
			logits[i] = float32(r.NormFloat64() * spread)
		}
		s := Sampling{Temperature: r.Float32() * 2, TopP: 1 + r.Uint32N(TopPWhole), Seed: r.Uint64()}
		_, kept := slowChoice(s, logits, 0)
		d := NewSampler(newBackend(t, "", 1), len(logits))
		weights := d.weights
		d.weigh(s, weights, logits, slices.Max(logits))
		floor := s.floor(weights)
		var got []int
		for i, w := range weights {
			if w >= floor && w > 0 {
				got = append(got, i)
			}
		}
		if !slices.Equal(got, kept) {
			t.Fatalf("%+v keeps %v, want %v", s, got, kept)
		}
		if id := d.Choose(s, logits, 3); !slices.Contains(kept, int(id)) {
			t.Fatalf("%+v: chose %d, not one of %v", s, id, kept)
		}
	}
}

// Choose takes short ways; they lead where sample's own do.
func TestChooseIsTheOperator(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 2))
	for range 3000 {
		logits := someFloats(r, 1+r.IntN(60))
		s := Sampling{
			Temperature: []float32{0, 0, 1, 0.1, float32(math.NaN()), -1}[r.IntN(6)],
			TopP:        []uint32{TopPWhole, TopPWhole, 0, 1, r.Uint32N(TopPWhole), r.Uint32()}[r.IntN(6)],
			Seed:        r.Uint64(),
		}
		d := NewSampler(newBackend(t, "", 1), len(logits))
		d.weigh(s, d.weights, logits, largest(logits))
		want := s.draw(d.weights, s.floor(d.weights), 7)
		if got := d.Choose(s, logits, 7); got != want {
			t.Fatalf("%+v of %v: %d, want %d", s, logits, got, want)
		}
	}
}

func TestChooseFollowsTheProbabilities(t *testing.T) {
	logits := []float32{1, 3, 2, float32(math.Inf(-1)), 2, 0}
	const draws = 20000
	for _, c := range []struct {
		name        string
		temperature float32
		topP        float64
		allowed     []int
	}{
		{"all", 1, 1, []int{0, 1, 2, 4, 5}},
		{"flat", 5, 1, []int{0, 1, 2, 4, 5}},
		{"only the best", 1, 0.3, []int{1}},
		{"all equals", 1, 0.6, []int{1, 2, 4}},
		{"without the last", 1, 0.96, []int{0, 1, 2, 4}},
		{"cold", 0.01, 1, []int{1}},
		{"greedy", 0, 1, []int{1}},
	} {
		want, total := make([]float64, len(logits)), 0.0
		for _, i := range c.allowed {
			want[i] = math.Exp((float64(logits[i]) - 3) / math.Max(float64(c.temperature), 1e-3))
			total += want[i]
		}
		got, d := make([]float64, len(logits)), NewSampler(newBackend(t, "", 1), len(logits))
		s := Sampling{Temperature: c.temperature, TopP: uint32(c.topP * TopPWhole), Seed: 9}
		for i := range draws {
			got[d.Choose(s, logits, i)]++
		}
		for i := range got {
			p := want[i] / total
			// five standard deviations
			if math.Abs(got[i]/draws-p) > 5*math.Sqrt(p*(1-p)/draws)+1e-9 {
				t.Errorf("%s: token %d was drawn %v of %d times, want %.3f", c.name, i, got[i], draws, p)
			}
		}
	}
}

func TestGreedyTakesTheFirstOfTheBest(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, c := range []struct {
		logits []float32
		want   int32
	}{
		{[]float32{1, 5, 5}, 1}, {[]float32{-3, -2, -9}, 1}, {[]float32{7}, 0}, {[]float32{1, nan, 2}, 2},
		{[]float32{nan, nan}, 0},
		{[]float32{-1, float32(math.Copysign(0, -1)), 0}, 1}, {[]float32{1, inf, inf}, 1}, {[]float32{nan, -inf, -inf}, 1},
	} {
		s := Sampling{TopP: TopPWhole / 3}
		if got := NewSampler(newBackend(t, "", 1), len(c.logits)).Choose(s, c.logits, 1); got != c.want {
			t.Errorf("%v: %d, want %d", c.logits, got, c.want)
		}
	}
}

// A model that was trained to pieces must not bring its worker down.
func TestBrokenLogitsStillGiveAToken(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, logits := range [][]float32{{nan, nan}, {nan, 1}, {inf, 1}, {inf, inf}, {-inf, -inf},
		{math.MaxFloat32, -math.MaxFloat32}} {
		for _, topP := range []uint32{1, TopPWhole / 2, TopPWhole} {
			for _, temperature := range []float32{0, math.SmallestNonzeroFloat32, 1, 100} {
				s := Sampling{Temperature: temperature, TopP: topP, Seed: 1}
				if id := NewSampler(newBackend(t, "", 1), len(logits)).Choose(s, logits, 1); id < 0 || int(id) >= len(logits) {
					t.Errorf("%v: %d", logits, id)
				}
			}
		}
	}
}

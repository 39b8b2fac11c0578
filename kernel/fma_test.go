package kernel

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// hardCases are triples of special values, and triples whose sum lies next to a
// midpoint of two float32, also below the normal range: there a double rounding
// shows.
func hardCases(r *rand.Rand, n int) [][3]float32 {
	cases := make([][3]float32, 0, n)
	for _, a := range special {
		for _, b := range special {
			for _, c := range special {
				cases = append(cases, [3]float32{a, b, c})
			}
		}
	}
	for len(cases) < n {
		// (1+i·2^-23)(1-i·2^-23) is a little less than 1, so with c = m·2^e the
		// sum is a little off c ± half of its last place.
		i := float64(r.Uint32N(300)) * 0x1p-23
		e := r.IntN(200) - 149
		sign := float64(1 - 2*r.IntN(2))
		cases = append(cases, [3]float32{
			float32(math.Ldexp(1+i, (e-1)/2)),
			float32(sign * math.Ldexp(1-i, e-1-(e-1)/2)),
			float32(math.Ldexp(float64(r.Uint32N(1<<24)>>(r.IntN(2)*r.IntN(24))), e)),
		})
	}
	return cases
}

// exactFMA rounds the exact a·b+c once, by big.Float.
func exactFMA(a, b, c float32) float32 {
	x := new(big.Float).SetPrec(1000).Mul(big.NewFloat(float64(a)).SetPrec(1000), big.NewFloat(float64(b)))
	x.Add(x, big.NewFloat(float64(c)))
	y, _ := x.Float32()
	return y
}

func finite(x ...float32) bool {
	for _, v := range x {
		if math.IsInf(float64(v), 0) || v != v {
			return false
		}
	}
	return true
}

func TestFMA32IsExact(t *testing.T) {
	doubled := 0
	for _, v := range hardCases(rand.New(rand.NewPCG(1, 2)), 400_000) {
		a, b, c := v[0], v[1], v[2]
		if !finite(a, b, c) {
			continue
		}
		got, want := FMA32(a, b, c), exactFMA(a, b, c)
		if got != want {
			t.Fatalf("FMA32(%x, %x, %x) = %x, want %x", a, b, c, got, want)
		}
		if float32(math.FMA(float64(a), float64(b), float64(c))) != want {
			doubled++
		}
	}
	if doubled < 10_000 {
		t.Fatalf("only %d cases would catch a double rounding: they are not hard", doubled)
	}
}

// TestFMA32MatchesHardware compares through one step of each tile, signs of
// zero, infinities and NaN included.
func TestFMA32MatchesHardware(t *testing.T) {
	cases := hardCases(rand.New(rand.NewPCG(3, 4)), 200_000)
	for name, m := range micros() {
		last := m.tiles[len(m.tiles)-1]
		for i := 0; i+last.cols <= len(cases); i += last.cols {
			a := cases[i][0]
			b, c := make([]float32, last.cols), make([]float32, last.cols)
			for j := range b {
				b[j], c[j] = cases[i+j][1], cases[i+j][2]
			}
			want := make([]float32, last.cols)
			for j := range want {
				want[j] = FMA32(a, b[j], c[j])
			}
			last.fold(0, 1, []float32{a}, 1, 1, b, last.cols, c, last.cols)
			requireSame(t, name, c, want)
		}
	}
}

package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// special are values on which sloppy arithmetic shows.
var special = []float32{
	0, float32(math.Copysign(0, -1)), 1, -1, 1.5, math.MaxFloat32, -math.MaxFloat32,
	math.SmallestNonzeroFloat32, -math.SmallestNonzeroFloat32, 0x1p-126, -0x1p-127, 0x1.fffffep-127,
	0x1p-75, -0x1p-74, 1e-20, 1 + 0x1p-23, 1 - 0x1p-24, 0x1p24, 0x1.000002p24, 1e19, -1e19,
	88.8, -88.8, -95, -104, // about where an exponential leaves its range
	float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()),
}

// values fills n floats: mostly ordinary, of wide range, or special ones.
func values(r *rand.Rand, n int, kind string) []float32 {
	x := make([]float32, n)
	for i := range x {
		switch {
		case kind == "special" && r.IntN(40) == 0:
			x[i] = special[r.IntN(len(special))]
		case kind == "wide":
			x[i] = float32(math.Ldexp(r.NormFloat64(), r.IntN(200)-130))
		case kind == "tiny":
			x[i] = float32(math.Ldexp(r.NormFloat64(), -60-r.IntN(80)))
		default:
			x[i] = float32(r.NormFloat64())
		}
	}
	return x
}

func requireSame(t *testing.T, what string, got, want []float32) {
	t.Helper()
	for i := range want {
		if !same(got[i], want[i]) {
			t.Fatalf("%s: element %d is %v (%08x), want %v (%08x)", what, i,
				got[i], math.Float32bits(got[i]), want[i], math.Float32bits(want[i]))
		}
	}
}

func requireAllSame(t *testing.T, what string, got, want [][]float32) {
	t.Helper()
	for i := range want {
		requireSame(t, fmt.Sprintf("%s, output %d", what, i), got[i], want[i])
	}
}

func backend(t testing.TB, name string, threads int) *Backend {
	t.Helper()
	b, err := New(name, threads)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// firstThreads is the fewest threads to try a backend with, up to 3: the slow
// reference need not prove much.
func firstThreads(name string) int {
	if name == "reference" {
		return 3
	}
	return 1
}

// rubbish is what a destination may hold before.
func rubbish(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(math.NaN())
	}
	return x
}

// same is equality of bits, with all NaN equal.
func same(a, b float32) bool {
	return math.Float32bits(a) == math.Float32bits(b) || a != a && b != b
}

// draws makes inputs; two with the same seed make the same.
type draws struct {
	*rand.Rand
	edges bool // mix in subnormals, infinities, NaN, zeros of both signs
}

func (d draws) floats(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(d.NormFloat64() * 3)
		if d.edges && d.IntN(40) == 0 {
			x[i] = special[d.IntN(len(special))]
		}
	}
	return x
}

// size is mostly small and ragged, at times large enough for several threads.
func (d draws) size(small, large int) int {
	if d.IntN(4) == 0 {
		return 1 + d.IntN(large)
	}
	return 1 + d.IntN(small)
}

func (d draws) tokens(n, vocab int) []int32 {
	t := make([]int32, n)
	for i := range t {
		t[i] = int32(d.IntN(vocab))
	}
	return t
}

package kernel

import (
	"math"
	"testing"
)

// ulps is the distance of got from the exact want in units of want's last float32 place.
func ulps(got float32, want float64) float64 {
	if math.IsInf(want, 0) || math.Abs(want) >= 0x1.ffffffp127 {
		if math.IsInf(float64(got), 0) && (got > 0) == (want > 0) {
			return 0
		}
		return math.Inf(1)
	}
	_, e := math.Frexp(want)
	return math.Abs(float64(got)-want) / math.Ldexp(1, max(e-24, -149))
}

// worst is the largest error of f against the float64 function over all float32
// with the given stride of bits, of both signs, up to limit.
func worst(t *testing.T, f func(float32) float32, exact func(float64) float64, from, limit float32) (float64, float32) {
	t.Helper()
	stride := uint32(257)
	if testing.Short() {
		stride = 65537
	}
	var most float64
	var at float32
	for i := math.Float32bits(from); i < math.Float32bits(limit); i += stride {
		for _, x := range [2]float32{math.Float32frombits(i), -math.Float32frombits(i)} {
			if x < 0 && math.IsNaN(exact(float64(x))) {
				continue
			}
			if u := ulps(f(x), exact(float64(x))); u > most {
				most, at = u, x
			}
		}
	}
	return most, at
}

func TestFunctionsAreAccurate(t *testing.T) {
	for _, c := range []struct {
		name        string
		f           func(float32) float32
		exact       func(float64) float64
		from, limit float32
		bound       float64
	}{
		{"Exp", Exp, math.Exp, 0, 110, 1.1},
		{"Log", Log, math.Log, 0x1p-149, math.MaxFloat32, 1},
		{"Sin up to 2^20", Sin, math.Sin, 0, 0x1p20, 2},
		{"Cos up to 2^20", Cos, math.Cos, 0, 0x1p20, 2},
		{"Sin", Sin, math.Sin, 0x1p20, math.MaxFloat32, 2},
		{"Cos", Cos, math.Cos, 0x1p20, math.MaxFloat32, 2},
		{"Sqrt", Sqrt, math.Sqrt, 0, math.MaxFloat32, 0.5},
	} {
		most, at := worst(t, c.f, c.exact, c.from, c.limit)
		t.Logf("%s: at most %.3f ulp, at %g", c.name, most, at)
		if most > c.bound {
			t.Errorf("%s(%g) is off by %.3f ulp, more than %g", c.name, at, most, c.bound)
		}
	}
}

func TestAnglesNearMultiplesOfHalfPi(t *testing.T) {
	for k := range 1 << 20 {
		x := float32(float64(k) * (math.Pi / 2))
		if u := ulps(Sin(x), math.Sin(float64(x))); u > 2 {
			t.Fatalf("Sin(%g) is off by %.3f ulp", x, u)
		}
		if u := ulps(Cos(x), math.Cos(float64(x))); u > 2 {
			t.Fatalf("Cos(%g) is off by %.3f ulp", x, u)
		}
	}
}

func TestFunctionsAtTheEdges(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	for _, c := range []struct {
		name      string
		got, want float32
	}{
		{"Exp(0)", Exp(0), 1},
		{"Exp(-0)", Exp(float32(math.Copysign(0, -1))), 1},
		{"Exp just below overflow", Exp(88.72283), float32(math.Exp(float64(float32(88.72283))))},
		{"Exp just above overflow", Exp(88.72284), inf},
		{"Exp(+Inf)", Exp(inf), inf},
		{"Exp(-Inf)", Exp(-inf), 0},
		{"Exp to the smallest subnormal", Exp(-103.9), 0x1p-149},
		{"Exp below it", Exp(-103.973), 0},
		{"Exp(NaN)", Exp(nan), nan},
		{"Log(1)", Log(1), 0},
		{"Log(0)", Log(0), -inf},
		{"Log(-0)", Log(float32(math.Copysign(0, -1))), -inf},
		{"Log(-1)", Log(-1), nan},
		{"Log(+Inf)", Log(inf), inf},
		{"Log(-Inf)", Log(-inf), nan},
		{"Log(NaN)", Log(nan), nan},
		{"Sin(0)", Sin(0), 0},
		{"Cos(0)", Cos(0), 1},
		{"Sin(+Inf)", Sin(inf), nan},
		{"Cos(-Inf)", Cos(-inf), nan},
		{"Sin(NaN)", Sin(nan), nan},
		{"Cos(NaN)", Cos(nan), nan},
		{"Sqrt(-1)", Sqrt(-1), nan},
		{"Sqrt(+Inf)", Sqrt(inf), inf},
	} {
		if !same(c.got, c.want) {
			t.Errorf("%s = %g, want %g", c.name, c.got, c.want)
		}
	}
}

// The loops have their own exponential: it is Exp at every exponent and near every edge.
func TestExpInRowsIsExp(t *testing.T) {
	const n = 1 << 12
	stride := uint32(1009)
	if testing.Short() {
		stride = 50021
	}
	x, y := make([]float32, n), make([]float32, n)
	for _, name := range Names() {
		b := backend(t, name, 1)
		for first := uint64(0); first < 1<<32; first += n * uint64(stride) {
			for i := range x {
				x[i] = math.Float32frombits(uint32(first) + uint32(i)*stride)
			}
			b.expSum(y, x, 0)
			for i, v := range x {
				if want := Exp(v); !same(y[i], want) {
					t.Fatalf("%s: e^%g is %g in a row, %g alone", name, v, y[i], want)
				}
			}
		}
	}
}

// A maximum does not depend on the order of its row, also when zeros of both signs
// or NaN are in it.
func TestRowMax(t *testing.T) {
	inf, nan, zero := float32(math.Inf(1)), float32(math.NaN()), float32(math.Copysign(0, -1))
	for _, c := range []struct {
		name      string
		some      []float32 // the row is made of these
		last      float32   // and ends with this
		want, sum float32
	}{
		{"zeros of both signs", []float32{-1, zero, 0}, zero, 0, 0},
		{"only a negative zero", []float32{-1, -2}, zero, 0, 0},
		{"NaN passed over", []float32{nan, -1, 1}, 3, 3, nan},
		{"only NaN", []float32{nan}, nan, -inf, nan},
		{"only minus infinity", []float32{-inf}, -inf, -inf, nan},
		{"infinity", []float32{1, -inf, inf}, inf, inf, nan},
	} {
		for _, name := range Names() {
			b := backend(t, name, 1)
			for n := 1; n < 70; n++ {
				row := make([]float32, n)
				for i := range row {
					row[i] = c.some[(i*7+n)%len(c.some)]
				}
				row[n-1] = c.last
				got, sum := b.softmaxRow(row, row, n)
				if !same(got, c.want) {
					t.Fatalf("%s, %d elements, %s: %x, want %x", c.name, n, name, got, c.want)
				}
				if n > 3 && (c.sum != c.sum) != (sum != sum) {
					t.Fatalf("%s, %d elements, %s: sum of exponentials %g", c.name, n, name, sum)
				}
			}
		}
	}
}

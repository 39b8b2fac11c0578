package kernel

import (
	"math"
	"testing"
)

// The vectors are those of the Random123 distribution, philox4x32-10.
func TestPhiloxKnownAnswers(t *testing.T) {
	const ones = 0xffffffff
	for _, c := range []struct {
		key       uint64
		ctr, want [4]uint32
	}{
		{0, [4]uint32{}, [4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{ones<<32 | ones, [4]uint32{ones, ones, ones, ones}, [4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
		{0x299f31d0a4093822, [4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
			[4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
	} {
		if got := Philox(c.key, c.ctr); got != c.want {
			t.Errorf("Philox(%x, %x) = %x, want %x", c.key, c.ctr, got, c.want)
		}
	}
}

func TestUniformIsUniform(t *testing.T) {
	const n = 1 << 18
	var cells [16]int
	for i := range uint64(n) {
		u := Uniform(7, 3, i)
		if u < 0 || u >= 1 || u*0x1p24 != float32(int(u*0x1p24)) {
			t.Fatalf("Uniform = %g, want a multiple of 2^-24 in [0, 1)", u)
		}
		cells[int(u*16)]++
	}
	var chi float64
	for _, c := range cells {
		chi += (float64(c) - n/16) * (float64(c) - n/16) / (n / 16)
	}
	if chi > 37.7 { // one in a thousand with 15 degrees of freedom; the draw is fixed
		t.Errorf("chi² of 16 cells is %.1f", chi)
	}
	if Uniform(7, 3, 1<<32) == Uniform(7, 3, 0) || Uniform(7, 1<<32, 0) == Uniform(7, 0, 0) ||
		Uniform(1<<32, 0, 0) == Uniform(0, 0, 0) {
		t.Error("the upper half of an argument is not used")
	}
}

func TestNormalIsNormal(t *testing.T) {
	b := backend(t, "portable", 2)
	y := make([]float32, 1<<18)
	b.Normal(y, 11, 5, 2)
	var moments [5]float64
	for _, v := range y {
		for p := range moments {
			moments[p] += math.Pow(float64(v)/2, float64(p)) / float64(len(y))
		}
	}
	for p, want := range []float64{1, 0, 1, 0, 3} {
		if math.Abs(moments[p]-want) > 0.03 { // three standard errors of the fourth moment are 0.057·…
			t.Errorf("moment %d of standard normals is %.4f, want %g", p, moments[p], want)
		}
	}
	var neighbours float64
	for i := 1; i < len(y); i++ {
		neighbours += float64(y[i]) * float64(y[i-1]) / 4 / float64(len(y))
	}
	if math.Abs(neighbours) > 0.01 {
		t.Errorf("neighbours are correlated: %.4f", neighbours)
	}
	short := make([]float32, 5)
	b.Normal(short, 11, 5, 2)
	for i, v := range short {
		if v != y[i] {
			t.Errorf("element %d depends on the length: %g, %g", i, v, y[i])
		}
	}
}

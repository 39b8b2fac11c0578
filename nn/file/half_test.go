package file

import (
	"math"
	"math/rand"
	"testing"
)

// widen is the exact float64 of a half.
func widen(h uint16) float64 {
	sign := 1.0
	if h>>15 == 1 {
		sign = -1
	}
	exponent, fraction := int(h>>10&31), float64(h&1023)
	switch exponent {
	case 0:
		return sign * math.Ldexp(fraction, -24)
	case 31:
		if fraction != 0 {
			return math.NaN()
		}
		return sign * math.Inf(1)
	}
	return sign * math.Ldexp(1024+fraction, exponent-25)
}

func TestHalfKeepsEveryHalf(t *testing.T) {
	for h := range uint32(1 << 16) {
		f := widen(uint16(h))
		got := float16(float32(f))
		if math.IsNaN(f) {
			if !math.IsNaN(widen(got)) {
				t.Fatalf("NaN %04x becomes %04x", h, got)
			}
		} else if got != uint16(h) {
			t.Fatalf("%v is %04x, want %04x", f, got, h)
		}
	}
}

// TestHalfIsNearest looks at the middle between two neighbouring halves and
// one float32 to each side of it.
func TestHalfIsNearest(t *testing.T) {
	for h := range uint16(0x7c00) {
		low, high := widen(h), widen(h+1)
		if h+1 == 0x7c00 {
			high = 65536
		}
		middle := float32((low + high) / 2) // exact: one bit more than a half has
		even := h + h&1
		for _, c := range []struct {
			f    float32
			want uint16
		}{
			{math.Nextafter32(middle, 0), h},
			{middle, even},
			{math.Nextafter32(middle, math.MaxFloat32), h + 1},
		} {
			if got := float16(c.f); got != c.want {
				t.Fatalf("%v is %04x, want %04x", c.f, got, c.want)
			}
			if got := float16(-c.f); got != c.want|0x8000 {
				t.Fatalf("%v is %04x, want %04x", -c.f, got, c.want|0x8000)
			}
		}
	}
	for range 100000 {
		f := math.Float32frombits(rand.Uint32())
		if g := widen(float16(f)); math.Abs(float64(f)) > 65520 && !math.IsInf(g, 0) ||
			math.IsNaN(float64(f)) != math.IsNaN(g) {
			t.Fatalf("%v becomes %v", f, g)
		}
	}
}

package kernel

import "math"

// FMA32 returns a·b+c rounded once to float32, to nearest even: what a hardware
// fused multiply-add gives.
//
// The product of two float32 is exact in float64, so s below differs from
// a·b+c by one rounding to 53 bits. Rounding s again to 24 bits goes wrong only
// if s lies exactly between two float32 while the exact sum does not, and that
// is visible in s: for a result in the normal range its low 29 bits are then
// 1000…0. Those, and everything below the normal range, take the long way.
func FMA32(a, b, c float32) float32 {
	p := float64(a) * float64(b)
	s := p + float64(c)
	u := math.Float64bits(s)
	if u&(1<<29-1) == 1<<28 || u<<1 < smallestNormal {
		return roundOnce(p, float64(c), s)
	}
	return float32(s)
}

// smallestNormal is 2^-126 as float64 bits without the sign.
const smallestNormal = (1023 - 126) << 53

// roundOnce rounds p+c to float32, where s is p+c rounded to float64. It makes
// s odd in its last bit whenever s is inexact (Boldo and Melquiond, "Emulation
// of FMA and correctly rounded sums", 2008): an odd s is no midpoint of
// float32, so the last conversion sees on which side the exact sum lies.
func roundOnce(p, c, s float64) float32 {
	// TwoSum (Knuth): e is exactly p+c-s while all is finite.
	t := s - p
	e := (p - (s - t)) + (c - t)
	u := math.Float64bits(s)
	inexact := e > 0 || e < 0 // false for NaN
	if !inexact || u&1 == 1 {
		return float32(s)
	}
	if (e > 0) == (s > 0) {
		return float32(math.Float64frombits(u + 1))
	}
	return float32(math.Float64frombits(u - 1))
}

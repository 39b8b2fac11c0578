package file

import "math"

// float16 rounds a float32 to IEEE 754 binary16, to nearest even: too large
// becomes infinity, subnormals are kept, NaN stays a (quiet) NaN.
func float16(f float32) uint16 {
	b := math.Float32bits(f)
	sign := uint16(b >> 16 & 0x8000)
	b &= 0x7fffffff
	switch {
	case b > 0x7f800000:
		return sign | 0x7e00
	case b >= 0x477ff000: // 65520, halfway between the largest half and the next
		return sign | 0x7c00
	case b < 0x33000000: // below half of the smallest half, 2⁻²⁴
		return sign
	case b < 0x38800000: // below the smallest normal half, 2⁻¹⁴
		significand := b&0x7fffff | 0x800000
		return sign | uint16(roundShift(significand, 126-b>>23))
	}
	// A carry out of the fraction steps the exponent, as it should.
	return sign | uint16(roundShift(b-112<<23, 13))
}

// roundShift is x/2ⁿ to nearest even, for n of 1 to 31.
func roundShift(x, n uint32) uint32 {
	odd := x >> n & 1
	return (x + 1<<(n-1) - 1 + odd) >> n
}

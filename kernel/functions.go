package kernel

import (
	"math"
	"math/bits"
)

// The functions below are fixed sequences of separately rounded float32 + − × ÷
// (written float32(x*y)+z, so that no compiler fuses them) and of integer
// operations. They never call package math's own versions, which are assembly on
// some machines and differ there in the last bit. The polynomials interpolate at
// Chebyshev nodes; the coefficients were computed with 600 bits.

const (
	log2e = 1.44269502
	ln2Hi = 0.693145752    // 15 bits: products with integers below 2^9 are exact
	ln2Lo = 1.42860677e-06 // ln 2 − ln2Hi

	// roundMagic added to a float32 below 2^22 leaves no room for a fraction: the sum's
	// low bits are the nearest integer.
	roundMagic     = 12582912 // 1.5 · 2^23
	roundMagicBits = 0x4b400000
	infinityBits   = 0x7f800000

	exp0, exp1, exp2, exp3, exp4 = 0.5, 0.166665763, 0.0416665524, 0.00836334564, 0.00139263924
	log0, log1, log2             = 0.666666865, 0.399885505, 0.295903176
	sin0, sin1, sin2             = -0.166666642, 0.00833273679, -0.000195853732
	cos0, cos1, cos2             = 0.0416666642, -0.00138882909, 2.45454194e-05
)

// Exp returns e^x within 1.1 ulp (measured 1.02), also where the result is
// subnormal. It is +Inf above 88.722839, 0 below −103.97208, NaN for NaN.
func Exp(x float32) float32 { return expScale(expReduce(x)) }

// expReduce writes e^x = y · 2^n with y in [0.70, 1.42] and returns n as n + roundMagic.
// It is apart from expScale so that the compiler inlines both in the loops over rows.
func expReduce(x float32) (y, n float32) {
	n = float32(x*log2e) + roundMagic
	k := n - roundMagic
	r := x - float32(k*ln2Hi) - float32(k*ln2Lo)
	p := float32((float32((float32((float32(r*exp4)+exp3)*r)+exp2)*r)+exp1)*r) + exp0
	return 1 + (r + float32(float32(r*r)*p)), n
}

// expScale returns y · 2^n in two factors: 2^n itself may not be a float32. The
// first product is exact, so a subnormal result is rounded once. Where n is out of
// range, y is without meaning and not looked at.
func expScale(y, n float32) float32 {
	switch {
	case n > roundMagic+129:
		return math.Float32frombits(infinityBits)
	case n < roundMagic-151:
		return 0
	}
	i := int32(math.Float32bits(n)) - roundMagicBits
	h := i >> 1
	y = float32(y * math.Float32frombits(uint32(h+127)<<23))
	return float32(y * math.Float32frombits(uint32(i-h+127)<<23)) // not to be fused with a caller's +
}

// Log returns the natural logarithm of x within 1 ulp (measured 0.9), for subnormal x too. It is
// −Inf for ±0, NaN for x < 0 and NaN, +Inf for +Inf.
func Log(x float32) float32 {
	switch {
	case x != x || x < 0:
		return float32(math.NaN())
	case x == 0:
		return float32(math.Inf(-1))
	case x > math.MaxFloat32:
		return x
	}
	var e int32
	if x < 0x1p-126 {
		x *= 0x1p25
		e = -25
	}
	// x = 2^e · (1+f) with 1+f in [√½, √2)
	const sqrtHalf = 0x3f3504f3
	i := int32(math.Float32bits(x)) - sqrtHalf
	e += i >> 23
	f := math.Float32frombits(uint32(i&0x7fffff+sqrtHalf)) - 1
	// With s = f/(2+f): log(1+f) = 2s + s³Q(s²), and 2s = f − s·f.
	s := f / (2 + f)
	z := float32(s * s)
	q := float32((float32((float32(z*log2)+log1)*z) + log0) * z)
	k := float32(e)
	return float32(k*ln2Hi) + (f - (float32(s*(f-q)) - float32(k*ln2Lo)))
}

// Sin returns sin x within 2 ulp (measured 1.5) for every finite x: the argument is
// reduced with 256 bits of 2/π. It is NaN for infinities and NaN.
func Sin(x float32) float32 {
	r, quadrant := reduceAngle(x)
	return sinQuadrant(r, quadrant)
}

// Cos returns cos x within 2 ulp (measured 1.5) for every finite x, NaN for
// infinities and NaN.
func Cos(x float32) float32 {
	r, quadrant := reduceAngle(x)
	return sinQuadrant(r, quadrant+1)
}

// sinQuadrant returns sin(r + quadrant·π/2) for |r| ≤ π/4.
func sinQuadrant(r float32, quadrant uint32) float32 {
	z := float32(r * r)
	var y float32
	if quadrant&1 == 0 {
		p := float32((float32(z*sin2)+sin1)*z) + sin0
		y = r + float32(float32(r*z)*p)
	} else {
		p := float32((float32(z*cos2)+cos1)*z) + cos0
		y = 1 - (float32(z*0.5) - float32(float32(z*z)*p))
	}
	if quadrant&2 != 0 {
		return -y
	}
	return y
}

// twoOverPi is 2/π in binary: 64 zero bits, then the fraction.
var twoOverPi = [5]uint64{0, 0xa2f9836e4e441529, 0xfc2757d1f534ddc0, 0xdb6295993c439041, 0xfe5163abdebbc561}

// reduceAngle writes x = r + quadrant·π/2 modulo 2π with |r| ≤ π/4, after Payne and
// Hanek (1983): |x| = m·2^e with an integer m, and only those bits of 2/π are
// multiplied by m that are neither whole turns nor below the precision kept.
func reduceAngle(x float32) (r float32, quadrant uint32) {
	const quarterPi = 0x3f490fdb
	b := math.Float32bits(x)
	a := b &^ (1 << 31)
	if a <= quarterPi {
		return x, 0
	}
	if a >= infinityBits {
		return float32(math.NaN()), 0
	}
	m := uint64(a&0x7fffff | 0x800000)
	start := uint(a>>23) - 150 + 62 // e + 62: the bit that weighs half a turn
	carry, _ := bits.Mul64(m, piBits(start+64))
	turn := m*piBits(start) + carry // quarter turns, two bits before the point and 62 after

	quadrant = uint32((turn + 1<<61) >> 62)
	frac := int64(turn - uint64(quadrant)<<62)
	negative := frac < 0
	if negative {
		frac = -frac
	}
	const halfPi = 0x6487ed5110b4611a // π/2 · 2^62
	h, _ := bits.Mul64(uint64(frac), halfPi)
	r = float32(int64(h)) * 0x1p-60
	if negative {
		r = -r
	}
	if b != a { // sin and cos of −x by the opposite angle
		return -r, -quadrant
	}
	return r, quadrant
}

// piBits returns 64 bits of twoOverPi from bit start on.
func piBits(start uint) uint64 {
	i, s := start/64, start%64
	return twoOverPi[i]<<s | twoOverPi[i+1]>>(64-s)
}

// Sqrt returns the correctly rounded square root: for float32 arguments, rounding
// the float64 root once more gives just that.
func Sqrt(x float32) float32 { return float32(math.Sqrt(float64(x))) }

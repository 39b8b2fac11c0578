package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A span is a row of n elements, n a positive multiple of 16. Of the last 16 only some
// count. The row is read several times.
type span struct {
	simd
	i, end reg.Register // bytes; end is where the last 16 elements begin
	mask   memory       // ones for the elements of the last 16 that count
}

// beginSpan starts a function whose parameters n and last are how many elements
// there are and how many of the last 16 count.
func (s simd) beginSpan(name, doc, params string) *span {
	TEXT(name+s.name, NOSPLIT, "func(n, last int, "+params+")")
	Pragma("noescape")
	Doc(name + s.name + " " + doc)
	x := &span{simd: s, i: GP64()}
	end := Load(Param("n"), GP64())
	SHLQ(U8(2), end)
	SUBQ(U8(64), end)
	x.end = end
	last, table := Load(Param("last"), GP64()), GP64()
	LEAQ(maskTable(), table)
	SHLQ(U8(2), last)
	SUBQ(last, table)
	x.mask = memory{Mem{Base: table, Disp: 64}, s.bytes}
	return x
}

var masks struct {
	at   Mem
	done bool
}

// maskTable is 16 words of ones before 16 of zeros.
func maskTable() Mem {
	if !masks.done {
		masks.at, masks.done = GLOBL("rowsmasks", RODATA|NOPTR), true
		for i := range 32 {
			DATA(4*i, U32((1<<32-1)*(1-i/16)))
		}
	}
	return masks.at
}

func (x *span) row(pointer string) memory {
	return memory{Mem{Base: Load(Param(pointer), GP64()), Index: x.i, Scale: 1}, x.bytes}
}

// pass emits body for all elements, and tells it whether these are the last 16.
func (x *span) pass(label string, body func(last bool)) {
	XORQ(x.i, x.i)
	CMPQ(x.i, x.end)
	JEQ(LabelRef("last" + label))
	Label("pass" + label)
	body(false)
	ADDQ(U8(64), x.i)
	CMPQ(x.i, x.end)
	JNE(LabelRef("pass" + label))
	Label("last" + label)
	body(true)
}

func (s simd) zeros() vec {
	v := s.vec()
	for i := range v {
		s.xor(v[i], v[i], v[i])
	}
	return v
}

// bitwise picks the form of an instruction for the registers: AVX-512 has one for each
// width of lanes, AVX2 has one for all.
func (s simd) bitwise(wide func(...Op), narrow func(x, y, z Op), a vec, b operand) vec {
	if s.name == "512" {
		return s.each(wide, a, b)
	}
	return s.each(func(ops ...Op) { narrow(ops[0], ops[1], ops[2]) }, a, b)
}

// kept is v with zeros for the elements that do not count.
func (x *span) kept(v vec) vec { return x.bitwise(VPANDD, VPAND, v, x.mask) }

// filled is v with fill for the elements that do not count.
func (x *span) filled(v vec, fill memory) vec {
	rest := x.bitwise(VPANDND, VPANDN, x.load(x.mask), fill)
	return x.bitwise(VPORD, VPOR, x.kept(v), rest)
}

// folded adds the lanes from left to right, for which it writes them to memory. The
// sum is in every lane then.
func (s simd) folded(acc vec, room Mem) everywhere {
	s.store(acc, memory{room, s.bytes})
	sum := XMM()
	VMOVSS(room, sum)
	for l := 1; l < 16; l++ {
		VADDSS(room.Offset(4*l), sum, sum)
	}
	return s.repeated(sum)
}

// repeated is a register with the first element of another in every lane.
func (s simd) repeated(x reg.VecVirtual) everywhere {
	r := s.register()
	VBROADCASTSS(x, r)
	return everywhere{r}
}

// largest is the largest lane, +0 for -0. No lane is a NaN.
func (s simd) largest(acc vec) everywhere {
	var half reg.VecVirtual // 8 lanes
	if s.name == "512" {
		half = YMM()
		VEXTRACTF64X4(U8(1), acc[0], half)
		VMAXPS(acc[0].AsY(), half, half)
	} else {
		half = acc[0]
		VMAXPS(acc[1], half, half)
	}
	most, other := XMM(), XMM()
	VEXTRACTF128(U8(1), half, most)
	VMAXPS(half.AsX(), most, most)
	VPERMILPS(U8(0x4e), most, other)
	VMAXPS(other, most, most)
	VPERMILPS(U8(0xb1), most, other)
	VMAXPS(other, most, most)
	VXORPS(other, other, other)
	VADDSS(other, most, most)
	return s.repeated(most)
}

// first is the first element of a vec that has the same value in every lane.
func (s simd) first(e everywhere, to Mem) { VMOVSS(e.AsX(), to) }

// softmaxScores emits kernel's function of the same name: the row times scale,
// its maximum, exponentials, their sum, quotients. Elements that do not count are
// minus infinity, so their exponential is +0 and changes no sum.
func softmaxScores(s simd) {
	x := s.beginSpan("softmaxScores", "turns scores into probabilities.", "row *float32, scale float32, max, sum *float32")
	row, scale, room := x.row("row"), s.argument("scale"), AllocLocal(64)
	most := s.load(word(0xff800000))
	x.pass("scale", func(last bool) {
		v := s.mul(s.load(row), scale)
		if last {
			v = x.filled(v, word(0xff800000))
		}
		s.store(v, row)
		s.set(most, s.larger(v, most))
	})
	m := s.largest(most)
	s.first(m, Mem{Base: Load(Param("max"), GP64())})
	acc := s.zeros()
	x.pass("exp", func(bool) {
		e := s.exp(s.sub(s.load(row), m))
		s.store(e, row)
		s.set(acc, s.add(acc, e))
	})
	sum := s.folded(acc, room)
	s.first(sum, Mem{Base: Load(Param("sum"), GP64())})
	x.pass("divide", func(last bool) {
		v := s.div(s.load(row), sum)
		if last {
			v = x.kept(v)
		}
		s.store(v, row)
	})
	VZEROUPPER()
	RET()
}

// scoresGrad emits kernel's function of the same name: dot of p and dp, then the
// gradient of the scores.
func scoresGrad(s simd) {
	x := s.beginSpan("scoresGrad", "writes (p·(dp−dot))·scale to ds, where dot is Σp·dp.",
		"ds, p, dp *float32, scale float32, dot *float32")
	ds, p, dp, scale, room := x.row("ds"), x.row("p"), x.row("dp"), s.argument("scale"), AllocLocal(64)
	acc := s.zeros()
	x.pass("dot", func(last bool) {
		v, w := s.load(p), s.load(dp)
		if last {
			v, w = x.kept(v), x.kept(w)
			s.store(w, dp)
		}
		s.set(acc, s.add(acc, s.mul(v, w)))
	})
	sum := s.folded(acc, room)
	s.first(sum, Mem{Base: Load(Param("dot"), GP64())})
	x.pass("grad", func(last bool) {
		v := s.mul(s.mul(s.sub(s.load(dp), sum), p), scale)
		if last {
			v = x.kept(v)
		}
		s.store(v, ds)
	})
	VZEROUPPER()
	RET()
}

package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// simd is a vector instruction set.
type simd struct {
	name     string
	bytes    int // of a register
	register func() reg.VecVirtual
}

var (
	avx512 = simd{"512", 64, ZMM}
	avx2   = simd{"256", 32, YMM}
)

func (s simd) zero() reg.VecVirtual {
	x := s.register()
	s.xor(x, x, x)
	return x
}

// xor is VXORPS, or an equal instruction where that needs more than AVX512F.
func (s simd) xor(ops ...Op) {
	if s.name == "512" {
		VPXORD(ops...)
	} else {
		VXORPS(ops[0], ops[1], ops[2])
	}
}

// A vec is 16 elements: one register or two.
type vec []reg.VecVirtual

func (s simd) vec() vec {
	v := make(vec, 64/s.bytes)
	for i := range v {
		v[i] = s.register()
	}
	return v
}

// An operand has a part for each register of a vec.
type operand interface{ part(i int) Op }

func (v vec) part(i int) Op { return v[i] }

// memory is 16 elements at an address; a constant repeats one element there, so
// that its parts are the same for any width.
type memory struct {
	at     Mem
	stride int // bytes between parts
}

func (m memory) part(i int) Op { return m.at.Offset(i * m.stride) }

// everywhere is one register, which is the operand of all parts.
type everywhere struct{ reg.VecVirtual }

func (e everywhere) part(int) Op { return e.VecVirtual }

var constants = map[uint32]memory{}

// constant is the float32 x in every lane.
func constant(x float32) memory { return word(math.Float32bits(x)) }

// word is the 32 bit x in every lane.
func word(x uint32) memory {
	m, ok := constants[x]
	if !ok {
		g := GLOBL(fmt.Sprintf("rows%08x", x), RODATA|NOPTR)
		for i := range 16 {
			DATA(4*i, U32(x))
		}
		m = memory{at: g}
		constants[x] = m
	}
	return m
}

// each applies a two-operand instruction in Go's order: dst = a op b for op(b, a, dst).
func (s simd) each(op func(...Op), a vec, b operand) vec {
	dst := s.vec()
	for i := range dst {
		op(b.part(i), a[i], dst[i])
	}
	return dst
}

func (s simd) add(a vec, b operand) vec { return s.each(VADDPS, a, b) }
func (s simd) sub(a vec, b operand) vec { return s.each(VSUBPS, a, b) }
func (s simd) mul(a vec, b operand) vec { return s.each(VMULPS, a, b) }
func (s simd) div(a vec, b operand) vec { return s.each(VDIVPS, a, b) }

// larger is a where a > b and b elsewhere, also where one is NaN.
func (s simd) larger(a vec, b operand) vec { return s.each(VMAXPS, a, b) }

// smaller is a where a < b and b elsewhere, also where one is NaN.
func (s simd) smaller(a vec, b operand) vec { return s.each(VMINPS, a, b) }

func (s simd) sqrt(a vec) vec {
	dst := s.vec()
	for i := range dst {
		VSQRTPS(a[i], dst[i])
	}
	return dst
}

func (s simd) load(m operand) vec {
	dst := s.vec()
	for i := range dst {
		VMOVUPS(m.part(i), dst[i])
	}
	return dst
}

func (s simd) store(v vec, m operand) {
	for i := range v {
		VMOVUPS(v[i], m.part(i))
	}
}

// set overwrites an accumulator.
func (s simd) set(dst, v vec) {
	for i := range dst {
		VMOVAPS(v[i], dst[i])
	}
}

// broadcast is a float32 in memory in every lane.
func (s simd) broadcast(m Mem) everywhere {
	r := s.register()
	VBROADCASTSS(m, r)
	return everywhere{r}
}

// argument is a float32 parameter in every lane.
func (s simd) argument(name string) everywhere {
	a, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	return s.broadcast(a.Addr)
}

// splat makes a vec of an operand, for the left side of an operation.
func (s simd) splat(e everywhere) vec {
	v := make(vec, 64/s.bytes)
	for i := range v {
		v[i] = e.VecVirtual
	}
	return v
}

// A loop is a function over n elements, n a positive multiple of 16. The elements have
// the same index behind each of its pointers.
type loop struct {
	simd
	i, end reg.Register
	rows   map[string]memory
}

// begin starts a function whose first parameter is n int, followed by the
// named pointers and then what extra says.
func (s simd) begin(name, doc, extra string, pointers ...string) *loop {
	list := ""
	for _, p := range pointers {
		list += ", " + p
	}
	TEXT(name+s.name, NOSPLIT, "func(n int"+list+" *float32"+extra+")")
	Pragma("noescape")
	Doc(name + s.name + " " + doc)
	l := &loop{simd: s, rows: map[string]memory{}}
	end := Load(Param("n"), GP64())
	SHLQ(U8(2), end)
	i := GP64()
	XORQ(i, i)
	l.i, l.end = i, end
	for _, p := range pointers {
		base := Load(Param(p), GP64())
		l.rows[p] = memory{Mem{Base: base, Index: i, Scale: 1}, s.bytes}
	}
	return l
}

// at is the loop's part of a row.
func (l *loop) at(row string) memory { return l.rows[row] }

// repeat emits the loop around body and what comes after it.
func (l *loop) repeat(body, after func()) {
	Label("turn")
	body()
	ADDQ(U8(64), l.i)
	CMPQ(l.i, l.end)
	JNE(LabelRef("turn"))
	after()
	VZEROUPPER()
	RET()
}

// fixed is 16 elements behind a pointer parameter that does not move.
func (s simd) fixed(name string) memory {
	return memory{Mem{Base: Load(Param(name), GP64())}, s.bytes}
}

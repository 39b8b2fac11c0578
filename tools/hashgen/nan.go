package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// unordered searches 64 numbers a turn. Two numbers are unordered when either
// is NaN, so that one comparison looks at two registers.
func unordered() {
	const isUnordered = 3 // predicate of VCMPPS
	TEXT("unordered", NOSPLIT, "func(n int, xs *float32) bool")
	Pragma("noescape")
	Doc("unordered tells whether one of n numbers, n a positive multiple of 64, is NaN.")
	n, xs, found := Load(Param("n"), GP64()), Load(Param("xs"), GP64()), GP32()
	Label("turn")
	x := []reg.VecVirtual{YMM(), YMM(), YMM(), YMM()}
	for i, x := range x {
		VMOVUPS(Mem{Base: xs, Disp: 64 * i}, x)
		VCMPPS(U8(isUnordered), Mem{Base: xs, Disp: 64*i + 32}, x, x)
	}
	VORPS(x[0], x[1], x[1])
	VORPS(x[2], x[3], x[3])
	VORPS(x[1], x[3], x[3])
	VMOVMSKPS(x[3], found)
	TESTL(found, found)
	JNZ(LabelRef("done"))
	ADDQ(U32(256), xs)
	SUBQ(U8(64), n)
	JNZ(LabelRef("turn"))
	Label("done")
	TESTL(found, found)
	SETNE(found.As8())
	Store(found.As8(), ReturnIndex(0))
	VZEROUPPER()
	RET()
}

package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// unordered searches 64 numbers a turn. Two numbers are unordered when either
// is NaN, so that one comparison looks at two registers.
func unordered() {
	const isUnordered = 3 // predicate of VCMPPS
	TEXT("unordered", NOSPLIT, "func(n int, xs *float32) bool")
	Pragma("noescape")
	Doc("unordered tells whether one of n numbers, n a positive multiple of 64, is NaN.")
	n, xs := Load(Param("n"), GP64()), Load(Param("xs"), GP64())
	x, y, found, also := ZMM(), ZMM(), K(), K()
	Label("turn")
	VMOVUPS(Mem{Base: xs}, x)
	VMOVUPS(Mem{Base: xs, Disp: 128}, y)
	VCMPPS(U8(isUnordered), Mem{Base: xs, Disp: 64}, x, found)
	VCMPPS(U8(isUnordered), Mem{Base: xs, Disp: 192}, y, also)
	KORTESTW(found, also)
	JNZ(LabelRef("done"))
	ADDQ(U32(256), xs)
	SUBQ(U8(64), n)
	JNZ(LabelRef("turn"))
	Label("done")
	result := GP8()
	KORTESTW(found, also)
	SETNE(result)
	Store(result, ReturnIndex(0))
	VZEROUPPER()
	RET()
}

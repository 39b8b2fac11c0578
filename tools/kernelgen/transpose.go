package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// transpose turns 8 rows into 8 columns, 8 by 8 at a time.
func transpose() {
	TEXT("transpose8", NOSPLIT, "func(n int, src *float32, srcRow int, dst *float32, dstRow int)")
	Pragma("noescape")
	Doc("transpose8 writes the 8 rows of src, n blocks of 8 long, as 8 columns of dst.")
	n := Load(Param("n"), GP64())
	src := Load(Param("src"), GP64())
	srcRow := Load(Param("srcRow"), GP64())
	dst := Load(Param("dst"), GP64())
	dstRow := Load(Param("dstRow"), GP64())
	SHLQ(U8(2), srcRow)
	SHLQ(U8(2), dstRow)
	Label("block")
	row := GP64()
	MOVQ(src, row)
	var x [8]reg.VecVirtual
	for i := range x {
		x[i] = YMM()
		VMOVUPS(Mem{Base: row}, x[i])
		ADDQ(srcRow, row)
	}
	for _, y := range transposed(x) {
		VMOVUPS(y, Mem{Base: dst})
		ADDQ(dstRow, dst)
	}
	ADDQ(Imm(32), src)
	DECQ(n)
	JNZ(LabelRef("block"))
	VZEROUPPER()
	RET()
}

// transposed emits the three rounds of shuffles of an 8 by 8 transposition:
// pairs of rows, pairs of pairs, then the 128-bit halves.
func transposed(x [8]reg.VecVirtual) [8]reg.VecVirtual {
	var pairs, quads, out [8]reg.VecVirtual
	for i := 0; i < 8; i += 2 {
		pairs[i], pairs[i+1] = YMM(), YMM()
		VUNPCKLPS(x[i+1], x[i], pairs[i])
		VUNPCKHPS(x[i+1], x[i], pairs[i+1])
	}
	for i := 0; i < 8; i += 4 {
		for half := range 2 {
			lo, hi := pairs[i+half], pairs[i+half+2]
			quads[i+2*half], quads[i+2*half+1] = YMM(), YMM()
			VSHUFPS(Imm(0x44), hi, lo, quads[i+2*half])
			VSHUFPS(Imm(0xee), hi, lo, quads[i+2*half+1])
		}
	}
	for i := range 4 {
		out[i], out[i+4] = YMM(), YMM()
		VPERM2F128(Imm(0x20), quads[i+4], quads[i], out[i])
		VPERM2F128(Imm(0x31), quads[i+4], quads[i], out[i+4])
	}
	return out
}

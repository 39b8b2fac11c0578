package main

import (
	"strconv"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// transpose turns rows into columns, in blocks of 8 by 8. There are 8 rows, or 12, or
// fewer than 8; with fewer it also writes 8 elements.
func transpose(rows int) {
	name := "transpose" + strconv.Itoa(rows)
	TEXT(name, NOSPLIT, "func(n int, src *float32, srcRow int, dst *float32, dstRow int)")
	Pragma("noescape")
	doc := []string{name + " writes the " + strconv.Itoa(rows) + " rows of src, n blocks of 8 long, as " +
		strconv.Itoa(rows) + " columns of dst."}
	if rows < 8 {
		doc = append(doc, "After each row of dst it writes up to 8 elements that do not count.")
	}
	Doc(doc...)
	n := Load(Param("n"), GP64())
	src := Load(Param("src"), GP64())
	srcRow := Load(Param("srcRow"), GP64())
	dst := Load(Param("dst"), GP64())
	dstRow := Load(Param("dstRow"), GP64())
	SHLQ(U8(2), srcRow)
	SHLQ(U8(2), dstRow)
	below := GP64() // bytes from a row to the row that is rows further down
	MOVQ(srcRow, below)
	IMUL3Q(U32(uint32(rows)), below, below)
	Label("block")
	row := GP64()
	MOVQ(src, row)
	for first := 0; first < rows; first += 8 {
		var x [8]reg.VecVirtual
		for i := range x {
			x[i] = x[0]
			if first+i < rows {
				x[i] = YMM()
				VMOVUPS(Mem{Base: row}, x[i])
				PREFETCHT0(Mem{Base: row, Index: below, Scale: 1})
				ADDQ(srcRow, row)
			}
		}
		to := GP64()
		MOVQ(dst, to)
		for _, y := range transposed(x) {
			if at := (Mem{Base: to, Disp: 4 * first}); first == 0 {
				VMOVUPS(y, at)
			} else {
				VMOVUPS(y.AsX(), at)
			}
			ADDQ(dstRow, to)
		}
		if first+8 >= rows {
			MOVQ(to, dst)
		}
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

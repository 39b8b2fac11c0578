package main

import (
	"strconv"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// scatter copies rows to panels that are width elements wide. The first elements of
// each row go to the first panel, the next elements to the next one.
func scatter(width int) {
	name := "scatter" + strconv.Itoa(width)
	TEXT(name, NOSPLIT, "func(rows, panels int, src *float32, srcRow int, dst *float32, panel int)")
	Pragma("noescape")
	Doc(name + " copies rows of src to panels of dst, " + strconv.Itoa(width) +
		" elements of a row to each, that are panel elements apart.")
	arg := func(name string) reg.Register { return Load(Param(name), GP64()) }
	rows, panels, srcRow, panel := arg("rows"), arg("panels"), arg("srcRow"), arg("panel")
	src, dst := arg("src"), arg("dst")
	SHLQ(U8(2), srcRow)
	SHLQ(U8(2), panel)
	Label("row")
	from, to, left := GP64(), GP64(), GP64()
	MOVQ(src, from)
	MOVQ(dst, to)
	MOVQ(panels, left)
	Label("panel")
	at := 0
	for ; width*4-at >= 32; at += 32 {
		move(VMOVUPS, YMM(), from, to, at)
	}
	if width*4-at >= 16 {
		move(VMOVUPS, XMM(), from, to, at)
		at += 16
	}
	if width*4-at >= 8 {
		move(func(ops ...Op) { MOVQ(ops[0], ops[1]) }, GP64(), from, to, at)
	}
	ADDQ(U32(uint32(width*4)), from)
	ADDQ(panel, to)
	DECQ(left)
	JNZ(LabelRef("panel"))
	ADDQ(srcRow, src)
	ADDQ(U32(uint32(width*4)), dst)
	DECQ(rows)
	JNZ(LabelRef("row"))
	VZEROUPPER()
	RET()
}

func move(op func(...Op), through Op, from, to reg.Register, at int) {
	op(Mem{Base: from, Disp: at}, through)
	op(through, Mem{Base: to, Disp: at})
}

package main

import (
	"strconv"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Flags of a stack, the same as in package kernel; fresh is another one.
const partial = 8 // only the columns of the mask exist in c

const (
	unrolled = 4  // steps of a stack's loop
	apart    = 16 // floats between the elements that a stack reads for one tile and for the next, as in package kernel
)

// A stackWriter is a stack while it is emitted: tiles on top of each other.
type stackWriter struct {
	simd
	rows    int
	acc     [][]reg.VecVirtual // rows × vectors
	flags   reg.Register
	a, b    reg.Register
	c, cRow reg.Register
	mask    reg.Register        // the address of the mask in memory
	opmask  []reg.OpmaskVirtual // the same for AVX-512
}

// stack emits tiles of rows × 2 vectors, one below the other, whose factors lie
// packed in the order in which they are read:
//
//	c[i, j] = FMA(a[p*rows+i], b[p*cols+j], c[i, j]) for p = 0, 1, … k-1
//
// The a of the next tile begins apart floats after the end of this one, its c begins a
// row below; b is the same for all tiles.
func stack(s simd, rows int) {
	name := "stack" + s.name + "x" + strconv.Itoa(rows)
	TEXT(name, NOSPLIT, "func(flags, tiles, k int, a, b, c *float32, cRow int, mask *uint32)")
	Pragma("noescape")
	Doc(name + " folds k steps into tiles of " + strconv.Itoa(rows) + " rows of " +
		strconv.Itoa(2*s.bytes/4) + " accumulators.")
	arg := func(name string) reg.Register { return Load(Param(name), GP64()) }
	x := &stackWriter{
		simd: s, rows: rows, flags: arg("flags"), a: arg("a"), b: GP64(), c: arg("c"), cRow: arg("cRow"), mask: arg("mask"),
	}
	tiles, k, panel := arg("tiles"), arg("k"), arg("b")
	SHLQ(U8(2), x.cRow)
	for range rows {
		x.acc = append(x.acc, []reg.VecVirtual{s.register(), s.register()})
	}
	x.loadMask()
	Label("tile")
	x.loadAccumulators()
	MOVQ(panel, x.b)
	x.steps(k)
	x.storeAccumulators()
	ADDQ(U8(4*apart), x.a)
	DECQ(tiles)
	JNZ(LabelRef("tile"))
	VZEROUPPER()
	RET()
}

// steps emits the loop over k, some steps at a time.
func (x *stackWriter) steps(k reg.Register) {
	turns := GP64()
	MOVQ(k, turns)
	SHRQ(U8(2), turns)
	JZ(LabelRef("rest"))
	Label("turn")
	for p := range unrolled {
		x.step(p)
	}
	ADDQ(U32(uint32(unrolled*x.rows*4)), x.a)
	ADDQ(U32(uint32(unrolled*2*x.bytes)), x.b)
	DECQ(turns)
	JNZ(LabelRef("turn"))
	Label("rest")
	MOVQ(k, turns)
	ANDQ(U8(unrolled-1), turns)
	JZ(LabelRef("folded"))
	Label("one")
	x.step(0)
	ADDQ(U8(x.rows*4), x.a)
	ADDQ(U32(uint32(2*x.bytes)), x.b)
	DECQ(turns)
	JNZ(LabelRef("one"))
	Label("folded")
}

// step emits the FMAs of the step p after the next.
func (x *stackWriter) step(p int) {
	var b [2]reg.VecVirtual
	for v := range b {
		b[v] = x.register()
		VMOVUPS(Mem{Base: x.b, Disp: (2*p + v) * x.bytes}, b[v])
	}
	for i, row := range x.acc {
		a := x.register()
		VBROADCASTSS(Mem{Base: x.a, Disp: 4 * (p*x.rows + i)}, a)
		for v, acc := range row {
			VFMADD231PS(b[v], a, acc)
		}
	}
}

func (x *stackWriter) loadMask() {
	if x.name != "512" {
		return
	}
	for v := range 2 {
		m, k := x.register(), K()
		VMOVUPS(Mem{Base: x.mask, Disp: v * x.bytes}, m)
		VPTESTMD(m, m, k)
		x.opmask = append(x.opmask, k)
	}
}

// loadAccumulators loads the accumulators. It also prefetches the rows of c that the
// next tile loads or writes. Prefetching beyond the end of c does nothing.
func (x *stackWriter) loadAccumulators() {
	next := GP64()
	MOVQ(x.c, next)
	for range x.rows {
		ADDQ(x.cRow, next)
	}
	for range x.rows {
		for at := 0; at < 2*x.bytes; at += 64 {
			PREFETCHT0(Mem{Base: next, Disp: at})
		}
		ADDQ(x.cRow, next)
	}
	TESTQ(U32(fresh), x.flags)
	JZ(LabelRef("load"))
	for _, row := range x.acc {
		for _, acc := range row {
			x.xor(acc, acc, acc)
		}
	}
	JMP(LabelRef("loaded"))
	Label("load")
	TESTQ(U32(partial), x.flags)
	JNZ(LabelRef("loadpart"))
	c := GP64()
	MOVQ(x.c, c)
	x.eachVector(c, func(at Mem, acc reg.VecVirtual, _ int) { VMOVUPS(at, acc) })
	JMP(LabelRef("loaded"))
	Label("loadpart")
	masks := x.masks()
	MOVQ(x.c, c)
	x.eachVector(c, func(at Mem, acc reg.VecVirtual, v int) {
		if x.name == "512" {
			VMOVUPS_Z(at, masks[v], acc)
		} else {
			VMASKMOVPS(at, masks[v], acc)
		}
	})
	Label("loaded")
}

// storeAccumulators moves c to the next tile.
func (x *stackWriter) storeAccumulators() {
	TESTQ(U32(partial), x.flags)
	JNZ(LabelRef("storepart"))
	x.eachVector(x.c, func(at Mem, acc reg.VecVirtual, _ int) { VMOVUPS(acc, at) })
	JMP(LabelRef("stored"))
	Label("storepart")
	masks := x.masks()
	x.eachVector(x.c, func(at Mem, acc reg.VecVirtual, v int) {
		if x.name == "512" {
			VMOVUPS(acc, masks[v], at)
		} else {
			VMASKMOVPS(acc, masks[v], at)
		}
	})
	Label("stored")
}

// masks are the registers that choose columns.
func (x *stackWriter) masks() (masks [2]Op) {
	for v := range masks {
		if x.name == "512" {
			masks[v] = x.opmask[v]
			continue
		}
		m := x.register()
		VMOVUPS(Mem{Base: x.mask, Disp: v * x.bytes}, m)
		masks[v] = m
	}
	return masks
}

// eachVector walks the rows of c and ends below them.
func (x *stackWriter) eachVector(c reg.Register, emit func(at Mem, acc reg.VecVirtual, v int)) {
	for _, row := range x.acc {
		for v, acc := range row {
			emit(Mem{Base: c, Disp: v * x.bytes}, acc, v)
		}
		ADDQ(x.cRow, c)
	}
}

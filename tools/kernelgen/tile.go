package main

import (
	"strconv"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Flags of a tile, the same as in package kernel.
const (
	fresh  = 1 // accumulators start at +0 instead of c
	before = 2 // a triangle of steps before the common ones
	after  = 4 // a triangle of steps after them
)

// A kernel holds the registers of a tile while it is emitted.
type kernel struct {
	simd
	rows int
	acc  [][]reg.VecVirtual // rows × vectors
	bvec []reg.VecVirtual   // one step's part of b

	a           []reg.GPVirtual // the addresses of rows 0, 3, 6 and 9
	aRow, aStep reg.Register
	b, bStep    reg.Register
	c, cRow     reg.Register
	flags, k    reg.Register
}

// tile emits rows × vectors accumulators that fold k steps:
//
//	c[i, j] = FMA(a[i, p], b[p, j], c[i, j]) for p = 0, 1, … k-1
//
// with a[i, p] at a[i*aRow+p*aStep], b[p, j] at b[p*bStep+j]. The triangles
// are rows-1 further steps: before, step p belongs to the rows up to p; after,
// step k+p belongs to the rows beyond p.
func tile(s simd, rows, vectors int) {
	name := "tile" + s.name + "x" + strconv.Itoa(rows)
	TEXT(name, NOSPLIT, "func(flags, k int, a *float32, aRow, aStep int, b *float32, bStep int, c *float32, cRow int)")
	Pragma("noescape")
	Doc(name + " folds k steps into " + strconv.Itoa(rows) + " rows of " +
		strconv.Itoa(vectors*s.bytes/4) + " accumulators.")
	x := load(s, rows, vectors)
	x.loadAccumulators()
	if rows > 1 {
		x.prefetchBelow()
		x.triangle("before", before, func(step, row int) bool { return row <= step })
	}
	TESTQ(x.k, x.k)
	JZ(LabelRef("folded"))
	Label("step")
	x.step(func(int) bool { return true })
	DECQ(x.k)
	JNZ(LabelRef("step"))
	Label("folded")
	if rows > 1 {
		x.triangle("after", after, func(step, row int) bool { return row > step })
	}
	x.storeAccumulators()
	VZEROUPPER()
	RET()
}

// load reads the arguments into registers. Strides are in bytes there.
func load(s simd, rows, vectors int) *kernel {
	x := &kernel{simd: s, rows: rows}
	arg := func(name string) reg.Register { return Load(Param(name), GP64()) }
	x.flags, x.k = arg("flags"), arg("k")
	x.a = []reg.GPVirtual{GP64()}
	Load(Param("a"), x.a[0])
	x.aRow, x.aStep = arg("aRow"), arg("aStep")
	x.b, x.bStep = arg("b"), arg("bStep")
	x.c, x.cRow = arg("c"), arg("cRow")
	for _, stride := range []reg.Register{x.aRow, x.aStep, x.bStep, x.cRow} {
		SHLQ(U8(2), stride)
	}
	for i := 3; i < rows; i += 3 {
		next, last := GP64(), x.a[len(x.a)-1]
		LEAQ(Mem{Base: last, Index: x.aRow, Scale: 2}, next)
		ADDQ(x.aRow, next)
		x.a = append(x.a, next)
	}
	for range rows {
		row := make([]reg.VecVirtual, vectors)
		for v := range row {
			row[v] = s.register()
		}
		x.acc = append(x.acc, row)
	}
	if rows > 1 || vectors == 2 {
		for range vectors {
			x.bvec = append(x.bvec, s.register())
		}
	}
	return x
}

// row is the address of a's element in row i of the current step.
func (x *kernel) row(i int) Mem {
	m := Mem{Base: x.a[i/3]}
	if i%3 > 0 {
		m.Index, m.Scale = x.aRow, uint8(i%3)
	}
	return m
}

// step emits one FMA for each accumulator of the chosen rows and goes on to
// the next step's operands.
func (x *kernel) step(chosen func(row int) bool) {
	for v, b := range x.bvec {
		VMOVUPS(Mem{Base: x.b, Disp: v * x.bytes}, b)
	}
	for i, row := range x.acc {
		if !chosen(i) {
			continue
		}
		a := x.register()
		VBROADCASTSS(x.row(i), a)
		for v, acc := range row {
			if x.bvec != nil {
				VFMADD231PS(x.bvec[v], a, acc)
			} else {
				VFMADD231PS(Mem{Base: x.b, Disp: v * x.bytes}, a, acc)
			}
		}
	}
	for _, a := range x.a {
		ADDQ(x.aStep, a)
	}
	ADDQ(x.bStep, x.b)
}

// triangle emits rows-1 steps under a flag, each for its own rows.
func (x *kernel) triangle(name string, flag uint64, chosen func(step, row int) bool) {
	TESTQ(U32(flag), x.flags)
	JZ(LabelRef("no" + name))
	for p := range x.rows - 1 {
		x.step(func(row int) bool { return chosen(p, row) })
	}
	Label("no" + name)
}

func (x *kernel) loadAccumulators() {
	TESTQ(U32(fresh), x.flags)
	JZ(LabelRef("load"))
	for _, row := range x.acc {
		for _, acc := range row {
			x.xor(acc, acc, acc)
		}
	}
	JMP(LabelRef("loaded"))
	Label("load")
	x.eachRow(func(c reg.Register, row []reg.VecVirtual) {
		for v, acc := range row {
			VMOVUPS(Mem{Base: c, Disp: v * x.bytes}, acc)
		}
	})
	Label("loaded")
}

// prefetchBelow prefetches the rows of c below the tile while it folds, since they are
// the next tile's. Prefetching beyond the end of c does nothing.
func (x *kernel) prefetchBelow() {
	c := GP64()
	MOVQ(x.c, c)
	for range x.rows {
		ADDQ(x.cRow, c)
	}
	for i, row := range x.acc {
		if i > 0 {
			ADDQ(x.cRow, c)
		}
		for at := 0; at < len(row)*x.bytes; at += 64 {
			PREFETCHT0(Mem{Base: c, Disp: at})
		}
	}
}

func (x *kernel) storeAccumulators() {
	x.eachRow(func(c reg.Register, row []reg.VecVirtual) {
		for v, acc := range row {
			VMOVUPS(acc, Mem{Base: c, Disp: v * x.bytes})
		}
	})
}

// eachRow walks the rows of c.
func (x *kernel) eachRow(emit func(c reg.Register, row []reg.VecVirtual)) {
	c := GP64()
	MOVQ(x.c, c)
	for i, row := range x.acc {
		if i > 0 {
			ADDQ(x.cRow, c)
		}
		emit(c, row)
	}
}

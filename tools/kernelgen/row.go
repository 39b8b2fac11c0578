package main

import (
	"strconv"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// rowBlock is what row's columns are a multiple of, the same as in package kernel.
const rowBlock = 16

// A line is a row while it is emitted.
type line struct {
	simd
	n, k, x, w, c reg.Register
	to, from      reg.Register // the present column of c and of the first row of w
	next          reg.Register // the same column in the row after those that are read
	once, thrice  reg.Register // the distance of rows
}

// row emits the product of one row with a matrix. A few rows of the matrix are read
// at once, from the first column to the last: memory is fastest when it is read in
// order, and the accumulators in c stay in the cache.
//
//	c[j] = FMA(x[p], w[p*wRow+j], c[j]) for p = 0, 1, … k-1, from +0
func row(s simd) {
	name := "row" + s.name
	TEXT(name, NOSPLIT, "func(n, k int, x, w *float32, wRow int, c *float32)")
	Pragma("noescape")
	Doc(name + " folds k rows of w, each multiplied by its element of x, into n elements of c, n a positive multiple of " +
		strconv.Itoa(rowBlock) + ".")
	arg := func(name string) reg.Register { return Load(Param(name), GP64()) }
	l := &line{s, arg("n"), arg("k"), arg("x"), arg("w"), arg("c"), GP64(), GP64(), GP64(), arg("wRow"), GP64()}
	SHLQ(U8(2), l.n)
	ADDQ(l.c, l.n) // the end of c
	SHLQ(U8(2), l.once)
	LEAQ(Mem{Base: l.once, Index: l.once, Scale: 2}, l.thrice)
	zero := s.zero()
	MOVQ(l.c, l.to)
	l.columns("clear", rowBlock, l.n, func(at int) { VMOVUPS(zero, Mem{Base: l.to, Disp: at}) })
	l.rows(4)
	l.rows(1)
	VZEROUPPER()
	RET()
}

// rows emits the loop over the rows of w, some rows at a time.
func (l *line) rows(together int) {
	label := strconv.Itoa(together)
	Label("rows" + label)
	CMPQ(l.k, U32(uint32(together)))
	JLT(LabelRef("no" + label))
	factors := make([]reg.VecVirtual, together)
	for r := range factors {
		factors[r] = l.register()
		VBROADCASTSS(Mem{Base: l.x, Disp: 4 * r}, factors[r])
	}
	MOVQ(l.c, l.to)
	MOVQ(l.w, l.from)
	LEAQ(Mem{Base: l.w, Index: l.once, Scale: uint8(together)}, l.w)
	MOVQ(l.w, l.next)
	turn := func(at int) {
		acc, to := l.register(), Mem{Base: l.to, Disp: at}
		VMOVUPS(to, acc)
		for r, x := range factors {
			VFMADD231PS(rowsOfFour{l.from, l.once, l.thrice}.row(r, at), x, acc)
		}
		VMOVUPS(acc, to)
	}
	if together == 4 {
		l.long(turn)
	}
	l.columns("short"+label, rowBlock, l.n, turn)
	ADDQ(U32(uint32(4*together)), l.x)
	SUBQ(U32(uint32(together)), l.k)
	JMP(LabelRef("rows" + label))
	Label("no" + label)
}

// long emits the loop over most columns, which also prefetches the next rows.
func (l *line) long(turn func(at int)) {
	const columns = 4 * rowBlock
	end := GP64()
	MOVQ(l.n, end)
	SUBQ(l.c, end)
	ANDQ(I32(-4*columns), end)
	ADDQ(l.c, end)
	l.columns("long", columns, end, func(at int) {
		if at%64 == 0 {
			for r := range 4 {
				PREFETCHT1(rowsOfFour{l.next, l.once, l.thrice}.row(r, at))
			}
		}
		turn(at)
	})
}

// columns emits a loop from the present column to the end, some columns a turn.
func (l *line) columns(label string, columns int, end reg.Register, turn func(at int)) {
	CMPQ(l.to, end)
	JEQ(LabelRef("after" + label))
	Label(label)
	for at := 0; at < 4*columns; at += l.bytes {
		turn(at)
	}
	for _, at := range []reg.Register{l.to, l.from, l.next} {
		ADDQ(U32(uint32(4*columns)), at)
	}
	CMPQ(l.to, end)
	JNE(LabelRef(label))
	Label("after" + label)
}

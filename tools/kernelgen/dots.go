package main

import (
	"strconv"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// dotSteps is what the steps of dots are a multiple of, the same as in package
// kernel: a cache line.
const dotSteps = 16

// dots emits the products of one row x with rows of w:
//
//	c[j] = FMA(x[p], w[j*wRow+p], c[j]) for p = 0, 1, … n*dotSteps-1, from +0
//
// An accumulator has an element for each of 8 rows of w, so blocks of 8 by 8 are
// transposed in registers. Two accumulators hide most of the latency. More of them
// were slower: the cache lines of more rows evict each other, most of all where rows
// are a power of two apart. For the same reason the two blocks of a cache line are
// read one after the other. Registers that are twice as wide were not faster, since
// shuffles take most of the time.
func dots(rows int) {
	name := "dots" + strconv.Itoa(rows)
	TEXT(name, NOSPLIT, "func(n int, x, w *float32, wRow int, c *float32)")
	Pragma("noescape")
	Doc(name + " folds n times " + strconv.Itoa(dotSteps) + " steps of the products of x with " +
		strconv.Itoa(rows) + " rows of w.")
	n, x := Load(Param("n"), GP64()), GP64()
	Load(Param("x"), x)
	row, thrice := Load(Param("wRow"), GP64()), GP64()
	SHLQ(U8(2), row)
	LEAQ(Mem{Base: row, Index: row, Scale: 2}, thrice)
	fours := make([]reg.GPVirtual, rows/4) // the addresses of rows 0, 4, 8, …
	for i := range fours {
		fours[i] = GP64()
		if i == 0 {
			Load(Param("w"), fours[i])
		} else {
			LEAQ(Mem{Base: fours[i-1], Index: row, Scale: 4}, fours[i])
		}
	}
	acc := make([]reg.VecVirtual, rows/8)
	for i := range acc {
		acc[i] = avx2.zero()
	}
	Label("steps")
	fetchBelow(rowsOfFour{fours[0], row, thrice}, rows)
	for i := range acc {
		block := [2]rowsOfFour{{fours[2*i], row, thrice}, {fours[2*i+1], row, thrice}}
		for p := 0; p < dotSteps; p += 8 {
			dotBlock(acc[i], Mem{Base: x, Disp: 4 * p}, block, 4*p)
		}
	}
	for _, address := range append(fours, x) {
		ADDQ(U8(4*dotSteps), address)
	}
	DECQ(n)
	JNZ(LabelRef("steps"))
	c := Load(Param("c"), GP64())
	for i := range acc {
		VMOVUPS(acc[i], Mem{Base: c, Disp: 32 * i})
	}
	VZEROUPPER()
	RET()
}

// fetchBelow prefetches a cache line of each of the next rows, as many as are read now.
func fetchBelow(w rowsOfFour, rows int) {
	next := rowsOfFour{GP64(), w.once, w.thrice}
	MOVQ(w.base, next.base)
	for i := range 2 * rows / 4 {
		for q := range 4 {
			if i >= rows/4 {
				PREFETCHT1(next.row(q, 0))
			}
		}
		LEAQ(next.row(4, 0), next.base)
	}
}

// rowsOfFour are the addresses of 4 rows: the first one, and their distance once and three times.
type rowsOfFour struct{ base, once, thrice reg.Register }

func (r rowsOfFour) row(q, disp int) Mem {
	m := Mem{Base: r.base, Disp: disp}
	switch q {
	case 1, 2, 4:
		m.Index, m.Scale = r.once, uint8(q)
	case 3:
		m.Index, m.Scale = r.thrice, 1
	}
	return m
}

// dotBlock emits 8 steps for 8 rows.
func dotBlock(acc reg.VecVirtual, x Mem, rows [2]rowsOfFour, disp int) {
	var block [8]reg.VecVirtual
	for q := range block {
		block[q] = YMM()
		VMOVUPS(rows[q/4].row(q%4, disp), block[q])
	}
	for p, column := range transposed(block) {
		step := YMM()
		VBROADCASTSS(x.Offset(4*p), step)
		VFMADD231PS(column, step, acc)
	}
}

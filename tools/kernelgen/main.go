// Command kernelgen writes the assembly of package kernel, one file at a time.
// "products" has the register tiles, the loops that pack for them, the functions that
// identify the processor, and the loops that measure its peak. "rows" has the loops
// over rows.
//
// go generate runs it in the folder of package kernel. The files that it writes are
// committed.
package main

import (
	"flag"
	"log"

	. "github.com/mmcloughlin/avo/build"
)

func main() {
	of := flag.String("of", "", "what to write: products or rows")
	flag.Parse()
	ConstraintExpr("amd64")
	switch *of {
	case "products":
		products()
	case "rows":
		rows()
	default:
		log.Fatalf("-of %q: choose products or rows", *of)
	}
	Generate()
}

func products() {
	cpuid()
	xgetbv()
	for _, rows := range []int{12, 8, 4, 2, 1} {
		tile(avx512, rows, 2)
		stack(avx512, rows)
	}
	row(avx512)
	for _, rows := range []int{6, 4, 2, 1} {
		tile(avx2, rows, 2)
		stack(avx2, rows)
	}
	row(avx2)
	dots(16)
	dots(8)
	for _, rows := range []int{12, 8, 6, 4} {
		transpose(rows)
	}
	for _, width := range []int{32, 16, 12, 8, 6, 4} {
		scatter(width)
	}
	peak(avx512, 24)
	peak(avx2, 12)
}

func rows() {
	for _, loop := range rowLoops {
		loop(avx512)
		loop(avx2)
	}
	rotate()
}

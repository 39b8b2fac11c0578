// Command kernelgen writes the assembly of package kernel: the register tiles
// of its products, the transposition that packs for them, the loops over rows,
// the identification of the processor and the loops that measure its peak.
//
// It runs by go generate in the folder of package kernel; what it writes is
// committed.
package main

import . "github.com/mmcloughlin/avo/build"

func main() {
	ConstraintExpr("amd64")
	cpuid()
	xgetbv()
	for _, rows := range []int{12, 8, 4, 2, 1} {
		tile(avx512, rows, 2)
	}
	tile(avx512, 1, 16)
	for _, rows := range []int{6, 4, 2, 1} {
		tile(avx2, rows, 2)
	}
	tile(avx2, 1, 8)
	dots()
	transpose()
	for _, loop := range rowLoops {
		loop(avx512)
		loop(avx2)
	}
	rotate()
	peak(avx512, 24)
	peak(avx2, 12)
	Generate()
}

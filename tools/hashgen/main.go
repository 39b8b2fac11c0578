// Command hashgen writes the assembly of package blob: SHA-256 of 16 messages at
// once, and the search for NaN in an array of numbers.
//
// It runs by go generate in the folder of package blob; what it writes is
// committed. On the processor it was measured on, 16 lanes of AVX-512 beat two
// interleaved streams of the SHA instructions by a twentieth, and by up to a
// third when the other thread of the core is busy.
package main

import . "github.com/mmcloughlin/avo/build"

func main() {
	ConstraintExpr("amd64")
	sums16()
	unordered()
	Generate()
}

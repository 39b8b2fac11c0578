// Command hashgen writes the assembly of package blob: SHA-256 of 16 messages at
// once with AVX-512 and of 2 with the SHA instructions, and the search for NaN
// in an array of numbers.
//
// It runs by go generate in the folder of package blob; what it writes is
// committed. Where a processor has both, 16 are hashed at once: on the one it was
// measured on both take the same time, unless the other thread of the core is
// busy, which slows the SHA instructions down more.
package main

import . "github.com/mmcloughlin/avo/build"

func main() {
	ConstraintExpr("amd64")
	cpuid()
	sums16()
	sums2()
	unordered()
	Generate()
}

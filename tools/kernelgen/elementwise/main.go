// Command elementwise writes the assembly of package kernel's loops over rows: the
// portable loops lane by lane, in the same order of roundings, 16 elements a turn.
//
// It runs by go generate in the folder of package kernel; what it writes is
// committed.
package main

import . "github.com/mmcloughlin/avo/build"

func main() {
	ConstraintExpr("amd64")
	for _, s := range []simd{avx512, avx2} {
		expSum(s)
		expScaled(s)
		divide(s)
		maxLanes(s)
		dot(s)
		dot3(s)
		swiglu(s)
		swigluGrad(s)
		adamw(s)
		normRow(s)
		normGradRow(s)
		normGainRow(s)
		add(s)
		multiply(s)
		softmaxGradRow(s)
	}
	rotate()
	Generate()
}

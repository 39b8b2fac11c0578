package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// rowLoops are the loops over rows. They do what the portable loops of package kernel
// do, with the same roundings in the same order, for 16 elements at a time.
var rowLoops = []func(simd){
	expSum, expScaled, divide, maxLanes, dot, dotThree, swiglu, swigluGrad, adamw,
	normRow, normGradRow, normGainRow, add, multiply, softmaxGradRow, softmaxScores, scoresGrad,
}

// exp is kernel.Exp: the same steps on every lane, see expReduce and expScale there.
// Instead of a choice at the end, x is first limited to a range whose ends give 0 and +Inf.
func (s simd) exp(x vec) vec {
	const roundMagic, roundMagicBits = 12582912, 0x4b400000
	x = s.larger(s.load(constant(-105)), x)
	x = s.smaller(s.load(constant(90)), x)
	n := s.add(s.mul(x, constant(1.44269502)), constant(roundMagic))
	k := s.sub(n, constant(roundMagic))
	r := s.sub(x, s.mul(k, constant(0.693145752)))
	r = s.sub(r, s.mul(k, constant(1.42860677e-06)))
	p := s.mul(r, constant(0.00139263924))
	for _, c := range []float32{0.00836334564, 0.0416665524, 0.166665763} {
		p = s.mul(s.add(p, constant(c)), r)
	}
	p = s.add(p, constant(0.5))
	y := s.add(s.add(r, s.mul(s.mul(r, r), p)), constant(1))
	if s.name == "512" { // y·2^k, rounded once, as expScale's two products are
		return s.each(VSCALEFPS, y, k)
	}
	i := s.each(VPSUBD, n, word(roundMagicBits))
	h := s.shift(VPSRAD, 1, i)
	rest := s.each(VPSUBD, i, h)
	return s.mul(s.mul(y, s.power(h)), s.power(rest))
}

// power is 2^i for integers i.
func (s simd) power(i vec) vec {
	return s.shift(VPSLLD, 23, s.each(VPADDD, i, word(127)))
}

func (s simd) shift(op func(...Op), bits uint8, a vec) vec {
	dst := s.vec()
	for i := range dst {
		op(U8(bits), a[i], dst[i])
	}
	return dst
}

// sigmoid is 1/(1 + e^−g).
func (s simd) sigmoid(g vec) vec {
	minus := s.each(s.xor, g, word(1<<31))
	return s.div(s.load(constant(1)), s.add(s.exp(minus), constant(1)))
}

func expSum(s simd) {
	l := s.begin("expSum", "writes e^(x−max) to y and adds it to the lanes.", ", max float32, sums *float32", "y", "x")
	sums := s.fixed("sums")
	m, acc := s.argument("max"), s.load(sums)
	l.repeat(func() {
		e := s.exp(s.sub(s.load(l.at("x")), m))
		s.store(e, l.at("y"))
		s.set(acc, s.add(acc, e))
	}, func() { s.store(acc, sums) })
}

func expScaled(s simd) {
	l := s.begin("expScaled", "writes (e^(x−max)/sum)·scale to y.", ", max, sum, scale float32", "y", "x")
	m, sum, scale := s.argument("max"), s.argument("sum"), s.argument("scale")
	l.repeat(func() {
		e := s.exp(s.sub(s.load(l.at("x")), m))
		s.store(s.mul(s.div(e, sum), scale), l.at("y"))
	}, func() {})
}

func divide(s simd) {
	l := s.begin("divide", "divides y by s.", ", s float32", "y")
	by := s.argument("s")
	l.repeat(func() { s.store(s.div(s.load(l.at("y")), by), l.at("y")) }, func() {})
}

func maxLanes(s simd) {
	l := s.begin("max", "raises the lanes to the elements of x that are larger.", ", most *float32", "x")
	most := s.fixed("most")
	acc := s.load(most)
	l.repeat(func() { s.set(acc, s.larger(s.load(l.at("x")), acc)) }, func() { s.store(acc, most) })
}

func dot(s simd) {
	l := s.begin("dot", "adds x·y to the lanes.", ", sums *float32", "x", "y")
	sums := s.fixed("sums")
	acc := s.load(sums)
	l.repeat(func() { s.set(acc, s.add(acc, s.mul(s.load(l.at("x")), l.at("y")))) }, func() { s.store(acc, sums) })
}

func dotThree(s simd) {
	l := s.begin("dotThree", "adds (x·gain)·z to the lanes.", ", sums *float32", "x", "gain", "z")
	sums := s.fixed("sums")
	acc := s.load(sums)
	l.repeat(func() {
		s.set(acc, s.add(acc, s.mul(s.mul(s.load(l.at("x")), l.at("gain")), l.at("z"))))
	}, func() { s.store(acc, sums) })
}

func swiglu(s simd) {
	l := s.begin("swiglu", "writes silu(gate)·up to y.", "", "y", "gate", "up")
	l.repeat(func() {
		g := s.load(l.at("gate"))
		s.store(s.mul(s.mul(g, s.sigmoid(g)), l.at("up")), l.at("y"))
	}, func() {})
}

func swigluGrad(s simd) {
	l := s.begin("swigluGrad", "writes the gradients of silu(gate)·up.", "", "dgate", "dup", "dy", "gate", "up")
	l.repeat(func() {
		g := s.load(l.at("gate"))
		sig := s.sigmoid(g)
		dy := s.load(l.at("dy"))
		left := s.mul(dy, l.at("up"))
		slope := s.add(s.mul(g, s.sub(s.load(constant(1)), sig)), constant(1))
		dup := s.mul(dy, s.mul(g, sig))
		s.store(s.mul(left, s.mul(sig, slope)), l.at("dgate"))
		s.store(dup, l.at("dup"))
	}, func() {})
}

func adamw(s simd) {
	l := s.begin("adamw", "is adamStep.move on every element; s is where the adamStep begins.", ", s *float32",
		"p", "m", "v", "grad")
	step := Load(Param("s"), GP64())
	field := func(i int) everywhere { return s.broadcast(Mem{Base: step, Disp: 4 * i}) }
	l.repeat(func() {
		// AVX2 has too few registers to keep the ten numbers, so each is read when it is used.
		g := s.mul(s.load(l.at("grad")), field(0))
		m := s.add(s.mul(s.load(l.at("m")), field(1)), s.mul(g, field(2)))
		v := s.add(s.mul(s.load(l.at("v")), field(3)), s.mul(s.mul(g, field(4)), g))
		s.store(m, l.at("m"))
		s.store(v, l.at("v"))
		u := s.div(s.mul(m, field(6)), s.add(s.sqrt(s.mul(v, field(7))), field(8)))
		p := s.load(l.at("p"))
		u = s.mul(s.add(u, s.mul(p, field(9))), field(5))
		s.store(s.sub(p, u), l.at("p"))
	}, func() {})
}

func normRow(s simd) {
	l := s.begin("normRow", "writes (x·s)·gain to y.", ", s float32", "y", "x", "gain")
	by := s.argument("s")
	l.repeat(func() {
		s.store(s.mul(s.mul(s.load(l.at("x")), by), l.at("gain")), l.at("y"))
	}, func() {})
}

func normGradRow(s simd) {
	l := s.begin("normGradRow", "writes (dy·gain)·rinv − x·c to dx.", ", rinv, c float32", "dx", "dy", "gain", "x")
	rinv, c := s.argument("rinv"), s.argument("c")
	l.repeat(func() {
		left := s.mul(s.mul(s.load(l.at("dy")), l.at("gain")), rinv)
		s.store(s.sub(left, s.mul(s.load(l.at("x")), c)), l.at("dx"))
	}, func() {})
}

func normGainRow(s simd) {
	l := s.begin("normGainRow", "adds dy·(x·rinv) to dgain.", ", rinv float32", "dgain", "dy", "x")
	rinv := s.argument("rinv")
	l.repeat(func() {
		term := s.mul(s.mul(s.load(l.at("x")), rinv), l.at("dy"))
		s.store(s.add(term, l.at("dgain")), l.at("dgain"))
	}, func() {})
}

func add(s simd) {
	l := s.begin("add", "writes a + x to y.", "", "y", "a", "x")
	l.repeat(func() { s.store(s.add(s.load(l.at("a")), l.at("x")), l.at("y")) }, func() {})
}

func multiply(s simd) {
	l := s.begin("multiply", "multiplies y by s.", ", s float32", "y")
	by := s.argument("s")
	l.repeat(func() { s.store(s.mul(s.load(l.at("y")), by), l.at("y")) }, func() {})
}

func softmaxGradRow(s simd) {
	l := s.begin("softmaxGradRow", "writes (p·(dp−dot))·scale to ds.", ", dot, scale float32", "ds", "p", "dp")
	dot, scale := s.argument("dot"), s.argument("scale")
	l.repeat(func() {
		d := s.sub(s.load(l.at("dp")), dot)
		s.store(s.mul(s.mul(d, l.at("p")), scale), l.at("ds"))
	}, func() {})
}

// rotate turns 16 elements, which are 8 pairs, by 8 angles, for one head after the
// other. The inner loop counts angles, so a pair is at twice the loop's index. The
// code is the same for both instruction sets.
func rotate() {
	s := avx2
	TEXT("rotate", NOSPLIT, "func(heads, n int, y, x, cos, sin *float32, sign float32)")
	Pragma("noescape")
	Doc("rotate turns n pairs of each head of x, n a positive multiple of 8, by angles with the sines multiplied by sign.")
	heads := Load(Param("heads"), GP64())
	end := Load(Param("n"), GP64())
	SHLQ(U8(2), end)
	i := GP64()
	row := func(name string, scale uint8) memory {
		return memory{Mem{Base: Load(Param(name), GP64()), Index: i, Scale: scale}, s.bytes / 2 * int(scale)}
	}
	y, x, cos, sin := row("y", 2), row("x", 2), row("cos", 1), row("sin", 1)
	sign := s.argument("sign")
	twice := GLOBL("rowstwice", RODATA|NOPTR)
	for j, lane := range []uint32{0, 0, 1, 1, 2, 2, 3, 3} {
		DATA(4*j, U32(lane))
	}
	lane := YMM()
	VMOVUPS(twice, lane)
	// spread repeats each of 8 elements.
	spread := func(m memory) vec {
		v := s.vec()
		for j := range v {
			VBROADCASTF128(m.part(j), v[j])
			VPERMILPS(lane, v[j], v[j])
		}
		return v
	}
	Label("head")
	XORQ(i, i)
	Label("turn")
	v := s.load(x)
	left := s.mul(v, spread(cos))
	right := s.mul(s.shift(VPERMILPS, 0xb1, v), s.mul(spread(sin), sign)) // neighbours swapped
	s.store(s.each(func(ops ...Op) { VADDSUBPS(ops[0], ops[1], ops[2]) }, left, right), y)
	ADDQ(U8(32), i)
	CMPQ(i, end)
	JNE(LabelRef("turn"))
	for _, m := range []memory{y, x} {
		LEAQ(Mem{Base: m.at.Base, Index: end, Scale: 2}, m.at.Base)
	}
	DECQ(heads)
	JNZ(LabelRef("head"))
	VZEROUPPER()
	RET()
}

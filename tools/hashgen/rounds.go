package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Truth tables for VPTERNLOGD.
const (
	parity   = 0x96 // x ^ y ^ z
	choice   = 0xca // x ? y : z
	majority = 0xe8
)

// rounds are the 64 rounds of SHA-256 in four turns of 16. Every turn but the
// last replaces the words of the message by the next 16 of the schedule.
func rounds(state, w []reg.VecVirtual) {
	k, end := GP64(), GP64()
	LEAQ(roundConstants(), k)
	LEAQ(Mem{Base: k, Disp: 4 * 48}, end)
	Label("turn")
	for i := range 16 {
		round(rotated(state, i), w[i], Mem{Base: k, Disp: 4 * i})
		schedule(w[i], w[(i+1)%16], w[(i+9)%16], w[(i+14)%16])
	}
	ADDQ(U8(64), k)
	CMPQ(k, end)
	JNE(LabelRef("turn"))
	for i := range 16 {
		round(rotated(state, i), w[i], Mem{Base: k, Disp: 4 * i})
	}
}

// rotated is the state as round i sees it: the letters move by one each round.
func rotated(state []reg.VecVirtual, i int) (s [8]reg.VecVirtual) {
	for j := range s {
		s[j] = state[(j-i%8+8)%8]
	}
	return s
}

// round is FIPS 180-4, 6.2.2, step 3. It overwrites d and h, which are the e
// and a of the next round.
func round(s [8]reg.VecVirtual, w reg.VecVirtual, k Mem) {
	a, b, c, d, e, f, g, h := s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]
	t := ZMM()
	VPADDD_BCST(k, w, t)
	VPADDD(t, h, h)
	VPADDD(select3(choice, e, f, g), h, h)
	VPADDD(sigma(e, 6, 11, 25), h, h)
	VPADDD(h, d, d)
	VPADDD(select3(majority, a, b, c), h, h)
	VPADDD(sigma(a, 2, 13, 22), h, h)
}

// schedule replaces word t by word t+16: FIPS 180-4, 6.2.2, step 1.
func schedule(w, w1, w9, w14 reg.VecVirtual) {
	VPADDD(w9, w, w)
	VPADDD(smallSigma(w1, 7, 18, 3), w, w)
	VPADDD(smallSigma(w14, 17, 19, 10), w, w)
}

func sigma(x reg.VecVirtual, r1, r2, r3 uint8) reg.VecVirtual {
	t := registers(3)
	VPRORD(U8(r1), x, t[0])
	VPRORD(U8(r2), x, t[1])
	VPRORD(U8(r3), x, t[2])
	VPTERNLOGD(U8(parity), t[2], t[1], t[0])
	return t[0]
}

func smallSigma(x reg.VecVirtual, r1, r2, shift uint8) reg.VecVirtual {
	t := registers(3)
	VPRORD(U8(r1), x, t[0])
	VPRORD(U8(r2), x, t[1])
	VPSRLD(U8(shift), x, t[2])
	VPTERNLOGD(U8(parity), t[2], t[1], t[0])
	return t[0]
}

func select3(table uint8, x, y, z reg.VecVirtual) reg.VecVirtual {
	t := ZMM()
	VMOVDQA32(x, t)
	VPTERNLOGD(U8(table), z, y, t)
	return t
}

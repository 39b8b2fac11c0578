package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// ahead is how many bytes before it needs them sums16 asks for data: the next 16
// leaves. A processor that follows 16 messages at once does not foresee them.
const ahead = 16 << 10

// sums16 hashes 16 messages, one in each 32-bit lane of the registers. Message j
// is the tag and then bytes [64·blocks·j, 64·blocks·(j+1)) of data. Because of
// the tag, block i of a message begins one byte before block i of the data: the
// first block lacks its first byte, and after the last whole block one byte is
// left. The mask says which bytes of a block are data, word0 and word15 what is
// to be added to it: the tag, or the padding.
func sums16() {
	TEXT("sums16", 0, "func(sums, data *byte, blocks, tag uint32)")
	Pragma("noescape")
	Doc("sums16 writes the SHA-256 of 16 messages, each the byte tag and then 64·blocks bytes from data.")
	left, word0, word15, mask := GP32(), GP32(), GP32(), GP64()
	Load(Param("blocks"), left)
	Load(Param("tag"), word0)
	SHLL(U8(24), word0)
	XORL(word15, word15)
	MOVQ(I32(-2), mask)
	k := K()
	KMOVQ(mask, k)
	rows := rowsOf(Load(Param("data"), GP64()), left)
	state, words := initial(), registers(16)
	saved := AllocLocal(8 * 64)

	Label("block")
	for i, w := range words {
		VMOVDQU8_Z(rows[i], k, w)
		PREFETCHT1(rows[i].Offset(ahead))
	}
	transpose(words)
	addTo(words[0], word0)
	addTo(words[15], word15)
	for i, s := range state {
		VMOVDQU32(s, saved.Offset(64*i))
	}
	rounds(state, words)
	for i, s := range state {
		VPADDD(saved.Offset(64*i), s, s)
	}
	advance(rows)
	SUBL(U8(1), left)
	JC(LabelRef("done"))
	JZ(LabelRef("last"))
	XORL(word0, word0)
	MOVQ(I32(-1), mask)
	KMOVQ(mask, k)
	JMP(LabelRef("block"))
	Label("last")
	MOVL(U32(0x00800000), word0)
	Load(Param("blocks"), word15) // 64·blocks + 1 bytes, in bits
	SHLL(U8(9), word15)
	ADDL(U8(8), word15)
	MOVQ(I32(1), mask)
	KMOVQ(mask, k)
	JMP(LabelRef("block"))

	Label("done")
	store(state, Load(Param("sums"), GP64()))
	VZEROUPPER()
	RET()
}

// registers are n vectors of 16 words.
func registers(n int) []reg.VecVirtual {
	r := make([]reg.VecVirtual, n)
	for i := range r {
		r[i] = ZMM()
	}
	return r
}

// rowsOf says where the next block of each message lies.
func rowsOf(data reg.Register, blocks reg.GPVirtual) []Mem {
	step, step3 := GP64(), GP64()
	MOVL(blocks, step.As32())
	SHLQ(U8(6), step)
	LEAQ(Mem{Base: step, Index: step, Scale: 2}, step3)
	var rows []Mem
	for i := range 4 {
		if i > 0 {
			next := GP64()
			LEAQ(Mem{Base: data, Index: step, Scale: 4}, next)
			data = next
		}
		rows = append(rows,
			Mem{Base: data, Disp: -1},
			Mem{Base: data, Disp: -1, Index: step, Scale: 1},
			Mem{Base: data, Disp: -1, Index: step, Scale: 2},
			Mem{Base: data, Disp: -1, Index: step3, Scale: 1})
	}
	return rows
}

// advance moves the rows to the next block.
func advance(rows []Mem) {
	for i := 0; i < 16; i += 4 {
		ADDQ(U8(64), rows[i].Base)
	}
}

// addTo adds a word to every lane.
func addTo(v reg.VecVirtual, word reg.GPVirtual) {
	all := ZMM()
	VPBROADCASTD(word, all)
	VPADDD(all, v, v)
}

// transpose turns 16 rows of 16 big-endian words into 16 columns of numbers.
func transpose(r []reg.VecVirtual) {
	for _, v := range r {
		VPSHUFB(bigEndian(), v, v)
	}
	for i := 0; i < 16; i += 4 {
		transposeWords(r[i : i+4])
	}
	for i := range 4 {
		transposeQuarters(r[i], r[4+i], r[8+i], r[12+i])
	}
}

// transposeWords transposes the 4 by 4 words in each quarter of four registers.
func transposeWords(r []reg.VecVirtual) {
	t := registers(4)
	VPUNPCKLDQ(r[1], r[0], t[0])
	VPUNPCKHDQ(r[1], r[0], t[1])
	VPUNPCKLDQ(r[3], r[2], t[2])
	VPUNPCKHDQ(r[3], r[2], t[3])
	VPUNPCKLQDQ(t[2], t[0], r[0])
	VPUNPCKHQDQ(t[2], t[0], r[1])
	VPUNPCKLQDQ(t[3], t[1], r[2])
	VPUNPCKHQDQ(t[3], t[1], r[3])
}

// transposeQuarters transposes the 4 by 4 quarters of four registers.
func transposeQuarters(a, b, c, d reg.VecVirtual) {
	t := registers(4)
	VSHUFI32X4(U8(0x44), b, a, t[0])
	VSHUFI32X4(U8(0xee), b, a, t[1])
	VSHUFI32X4(U8(0x44), d, c, t[2])
	VSHUFI32X4(U8(0xee), d, c, t[3])
	VSHUFI32X4(U8(0x88), t[2], t[0], a)
	VSHUFI32X4(U8(0xdd), t[2], t[0], b)
	VSHUFI32X4(U8(0x88), t[3], t[1], c)
	VSHUFI32X4(U8(0xdd), t[3], t[1], d)
}

// store writes the 16 states as 16 hashes.
func store(state []reg.VecVirtual, sums reg.Register) {
	for half := range 2 {
		s := state[4*half : 4*half+4]
		transposeWords(s)
		for i, v := range s {
			VPSHUFB(bigEndian(), v, v)
			for quarter := range 4 {
				at := Mem{Base: sums, Disp: 32*(4*quarter+i) + 16*half}
				VEXTRACTI32X4(U8(quarter), v, at)
			}
		}
	}
}

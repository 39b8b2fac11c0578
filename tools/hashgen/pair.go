package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A stream is one of two messages that the SHA instructions work on by turns:
// each has to wait for its own last result, but not for the other's.
type stream struct {
	at         reg.Register      // the block of data
	w          [4]reg.VecVirtual // 16 words of the schedule
	abef, cdgh reg.VecVirtual    // the state, as the instructions want it
	t          reg.VecVirtual
	saved      Mem // the state before the block
}

// aheadOfPair is ahead for sums2: four leaves.
const aheadOfPair = 4 << 10

// sums2 hashes two messages as sums16 hashes 16. Message j is the tag and then
// bytes [64·blocks·j, 64·blocks·(j+1)) of data; so it reads from one byte before
// the data, but not in the first block.
func sums2() {
	TEXT("sums2", 0, "func(sums, data *byte, blocks, tag uint32)")
	Pragma("noescape")
	Doc("sums2 writes the SHA-256 of 2 messages, each the byte tag and then 64·blocks bytes from data.")
	left, tag := GP32(), GP32()
	Load(Param("blocks"), left)
	Load(Param("tag"), tag)
	pair := streams(left)
	for _, s := range pair {
		MOVOU(Mem{Base: s.at}, s.w[0])
		PSLLDQ(U8(1), s.w[0])
		MOVD(tag, s.t)
		POR(s.t, s.w[0])
	}
	JMP(LabelRef("rest"))
	Label("block")
	for _, s := range pair {
		MOVOU(Mem{Base: s.at, Disp: -1}, s.w[0])
	}
	Label("rest")
	for _, s := range pair {
		PREFETCHT1(Mem{Base: s.at, Disp: aheadOfPair})
		PSHUFB(bigEndian(), s.w[0])
		for i := 1; i < 4; i++ {
			MOVOU(Mem{Base: s.at, Disp: 16*i - 1}, s.w[i])
			PSHUFB(bigEndian(), s.w[i])
		}
	}
	Label("rounds")
	fold(pair)
	SUBL(U8(1), left)
	JC(LabelRef("done"))
	JNZ(LabelRef("block"))
	pad(pair)
	JMP(LabelRef("rounds"))
	Label("done")
	sums := Load(Param("sums"), GP64())
	for i, s := range pair {
		s.store(Mem{Base: sums, Disp: 32 * i})
	}
	RET()
}

func streams(blocks reg.GPVirtual) []*stream {
	first, second := Load(Param("data"), GP64()), GP64()
	MOVL(blocks, second.As32())
	SHLQ(U8(6), second)
	ADDQ(first, second)
	h := initialWords()
	start := table("initialPairs", []uint32{h[5], h[4], h[1], h[0], h[7], h[6], h[3], h[2]})
	var pair []*stream
	for _, at := range []reg.Register{first, second} {
		s := &stream{at: at, abef: XMM(), cdgh: XMM(), t: XMM(), saved: AllocLocal(32)}
		for i := range s.w {
			s.w[i] = XMM()
		}
		MOVOU(start, s.abef)
		MOVOU(start.Offset(16), s.cdgh)
		pair = append(pair, s)
	}
	return pair
}

// fold takes one block of each message into the states and goes to the next.
// Each of 16 turns does four rounds and makes four words of the schedule.
func fold(pair []*stream) {
	for _, s := range pair {
		MOVOU(s.abef, s.saved)
		MOVOU(s.cdgh, s.saved.Offset(16))
	}
	for turn := range 16 {
		for _, s := range pair {
			MOVO(s.w[turn%4], s.t)
			PADDD(roundConstants().Offset(16*turn), s.t)
		}
		for _, s := range pair {
			MOVO(s.t, reg.X0)
			SHA256RNDS2(reg.X0, s.abef, s.cdgh)
		}
		for _, s := range pair {
			PSHUFD(U8(0x0e), s.t, reg.X0)
			SHA256RNDS2(reg.X0, s.cdgh, s.abef)
			if turn < 12 {
				s.schedule(turn)
			}
		}
	}
	for _, s := range pair {
		MOVOU(s.saved, s.t)
		PADDD(s.t, s.abef)
		MOVOU(s.saved.Offset(16), s.t)
		PADDD(s.t, s.cdgh)
		ADDQ(U8(64), s.at)
	}
}

// schedule replaces the words that were used in this turn.
func (s *stream) schedule(turn int) {
	w := func(i int) reg.VecVirtual { return s.w[(turn+i)%4] }
	SHA256MSG1(w(1), w(0))
	MOVO(w(3), s.t)
	PALIGNR(U8(4), w(2), s.t)
	PADDD(s.t, w(0))
	SHA256MSG2(w(3), w(0))
}

// pad makes the last block: one byte of data, the padding and the length.
func pad(pair []*stream) {
	bits := GP32()
	Load(Param("blocks"), bits)
	SHLL(U8(9), bits)
	ADDL(U8(8), bits)
	for _, s := range pair {
		word := GP32()
		MOVBLZX(Mem{Base: s.at, Disp: -1}, word)
		SHLL(U8(24), word)
		ORL(U32(0x00800000), word)
		MOVD(word, s.w[0])
		PXOR(s.w[1], s.w[1])
		PXOR(s.w[2], s.w[2])
		MOVD(bits, s.w[3])
		PSLLDQ(U8(12), s.w[3])
	}
}

// store writes the state as a hash.
func (s *stream) store(to Mem) {
	PSHUFD(U8(0x1b), s.abef, s.abef)
	PSHUFD(U8(0x1b), s.cdgh, s.cdgh)
	MOVO(s.abef, s.t)
	PUNPCKLQDQ(s.cdgh, s.t)
	PUNPCKHQDQ(s.cdgh, s.abef)
	PSHUFB(bigEndian(), s.t)
	PSHUFB(bigEndian(), s.abef)
	MOVOU(s.t, to)
	MOVOU(s.abef, to.Offset(16))
}

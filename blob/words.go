package blob

import (
	"encoding/binary"
	"math"
	"slices"
	"unsafe"
)

// A word is 32 bits: an int32, or the bits of a float32 in the one spelling that all
// NaN have. As bytes it is little-endian. Runs are hashed, kept and sent as words.

// canonicalNaN is how every NaN is written: which one a processor makes is its
// own affair and must not show in a name.
const canonicalNaN = 0x7fc00000

var littleEndian = binary.NativeEndian.Uint16([]byte{1, 0}) == 1

// Word is a number as a word: its bits, and 7fc00000 for every NaN.
func Word(x float32) uint32 {
	if x != x {
		return canonicalNaN
	}
	return math.Float32bits(x)
}

// AppendWords appends words to b, 4 bytes each.
func AppendWords[W int32 | uint32](b []byte, words []W) []byte {
	b = slices.Grow(b, 4*len(words))
	for _, w := range words {
		b = binary.LittleEndian.AppendUint32(b, uint32(w))
	}
	return b
}

// Words reads words from bytes, without the last bytes if these do not fill one.
func Words[W int32 | uint32](b []byte) []W {
	words := make([]W, len(b)/4)
	for i := range words {
		words[i] = W(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return words
}

// SumWords is the name of the blob that words make, 4 bytes each, little-endian.
func SumWords(words []uint32) Hash {
	var t Tree
	eachBatch(words, t.add)
	return t.Root()
}

// WordLeaves are the hashes of the leaves of the blob that words make, for whoever
// shows parts of it.
func WordLeaves(words []uint32) []Hash {
	leaves := make([]Hash, 0, Leaves(4*int64(len(words))))
	eachBatch(words, func(b []byte) { leaves = appendLeaves(leaves, b) })
	return leaves
}

// eachBatch calls f with the bytes of some words after the other, as many as make
// whole leaves but for the last; once with nothing if there are none.
func eachBatch(words []uint32, f func([]byte)) {
	if littleEndian {
		f(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(words))), 4*len(words)))
		return
	}
	var room [batch]byte
	for {
		n := min(len(words), batch/4)
		for i, w := range words[:n] {
			binary.LittleEndian.PutUint32(room[4*i:], w)
		}
		f(room[:4*n])
		if words = words[n:]; len(words) == 0 {
			return
		}
	}
}

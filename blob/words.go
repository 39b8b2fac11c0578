package blob

import (
	"encoding/binary"
	"unsafe"
)

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

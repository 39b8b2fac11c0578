package blob

import (
	"encoding/binary"
	"math"
	"unsafe"
)

// canonicalNaN is how every NaN is written: which one a processor makes is its
// own affair and must not show in a name.
const canonicalNaN = 0x7fc00000

var littleEndian = binary.NativeEndian.Uint16([]byte{1, 0}) == 1

// WriteFloats adds numbers to the blob, 4 bytes each, little-endian, every NaN
// as 7fc00000. Where memory holds these bytes already they are not copied.
func (t *Tree) WriteFloats(xs []float32) {
	var room [batch]byte
	for len(xs) > 0 {
		n := min(len(xs), batch/4)
		t.add(floatBytes(&room, xs[:n]))
		xs = xs[n:]
	}
}

// SumFloats is SumPiece of the bytes that WriteFloats writes for xs (at most
// PieceSize/4 numbers). It allocates nothing.
func SumFloats(xs []float32) Hash {
	var room [batch]byte
	var level [PieceSize / LeafSize]Hash
	leaves := level[:0]
	for {
		n := min(len(xs), batch/4)
		leaves = appendLeaves(leaves, floatBytes(&room, xs[:n]))
		if xs = xs[n:]; len(xs) == 0 {
			return top(leaves)
		}
	}
}

// floatBytes is at most a batch of numbers as bytes: those in memory, if they
// are as they should be, or else written into room.
func floatBytes(room *[batch]byte, xs []float32) []byte {
	if littleEndian && !hasNaN(xs) {
		return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(xs))), 4*len(xs))
	}
	for i, x := range xs {
		u := math.Float32bits(x)
		if x != x {
			u = canonicalNaN
		}
		binary.LittleEndian.PutUint32(room[4*i:], u)
	}
	return room[:4*len(xs)]
}

func slowHasNaN(xs []float32) bool {
	for _, x := range xs {
		if x != x {
			return true
		}
	}
	return false
}

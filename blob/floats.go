package blob

import (
	"encoding/binary"
	"slices"
	"unsafe"
)

// AppendFloats appends the words of xs to b.
func AppendFloats(b []byte, xs []float32) []byte {
	b = slices.Grow(b, 4*len(xs))
	for _, x := range xs {
		b = binary.LittleEndian.AppendUint32(b, Word(x))
	}
	return b
}

// FloatWords are the words of xs: the memory of xs itself where no NaN has to be
// written in another way, else a copy. They are only read.
func FloatWords(xs []float32) []uint32 {
	if !hasNaN(xs) {
		return unsafe.Slice((*uint32)(unsafe.Pointer(unsafe.SliceData(xs))), len(xs))
	}
	words := make([]uint32, len(xs))
	for i, x := range xs {
		words[i] = Word(x)
	}
	return words
}

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
	return AppendFloats(room[:0], xs)
}

func slowHasNaN(xs []float32) bool {
	for _, x := range xs {
		if x != x {
			return true
		}
	}
	return false
}

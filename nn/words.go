package nn

import (
	"encoding/binary"
	"slices"
	"unsafe"
)

// AppendInts appends the words of xs to b, little-endian.
func AppendInts(b []byte, xs []int32) []byte {
	for _, x := range xs {
		b = binary.LittleEndian.AppendUint32(b, uint32(x))
	}
	return b
}

// AppendFloats appends the words of xs to b, little-endian.
func AppendFloats(b []byte, xs []float32) []byte {
	b = slices.Grow(b, 4*len(xs))
	for _, x := range xs {
		b = binary.LittleEndian.AppendUint32(b, Word(x))
	}
	return b
}

// FloatBytes are the words of xs, little-endian, to be read before xs changes:
// its own memory where that holds them, and otherwise room, to which they are
// appended. Whole states are hashed after every step of a run, and copying them
// would cost half as much again.
func FloatBytes(room []byte, xs []float32) []byte {
	if len(xs) > 0 && littleEndian {
		memory := unsafe.Slice((*byte)(unsafe.Pointer(&xs[0])), 4*len(xs))
		if !mayHaveNaN(memory) {
			return memory
		}
	}
	return AppendFloats(room, xs)
}

// FloatWords are the words of xs: its own memory where no NaN has to be written
// otherwise, and else a copy.
func FloatWords(xs []float32) []uint32 {
	memory := unsafe.Slice((*uint32)(unsafe.Pointer(unsafe.SliceData(xs))), len(xs))
	if !slices.ContainsFunc(xs, func(x float32) bool { return x != x }) {
		return memory
	}
	words := make([]uint32, len(xs))
	for i, x := range xs {
		words[i] = Word(x)
	}
	return words
}

var littleEndian = binary.NativeEndian.Uint16([]byte{1, 0}) == 1

// mayHaveNaN tells whether one of the float32 in b could be a NaN: without the
// sign, its bits reach the sign when reach is added.
func mayHaveNaN(b []byte) bool {
	const (
		unsigned = 0x7fffffff_7fffffff
		reach    = 0x007fffff_007fffff
		sign     = 0x80000000_80000000
	)
	var s, t, u, v uint64
	for len(b) >= 32 {
		x := (*[32]byte)(b)
		s |= binary.LittleEndian.Uint64(x[0:])&unsigned + reach
		t |= binary.LittleEndian.Uint64(x[8:])&unsigned + reach
		u |= binary.LittleEndian.Uint64(x[16:])&unsigned + reach
		v |= binary.LittleEndian.Uint64(x[24:])&unsigned + reach
		b = b[32:]
	}
	for ; len(b) >= 4; b = b[4:] {
		s |= uint64(binary.LittleEndian.Uint32(b))&unsigned + reach
	}
	return (s|t|u|v)&sign != 0
}

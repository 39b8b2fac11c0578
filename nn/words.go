package nn

import (
	"encoding/binary"
	"math"
	"slices"
)

// AppendInts appends the words of xs to b, little-endian.
func AppendInts(b []byte, xs []int32) []byte {
	for _, x := range xs {
		b = binary.LittleEndian.AppendUint32(b, uint32(x))
	}
	return b
}

// AppendFloats appends the words of xs to b, little-endian. Whole states go
// through here after every step of a run.
func AppendFloats(b []byte, xs []float32) []byte {
	start := len(b)
	b = slices.Grow(b, 4*len(xs))[:start+4*len(xs)]
	out := b[start:]
	if putBits(out, xs) {
		for i, x := range xs {
			binary.LittleEndian.PutUint32(out[4*i:], Word(x))
		}
	}
	return b
}

// putBits writes the bits of xs and tells whether there is a NaN among them: its
// bits without the sign reach the sign when those are added. Two by two and
// eight at a time this is a third of what hashing costs.
func putBits(out []byte, xs []float32) bool {
	const (
		unsigned = 0x7fffffff_7fffffff
		reach    = 0x007fffff_007fffff
		sign     = 0x80000000_80000000
	)
	var a, b, c, d uint64
	for len(xs) >= 8 && len(out) >= 32 {
		x, o := (*[8]float32)(xs), (*[32]byte)(out)
		x0, x1, x2, x3 := bitsOfTwo(x[0], x[1]), bitsOfTwo(x[2], x[3]), bitsOfTwo(x[4], x[5]), bitsOfTwo(x[6], x[7])
		a |= x0&unsigned + reach
		b |= x1&unsigned + reach
		c |= x2&unsigned + reach
		d |= x3&unsigned + reach
		binary.LittleEndian.PutUint64(o[0:], x0)
		binary.LittleEndian.PutUint64(o[8:], x1)
		binary.LittleEndian.PutUint64(o[16:], x2)
		binary.LittleEndian.PutUint64(o[24:], x3)
		xs, out = xs[8:], out[32:]
	}
	for i, x := range xs {
		word := bitsOfTwo(x, 0)
		a |= word&unsigned + reach
		binary.LittleEndian.PutUint32(out[4*i:], uint32(word))
	}
	return (a|b|c|d)&sign != 0
}

// bitsOfTwo is the bits of two float32, the first in the low half.
func bitsOfTwo(x, y float32) uint64 {
	return uint64(math.Float32bits(x)) | uint64(math.Float32bits(y))<<32
}

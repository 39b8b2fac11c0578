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
	for len(xs) > 0 {
		n := min(len(xs), batch/4)
		if littleEndian && !hasNaN(xs[:n]) {
			t.add(unsafe.Slice((*byte)(unsafe.Pointer(&xs[0])), 4*n))
		} else {
			t.addCanonical(xs[:n])
		}
		xs = xs[n:]
	}
}

// addCanonical adds at most a batch of numbers.
func (t *Tree) addCanonical(xs []float32) {
	var b [batch]byte
	for i, x := range xs {
		u := math.Float32bits(x)
		if x != x {
			u = canonicalNaN
		}
		binary.LittleEndian.PutUint32(b[4*i:], u)
	}
	t.add(b[:4*len(xs)])
}

func slowHasNaN(xs []float32) bool {
	for _, x := range xs {
		if x != x {
			return true
		}
	}
	return false
}

package nn

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"
)

// Every NaN, wherever it stands, is written as one; everything else as it is.
func TestWordsOfFloats(t *testing.T) {
	for _, bits := range []uint32{
		0, 1, 0x007fffff, 0x00800000, 0x3f800000, 0x7f7fffff, 0x7f800000, 0x7f800001, 0x7fbfffff, 0x7fc00000, 0x7fc00001, 0x7fffffff,
	} {
		for _, sign := range []uint32{0, 1 << 31} {
			for n := 1; n < 20; n++ {
				for at := range n {
					xs, want := make([]float32, n), []byte("before")
					for i := range xs {
						xs[i] = float32(i) - 7
						if i == at {
							xs[i] = math.Float32frombits(bits | sign)
						}
						word := math.Float32bits(xs[i])
						if xs[i] != xs[i] {
							word = 0x7fc00000
						}
						want = binary.LittleEndian.AppendUint32(want, word)
					}
					for name, got := range map[string][]byte{
						"AppendFloats": AppendFloats([]byte("before"), xs),
						"FloatBytes":   append([]byte("before"), FloatBytes(nil, xs)...),
					} {
						if !bytes.Equal(got, want) {
							t.Fatalf("%s, %08x at %d of %d: %x, want %x", name, bits|sign, at, n, got, want)
						}
					}
				}
			}
		}
	}
}

func BenchmarkWords(b *testing.B) {
	xs, room := make([]float32, 1<<18), make([]byte, 0, 1<<20)
	for i := range xs {
		xs[i] = rand.Float32()
	}
	b.SetBytes(1 << 20)
	for b.Loop() {
		FloatBytes(room, xs)
	}
}

package blob

import (
	"bytes"
	"crypto/sha256"
	"testing"
)

// benchBytes is 16 MiB, which no cache near a core holds.
func benchBytes(b *testing.B) []byte {
	b.SetBytes(16 << 20)
	b.ReportAllocs()
	return randomBytes(1, 16<<20)
}

// BenchmarkSum against BenchmarkSHA256, one stream, is the price of the tree. It
// needs 19 SHA-256 blocks where the plain hash needs 16, but many at once.
func BenchmarkSum(b *testing.B) {
	data := benchBytes(b)
	for b.Loop() {
		Sum(data)
	}
}

func BenchmarkSHA256(b *testing.B) {
	data := benchBytes(b)
	for b.Loop() {
		sha256.Sum256(data)
	}
}

func BenchmarkSumReader(b *testing.B) {
	data := benchBytes(b)
	for b.Loop() {
		if _, _, err := SumReader(bytes.NewReader(data)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkWrite writes one leaf at a time.
func BenchmarkWrite(b *testing.B) {
	data := benchBytes(b)
	var tree Tree
	for b.Loop() {
		tree.Reset()
		for i := 0; i < len(data); i += LeafSize {
			tree.Write(data[i : i+LeafSize])
		}
		tree.Root()
	}
}

func BenchmarkWriteFloats(b *testing.B) {
	benchBytes(b)
	xs := make([]float32, 4<<20)
	for i := range xs {
		xs[i] = float32(i)
	}
	var tree Tree
	for b.Loop() {
		tree.Reset()
		tree.WriteFloats(xs)
		tree.Root()
	}
}

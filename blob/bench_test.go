package blob

import (
	"bytes"
	"crypto/sha256"
	"testing"
)

// BenchmarkSum against BenchmarkSHA256 is the price of the tree. The tree needs
// 19 SHA-256 blocks where the plain hash needs 16, so 0.84 is the ceiling.
func BenchmarkSum(b *testing.B) {
	data := bytes.Repeat([]byte("minga"), 16<<20/5)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		Sum(data)
	}
}

func BenchmarkSumReader(b *testing.B) {
	data := bytes.Repeat([]byte("minga"), 16<<20/5)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, _, err := SumReader(bytes.NewReader(data)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSHA256(b *testing.B) {
	data := bytes.Repeat([]byte("minga"), 16<<20/5)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		sha256.Sum256(data)
	}
}

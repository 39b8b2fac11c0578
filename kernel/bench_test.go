package kernel

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkMatMul covers the shapes of training, of attention and of generation.
func BenchmarkMatMul(b *testing.B) {
	start := time.Now()
	clock := func() float64 { return time.Since(start).Seconds() }
	for _, name := range []string{"avx512", "avx2", "portable"} {
		be, err := New(name, 1)
		if err != nil {
			continue
		}
		for _, s := range [][3]int{{512, 512, 512}, {1024, 128, 128}, {1024, 344, 128}, {1024, 128, 344}, {1024, 1024, 384}, {128, 344, 1024}, {128, 32, 128}, {128, 128, 32}, {1, 1024, 384}, {4, 1024, 384}} {
			b.Run(fmt.Sprintf("%s/%dx%dx%d", name, s[0], s[1], s[2]), func(b *testing.B) {
				speed := be.MatMulBench(s[0], s[1], s[2], max(b.N, 2), clock)
				b.ReportMetric(speed.GFLOPS, "GFLOP/s")
				b.ReportMetric(speed.Share(), "of-peak")
			})
		}
	}
}

// BenchmarkRow is a row times the embedding, either way round: the last product
// of generation, which lives on reading the embedding fast.
func BenchmarkRow(b *testing.B) {
	for _, name := range []string{"avx512", "avx2"} {
		be, err := New(name, 1)
		if err != nil {
			continue
		}
		for _, s := range [][2]int{{1024, 128}, {1024, 384}, {1024, 1024}, {4096, 256}} {
			n, k := s[0], s[1]
			c, x, w := make([]float32, n), make([]float32, k), make([]float32, n*k)
			b.Run(fmt.Sprintf("MatMul/%dx%d/%s", n, k, name), func(b *testing.B) {
				for b.Loop() {
					be.MatMul(c, x, w, 1, n, k)
				}
			})
			b.Run(fmt.Sprintf("MatMulNT/%dx%d/%s", n, k, name), func(b *testing.B) {
				for b.Loop() {
					be.MatMulNT(c, x, w, 1, n, k)
				}
			})
		}
	}
}

// BenchmarkAttention is a layer of the small training shape: 8 sequences of 128,
// 4 heads of 32.
func BenchmarkAttention(b *testing.B) {
	const batch, t, count, hd = 8, 128, 4, 32
	be, err := New("", 1)
	if err != nil {
		b.Fatal(err)
	}
	var x [7][]float32
	for i := range x {
		x[i] = make([]float32, batch*t*count*hd)
	}
	var square [3][]float32
	for i := range square {
		square[i] = make([]float32, batch*count*t*t)
	}
	var row [2][]float32
	for i := range row {
		row[i] = make([]float32, batch*count*t)
	}
	b.Run("forward", func(b *testing.B) {
		for b.Loop() {
			be.Attention(x[0], square[0], row[0], row[1], x[1], x[2], x[3], batch, t, count, hd)
		}
	})
	b.Run("backward", func(b *testing.B) {
		for b.Loop() {
			be.AttentionGrad(x[4], x[5], x[6], square[1], square[2], row[0], x[0], x[1], x[2], x[3], square[0], batch, t, count, hd)
		}
	})
	b.Run("step", func(b *testing.B) {
		for b.Loop() {
			be.AttentionStep(x[0], x[1], x[2], x[3], 8*t-1, count, hd)
		}
	})
}

package kernel

import (
	"fmt"
	"math/rand/v2"
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
		for _, s := range [][3]int{{512, 512, 512}, {1024, 128, 128}, {1024, 344, 128}, {1024, 128, 344}, {1024, 1024, 384},
			{128, 344, 1024}, {128, 32, 128}, {128, 128, 32}, {1, 1024, 384}, {4, 1024, 384}} {
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
	be := backend(b, "", 1)
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
			be.AttentionGrad(x[4], x[5], x[6], square[1], square[2], row[0], x[0], x[1], x[2], x[3], square[0], batch, t, count,
				hd)
		}
	})
	b.Run("step", func(b *testing.B) {
		for b.Loop() {
			be.AttentionStep(x[0], x[1], x[2], x[3], 8*t-1, count, hd)
		}
	})
}

func BenchmarkOperators(b *testing.B) {
	const rows, d, hidden, vocab = 1024, 128, 344, 1024
	r := draws{Rand: rand.New(rand.NewPCG(1, 2))}
	x, y, z, w := r.floats(rows*vocab), r.floats(rows*vocab), r.floats(rows*vocab), r.floats(rows*vocab)
	u, v, s, gain := r.floats(rows), r.floats(rows), r.floats(rows), r.floats(d)
	targets := r.tokens(rows, vocab)
	for _, name := range Names() {
		k := backend(b, name, 1)
		if k.reference {
			continue
		}
		for _, c := range []struct {
			name string
			n    int
			f    func()
		}{
			{"AdamW", rows * vocab, func() { k.AdamW(x, y, z, w, []float32{1e-9, 1, 1}, []float32{1}, 0.9, 0.95, 1e-8, 0.1) }},
			{"SwiGLU", rows * hidden, func() { k.SwiGLU(y[:rows*hidden], x[:rows*hidden], z[:rows*hidden]) }},
			{"SwiGLUGrad", rows * hidden, func() {
				n := rows * hidden
				k.SwiGLUGrad(y[:n], z[:n], w[:n], x[:n], x[:n])
			}},
			{"CrossEntropy", rows * vocab, func() { k.CrossEntropy(u, v, s, x, targets, rows, vocab) }},
			{"CrossEntropyGrad", rows * vocab, func() { k.CrossEntropyGrad(y, x, v, s, targets, rows, vocab, 1e-3) }},
			{"RMSNorm", rows * d, func() { k.RMSNorm(y, u, x, gain, rows, d, 1e-5) }},
			{"RMSNormGrad", rows * d, func() { k.RMSNormGrad(y, s[:d], v, w, x, gain, u, rows, d) }},
			{"Rope", rows * d, func() { k.Rope(y, x, w, w, 8, 128, 4, 32) }},
			{"Add", rows * d, func() { k.Add(y[:rows*d], x[:rows*d], w[:rows*d]) }},
			{"SumSquares", rows * vocab, func() { k.SumSquares(u, x) }},
			{"EmbedGrad", rows * d, func() { k.EmbedGrad(y, x, targets, vocab, d) }},
		} {
			b.Run(c.name+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					c.f()
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(c.n), "ns/element")
			})
		}
	}
}

func BenchmarkSoftmaxRow(b *testing.B) {
	x, y := make([]float32, 128), make([]float32, 128)
	for _, name := range Names() {
		k := backend(b, name, 1)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				for n := range x {
					k.softmaxRow(y, x, n+1)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/128, "ns/row")
		})
	}
}

func BenchmarkExp(b *testing.B) {
	x, y := make([]float32, 1024), make([]float32, 1024)
	for i := range x {
		x[i] = -10 * rand.Float32()
	}
	for _, name := range Names() {
		k := backend(b, name, 1)
		if k.reference {
			continue
		}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				k.expSum(y, x, 0)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1024, "ns/exp")
		})
	}
}

// BenchmarkHandOver is what it costs to share a task that takes no time.
func BenchmarkHandOver(b *testing.B) {
	k := backend(b, "", 2)
	for b.Loop() {
		k.parallel(2, 1, func(_, _, _ int) {})
	}
}

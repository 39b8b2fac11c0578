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

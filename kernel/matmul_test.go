package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

func TestMatMulMatchesReference(t *testing.T) {
	shapes := [][3]int{{1, 1, 1}, {1, 300, 70}, {1, 257, 3}, {2, 33, 5}, {3, 31, 40}, {5, 7, 0}, {0, 3, 3}, {7, 64, 17},
		{11, 32, 8},
		{13, 65, 33}, {24, 32, 16}, {25, 1, 9}, {37, 97, 41}, {61, 1, 61}, {250, 40, 20}, {43, 1060, 24}, {45, 40, 800},
		{150, 130, 170}, {20, 700, 200}, {1, 3000, 600},
		{1, 31, 16}, {1, 107, 48}, {1, 3001, 256}}
	for _, kind := range []string{"normal", "wide", "tiny", "special"} {
		for _, shape := range shapes {
			m, n, k := shape[0], shape[1], shape[2]
			if m*n*k > 1<<21 && kind != "special" {
				continue // large only for the sake of threads
			}
			r := rand.New(rand.NewPCG(uint64(m*1000+n), uint64(k)))
			x, w := values(r, m*k, kind), values(r, k*n, kind)
			want := products(t, "reference", 1, x, w, m, n, k)
			for _, name := range Names() {
				for threads := firstThreads(name); threads <= 3; threads++ {
					got := products(t, name, threads, x, w, m, n, k)
					for i, op := range []string{"MatMul", "MatMulNT", "MatMulTN"} {
						requireSame(t, fmt.Sprintf("%s %s %d threads %dx%dx%d %s", op, name, threads, m, n, k, kind), got[i], want[i])
					}
				}
			}
		}
	}
}

// products runs the three products on the same numbers, each reading them in
// its own layout, and requires that nothing behind c is touched.
func products(t *testing.T, name string, threads int, x, w []float32, m, n, k int) (c [3][]float32) {
	const behind = 64
	b := backend(t, name, threads)
	for i, product := range []func(c, x, w []float32, m, n, k int){b.MatMul, b.MatMulNT, b.MatMulTN} {
		all := rubbish(m*n + behind)
		product(all[:m*n], x, w, m, n, k)
		requireSame(t, fmt.Sprintf("behind product %d %s %d threads %dx%dx%d", i, name, threads, m, n, k), all[m*n:],
			rubbish(m*n + behind)[m*n:])
		c[i] = all[:m*n]
	}
	return c
}

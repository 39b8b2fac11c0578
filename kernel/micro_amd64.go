package kernel

//go:generate go run -C ../tools ./kernelgen -of products -out ../kernel/products_amd64.s -stubs ../kernel/products_amd64.go -pkg kernel
//go:generate go run -C ../tools ./kernelgen -of rows -out ../kernel/rows_amd64.s -stubs ../kernel/rows_amd64.go -pkg kernel

// micros are the fast implementations that run on this machine, by name.
func micros() map[string]*micro {
	m := map[string]*micro{"portable": portable()}
	if hasAVX2() {
		m["avx2"] = &micro{
			cols: 16,
			tiles: []tile{
				assembly(6, 16, tile256x6, stack256x6, transpose6, scatter6),
				assembly(4, 16, tile256x4, stack256x4, transpose4, scatter4),
				assembly(2, 16, tile256x2, stack256x2, nil, nil),
				assembly(1, 16, tile256x1, stack256x1, nil, nil),
			},
			row:       rowOf(row256),
			transpose: transposeOf(transpose8),
			scatter:   scatterOf(scatter16),
			dots:      []dots{dotsOf(16, dots16), dotsOf(8, dots8)},
			peak:      peak256,
			perRound:  12 * 8 * 2,
		}
	}
	if hasAVX512() {
		m["avx512"] = &micro{
			cols: 32,
			tiles: []tile{
				assembly(12, 32, tile512x12, stack512x12, transpose12, scatter12),
				assembly(8, 32, tile512x8, stack512x8, transpose8, scatter8),
				assembly(4, 32, tile512x4, stack512x4, transpose4, scatter4),
				assembly(2, 32, tile512x2, stack512x2, nil, nil),
				assembly(1, 32, tile512x1, stack512x1, nil, nil),
			},
			row:       rowOf(row512),
			transpose: transposeOf(transpose8),
			scatter:   scatterOf(scatter32),
			dots:      []dots{dotsOf(16, dots16), dotsOf(8, dots8)},
			peak:      peak512,
			perRound:  24 * 16 * 2,
		}
	}
	return m
}

// assembly is a generated tile. Its operands reach as far as micro.fold and
// micro.foldPanel say; the indices here only catch an empty one.
func assembly(rows, cols int,
	fold func(flags, k int, a *float32, aRow, aStep int, b *float32, bStep int, c *float32, cRow int),
	stack func(flags, tiles, k int, a, b, c *float32, cRow int, mask *uint32),
	transpose func(n int, src *float32, srcRow int, dst *float32, dstRow int),
	scatter func(rows, panels int, src *float32, srcRow int, dst *float32, panel int),
) tile {
	t := tile{rows: rows, cols: cols, transpose: transposeOf(transpose), scatter: scatterOf(scatter)}
	t.fold = func(flags, k int, a []float32, aRow, aStep int, b []float32, bStep int, c []float32, cRow int) {
		fold(flags, k, &a[0], aRow, aStep, &b[0], bStep, &c[0], cRow)
	}
	t.stack = func(flags, tiles, k int, a, b, c []float32, cRow, width int) {
		if width < cols {
			flags |= partial
		}
		stack(flags, tiles, k, &a[0], &b[0], &c[0], cRow, &columns[len(columns)/2-width])
	}
	return t
}

// columns masks the first n columns of a tile from its middle less n on.
var columns = func() (mask [64]uint32) {
	for i := range len(mask) / 2 {
		mask[i] = 1<<32 - 1
	}
	return mask
}()

func transposeOf(f func(n int, src *float32, srcRow int, dst *float32, dstRow int)) transpose {
	if f == nil {
		return nil
	}
	return func(n int, src []float32, srcRow int, dst []float32, dstRow int) {
		f(n, &src[0], srcRow, &dst[0], dstRow)
	}
}

func scatterOf(f func(rows, panels int, src *float32, srcRow int, dst *float32, panel int)) scatter {
	if f == nil {
		return nil
	}
	return func(rows, panels int, src []float32, srcRow int, dst []float32, panel int) {
		f(rows, panels, &src[0], srcRow, &dst[0], panel)
	}
}

func rowOf(f func(n, k int, x, w *float32, wRow int, c *float32)) func(n, k int, x, w []float32, wRow int,
	c []float32) {
	return func(n, k int, x, w []float32, wRow int, c []float32) { f(n, k, &x[0], &w[0], wRow, &c[0]) }
}

func dotsOf(cols int, f func(n int, x, w *float32, wRow int, c *float32)) dots {
	return dots{cols, func(n int, x, w []float32, wRow int, c []float32) { f(n, &x[0], &w[0], wRow, &c[0]) }}
}

// Bits of CPUID (Intel's Software Developer's Manual, volume 2A) and of the
// register state that the operating system keeps (volume 1, 13.3).
const (
	cpuidFMA     = 1 << 12 // leaf 1, ecx
	cpuidOSXSAVE = 1 << 27 // leaf 1, ecx
	cpuidAVX     = 1 << 28 // leaf 1, ecx
	cpuidAVX2    = 1 << 5  // leaf 7, ebx
	cpuidAVX512F = 1 << 16 // leaf 7, ebx
	stateYMM     = 0x06
	stateZMM     = 0xe6
)

func hasAVX2() bool {
	leaves, _, _, _ := cpuid(0, 0)
	_, _, ecx, _ := cpuid(1, 0)
	const need = cpuidFMA | cpuidOSXSAVE | cpuidAVX
	if leaves < 7 || ecx&need != need || xgetbv()&stateYMM != stateYMM {
		return false
	}
	_, ebx, _, _ := cpuid(7, 0)
	return ebx&cpuidAVX2 != 0
}

func hasAVX512() bool {
	if !hasAVX2() || xgetbv()&stateZMM != stateZMM {
		return false
	}
	_, ebx, _, _ := cpuid(7, 0)
	return ebx&cpuidAVX512F != 0
}

package kernel

// portableCols is few enough for the accumulators to stay in registers.
const portableCols = 4

// portable is the micro of machines without generated assembly.
func portable() *micro {
	return &micro{
		cols:     portableCols,
		tiles:    []tile{portableTile(4), portableTile(1)},
		wide:     portableTile(1),
		peak:     portablePeak,
		perRound: 2 * portableCols,
	}
}

// portableTile folds row by row, so that a triangle is only where a row's
// chain begins and ends.
func portableTile(rows int) tile {
	return tile{rows, portableCols, func(flags, k int, a []float32, aRow, aStep int, b []float32, bStep int, c []float32, cRow int) {
		for i := range rows {
			lo, hi := 0, k
			if flags&before != 0 {
				lo, hi = i, k+rows-1
			}
			if flags&after != 0 {
				hi = k + i
			}
			acc := (*[portableCols]float32)(c[i*cRow:])
			if flags&fresh != 0 {
				clear(acc[:])
			}
			for p := lo; p < hi; p++ {
				foldStep(acc, a[i*aRow+p*aStep], (*[portableCols]float32)(b[p*bStep:]))
			}
		}
	}}
}

// foldStep is one step of portableCols chains.
func foldStep(acc *[portableCols]float32, a float32, b *[portableCols]float32) {
	acc[0] = FMA32(a, b[0], acc[0])
	acc[1] = FMA32(a, b[1], acc[1])
	acc[2] = FMA32(a, b[2], acc[2])
	acc[3] = FMA32(a, b[3], acc[3])
}

func portablePeak(n int) {
	var acc, b [portableCols]float32
	for range n {
		foldStep(&acc, 1, &b)
	}
}

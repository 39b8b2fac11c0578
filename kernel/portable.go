package kernel

// portableCols is few enough for the accumulators to stay in registers.
const portableCols = 4

// portable is the micro of machines without generated assembly.
func portable() *micro {
	m := &micro{cols: portableCols, peak: portablePeak, perRound: 2 * portableCols}
	for _, rows := range []int{4, 1} {
		t := portableTile(rows)
		t.stack = func(flags, tiles, k int, a, b, c []float32, cRow, width int) {
			var spare [4 * portableCols]float32
			for i := range tiles {
				x := matrix{a[i*(rows*k+apart):], 1, rows}
				m.fold(t, flags, k, x, panel{b, portableCols, width}, c[i*rows*cRow:], cRow, spare[:])
			}
		}
		m.tiles = append(m.tiles, t)
	}
	return m
}

// portableTile folds row by row, so that a triangle is only where a row's
// chain begins and ends.
func portableTile(rows int) tile {
	t := tile{rows: rows, cols: portableCols}
	t.fold = func(flags, k int, a []float32, aRow, aStep int, b []float32, bStep int, c []float32, cRow int) {
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
	}
	return t
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

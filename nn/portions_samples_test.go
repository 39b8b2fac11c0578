package nn

func init() {
	samples[OpPortionWindows] = func(r sizes) ([]uint64, []Value, int) {
		in := []Value{ints(r.row()), ints(r.small()*r.small(), 3), ints(1)}
		return []uint64{r.Uint64(), uint64(r.small()), uint64(r.row())}, in, []int{1, 10, 40, 1 << 31}[r.IntN(4)]
	}
	samples[OpCycle] = func(r sizes) ([]uint64, []Value, int) {
		batch, context := r.small(), r.small()
		in := []Value{ints(r.row() * (context + 1)), ints(1)}
		return []uint64{uint64(batch), uint64(context)}, in, []int{1, 40, 1 << 31}[r.IntN(3)]
	}
	samples[OpProbe] = func(r sizes) ([]uint64, []Value, int) {
		return []uint64{bits(1e-8), bits(1.0 / 16)}, append(same(r.any(), 3), floats(3), floats(1)), 0
	}
	// Stretches are anything too: they may overlap, or end before they begin.
	samples[OpCredit] = func(r sizes) ([]uint64, []Value, int) {
		first, rows, context, stretches := r.IntN(4), r.small(), r.row(), r.row()
		losses := floats(rows * context)
		in := []Value{floats(first + stretches), losses, losses, ints(rows), ints(stretches, 2)}
		return []uint64{uint64(first), uint64(context), bits(float32(r.NormFloat64()))}, in,
			[]int{1, 40, 200, 1 << 31}[r.IntN(4)]
	}
}

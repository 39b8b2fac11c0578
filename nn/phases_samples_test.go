package nn

func init() {
	samples[OpNormal] = func(r sizes) ([]uint64, []Value, int) {
		return append([]uint64{r.Uint64(), uint64(r.IntN(9)), bits(float32(r.NormFloat64()))}, dimensions(r.any())...), nil, 0
	}
	samples[OpFill] = func(r sizes) ([]uint64, []Value, int) {
		return append([]uint64{bits(special[r.IntN(len(special))])}, dimensions(r.any())...), nil, 0
	}
	// Places and steps are anything: windows may begin outside of the corpus.
	samples[OpWindows] = func(r sizes) ([]uint64, []Value, int) {
		in := []Value{ints(r.row()), ints(r.small(), 2), ints(1)}
		return []uint64{r.Uint64(), uint64(r.small()), uint64(r.row())}, in, []int{1, 10, 40, 1 << 31}[r.IntN(4)]
	}
	samples[OpBatch] = func(r sizes) ([]uint64, []Value, int) {
		batch, context := r.small(), r.small()
		in := []Value{ints(r.IntN(6)*batch*(context+1) + 1), ints(1)}
		return []uint64{uint64(batch), uint64(context)}, in, []int{1, 4, 1 << 31}[r.IntN(3)]
	}
	samples[OpRecord] = func(r sizes) ([]uint64, []Value, int) {
		interval, points := r.small(), r.small()
		steps := interval*points - r.IntN(interval)
		return []uint64{uint64(interval), uint64(steps)}, []Value{floats(points), floats(1), ints(1)},
			[]int{steps, 1 << 31}[r.IntN(2)]
	}
	samples[OpAccumulate] = func(r sizes) ([]uint64, []Value, int) {
		n := r.small()
		return []uint64{uint64(r.IntN(n)), uint64(r.deep())}, []Value{floats(n), floats(1)}, 0
	}
}

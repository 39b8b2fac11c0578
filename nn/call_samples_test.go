package nn

import (
	"math"
)

// drawCall is a record for a context, mostly a right one.
func drawCall(r sizes, context, vocab int) []int32 {
	prompt := 1 + r.IntN(context)
	c := Call{Prompt: make([]int32, prompt), Made: make([]int32, r.IntN(context-prompt+1)), Sampling: Sampling{
		Temperature: []float32{0, 1, 0.3, 5, 1e-30, 100}[r.IntN(6)],
		TopP: []uint32{TopPWhole, TopPWhole, 1, TopPWhole / 2, TopPWhole * 9 / 10,
			r.Uint32N(TopPWhole) + 1}[r.IntN(6)],
		Seed: r.Uint64(),
	}}
	for i := range c.Prompt {
		c.Prompt[i] = r.Int32N(int32(vocab))
	}
	for i := range c.Made {
		c.Made[i] = r.Int32N(int32(vocab))
	}
	record := c.Record(context)
	if r.IntN(2) == 0 {
		spoil(r, record)
	}
	return record
}

// spoil puts wild words into a record.
func spoil(r sizes, record []int32) {
	wild := []int32{-1, 0, 1, 2, math.MaxInt32, math.MinInt32, int32(r.Uint32()),
		int32(math.Float32bits(float32(math.NaN()))), 1 << 20}
	for range 1 + r.IntN(3) {
		record[r.IntN(min(len(record), 2*CallHeader))] = wild[r.IntN(len(wild))]
	}
}

func init() {
	samples[OpCall] = func(r sizes) ([]uint64, []Value, int) {
		context := r.row()
		return []uint64{uint64(context), uint64(r.row())}, []Value{ints(CallWords(context))}, 1
	}
	inputs[OpCall] = func(r sizes, attr []uint64, in []operand) {
		copy(in[0].i, drawCall(r, int(attr[0]), int(attr[1])))
	}
	samples[OpSample] = func(r sizes) ([]uint64, []Value, int) {
		rows := r.small()
		return nil, []Value{floats(rows, r.row()), ints(rows), ints(CallWords(rows))}, 3
	}
	inputs[OpSample] = func(r sizes, _ []uint64, in []operand) {
		copy(in[2].i, drawCall(r, len(in[1].i), in[0].shape[1]))
		for i := range in[1].i {
			in[1].i[i] -= 1
		}
		if r.IntN(3) == 0 { // rows with many equals
			for i := range in[0].f {
				in[0].f[i] = float32(r.IntN(3))
			}
		}
	}
	samples[OpDifferences] = func(r sizes) ([]uint64, []Value, int) {
		rows := ints(r.row())
		return nil, []Value{floats(1), rows, rows}, 3
	}
	inputs[OpDifferences] = func(r sizes, _ []uint64, in []operand) {
		for i := range in[1].i {
			in[1].i[i] -= 1
		}
	}
	samples[OpChosenRows] = func(r sizes) ([]uint64, []Value, int) {
		rows := r.small()
		return nil, []Value{floats(rows, r.row()), ints(rows)}, 2
	}
	inputs[OpChosenRows] = func(r sizes, _ []uint64, in []operand) {
		in[1].i[r.IntN(len(in[1].i))] = -1
	}
	samples[OpTally] = func(r sizes) ([]uint64, []Value, int) {
		return nil, []Value{floats(2), floats(1), ints(1)}, 2
	}
	inputs[OpTally] = func(r sizes, _ []uint64, in []operand) {
		if r.IntN(2) == 0 {
			copy(in[0].f, []float32{float32(r.IntN(unitsFull)), float32(r.IntN(9))})
			in[1].f[0] = float32(r.IntN(unitsFull))
		}
	}
}

package kernel

import (
	"fmt"
	"runtime"
	"testing"
)

// shapedCalls are the operators that take shapes or several slices, with the
// lengths of their float32 slices in order of the arguments.
var shapedCalls = map[string]struct {
	lengths []int
	run     func(b *Backend, x [][]float32, tokens []int32)
}{
	"MatMul": {[]int{3 * 40, 3 * 5, 5 * 40},
		func(b *Backend, x [][]float32, _ []int32) { b.MatMul(x[0], x[1], x[2], 3, 40, 5) }},
	"MatMulNT": {[]int{3 * 40, 3 * 5, 40 * 5},
		func(b *Backend, x [][]float32, _ []int32) { b.MatMulNT(x[0], x[1], x[2], 3, 40, 5) }},
	"MatMulTN": {[]int{3 * 40, 5 * 3, 5 * 40},
		func(b *Backend, x [][]float32, _ []int32) { b.MatMulTN(x[0], x[1], x[2], 3, 40, 5) }},
	"MatMul of nothing": {[]int{3 * 40, 0, 0}, func(b *Backend, x [][]float32, _ []int32) {
		b.MatMul(x[0], x[1], x[2], 3, 40, 0)
	}},
	"Attention": {[]int{280, 98, 14, 14, 280, 280, 280}, func(b *Backend, x [][]float32, _ []int32) {
		b.Attention(x[0], x[1], x[2], x[3], x[4], x[5], x[6], 1, 7, 2, 20)
	}},
	"AttentionGrad": {[]int{280, 280, 280, 98, 98, 14, 280, 280, 280, 280, 98},
		func(b *Backend, x [][]float32, _ []int32) {
			b.AttentionGrad(x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7], x[8], x[9], x[10], 1, 7, 2, 20)
		}},
	"AttentionStep": {[]int{40, 40, 280, 280}, func(b *Backend, x [][]float32, _ []int32) {
		b.AttentionStep(x[0], x[1], x[2], x[3], 6, 2, 20)
	}},
	"Add": {[]int{20, 20, 20}, func(b *Backend, x [][]float32, _ []int32) { b.Add(x[0], x[1], x[2]) }},
	"Embed": {[]int{3 * 20, 4 * 20},
		func(b *Backend, x [][]float32, tokens []int32) { b.Embed(x[0], x[1], tokens[:3], 20) }},
	"EmbedGrad": {[]int{4 * 20, 3 * 20},
		func(b *Backend, x [][]float32, tokens []int32) { b.EmbedGrad(x[0], x[1], tokens[:3], 4, 20) }},
	"RMSNorm": {[]int{3 * 20, 3, 3 * 20, 20},
		func(b *Backend, x [][]float32, _ []int32) { b.RMSNorm(x[0], x[1], x[2], x[3], 3, 20, 1) }},
	"RopeTable": {[]int{3 * 10, 3 * 10},
		func(b *Backend, x [][]float32, _ []int32) { b.RopeTable(x[0], x[1], 0, 3, 20, 10) }},
	"Rope": {[]int{120, 120, 30, 30},
		func(b *Backend, x [][]float32, _ []int32) { b.Rope(x[0], x[1], x[2], x[3], 1, 3, 2, 20) }},
	"RopeGrad": {[]int{120, 120, 30, 30},
		func(b *Backend, x [][]float32, _ []int32) { b.RopeGrad(x[0], x[1], x[2], x[3], 1, 3, 2, 20) }},
	"SwiGLU": {[]int{20, 20, 20}, func(b *Backend, x [][]float32, _ []int32) { b.SwiGLU(x[0], x[1], x[2]) }},
	"SwiGLUGrad": {[]int{20, 20, 20, 20, 20},
		func(b *Backend, x [][]float32, _ []int32) { b.SwiGLUGrad(x[0], x[1], x[2], x[3], x[4]) }},
	"RMSNormGrad": {[]int{3 * 20, 20, 3, 3 * 20, 3 * 20, 20, 3}, func(b *Backend, x [][]float32, _ []int32) {
		b.RMSNormGrad(x[0], x[1], x[2], x[3], x[4], x[5], x[6], 3, 20)
	}},
	"CrossEntropy": {[]int{3, 3, 3, 3 * 20}, func(b *Backend, x [][]float32, tokens []int32) {
		b.CrossEntropy(x[0], x[1], x[2], x[3], tokens, 3, 20)
	}},
	"CrossEntropyGrad": {[]int{3 * 20, 3 * 20, 3, 3}, func(b *Backend, x [][]float32, tokens []int32) {
		b.CrossEntropyGrad(x[0], x[1], x[2], x[3], tokens, 3, 20, 1)
	}},
	"AdamW": {[]int{20, 20, 20, 20, 3, 1}, func(b *Backend, x [][]float32, _ []int32) {
		b.AdamW(x[0], x[1], x[2], x[3], x[4], x[5], 1, 1, 1, 1)
	}},
	"Exponentials": {[]int{20, 20}, func(b *Backend, x [][]float32, _ []int32) { b.Exponentials(x[0], x[1], 0, 1) }},
}

// lengthOnly are operators whose first slice says how long the others are: it
// may be shorter, they may not.
var lengthOnly = map[string]int{"Add": 0, "SwiGLU": 0, "SwiGLUGrad": 2, "AdamW": 0, "Exponentials": 1}

// Slices are parts of larger buffers, so that only their length can stop an operator.
func TestShortSlicesPanic(t *testing.T) {
	for _, name := range Names() {
		b := backend(t, name, 2)
		for operator, c := range shapedCalls {
			what := operator + " on " + name
			x := make([][]float32, len(c.lengths))
			for i, n := range c.lengths {
				x[i] = make([]float32, n+1000)[:n]
			}
			tokens := []int32{0, 3, 1, 0}
			if err := panics(func() { c.run(b, x, tokens[:3]) }); err != nil {
				t.Errorf("%s with slices of its shapes: %v", what, err)
			}
			if operator == "CrossEntropy" || operator == "CrossEntropyGrad" {
				requirePanic(t, what+", targets", func() { c.run(b, x, tokens[:2]) })
			}
			for i, n := range c.lengths {
				if first, ok := lengthOnly[operator]; n == 0 || ok && i == first {
					continue
				}
				x[i] = x[i][:n-1]
				requirePanic(t, fmt.Sprintf("%s, slice %d", what, i), func() { c.run(b, x, tokens[:3]) })
				x[i] = x[i][:n]
			}
		}
	}
}

func TestEmbedDoesNotReadBeyondItsTable(t *testing.T) {
	table := make([]float32, 100)[:40]
	for _, name := range Names() {
		b := backend(t, name, 1)
		requirePanic(t, name, func() { b.Embed(make([]float32, 20), table, []int32{2}, 20) })
	}
}

func requirePanic(t *testing.T, what string, f func()) {
	t.Helper()
	if panics(f) == nil {
		t.Errorf("%s: no panic although one element is missing", what)
	}
}

// panics is the runtime error that f ends with.
func panics(f func()) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = p.(runtime.Error)
		}
	}()
	f()
	return nil
}

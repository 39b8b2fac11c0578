package nn

import "math/rand/v2"

// drawNode draws a node with its inputs: ragged shapes, floats from the caller,
// tokens that kernels accept.
func drawNode(r *rand.Rand, op Op, numbers func(r *rand.Rand, n int) []float32) (Node, []operand) {
	attr, values, limit := samples[op](sizes{r})
	in := make([]operand, len(values))
	for i, v := range values {
		in[i] = makeOperand(v)
		if v.Kind == Float {
			copy(in[i].f, numbers(r, v.Size()))
		}
		for j := range in[i].i {
			in[i].i[j] = int32(r.IntN(limit))
		}
	}
	if set := inputs[op]; set != nil {
		set(sizes{r}, attr, in)
	}
	return Node{Op: op, Attr: attr}, in
}

// inputs fills what random numbers would hardly ever be.
var inputs = map[Op]func(r sizes, attr []uint64, in []operand){}

// sizes draws dimensions: mostly small, at times beyond registers and blocks.
type sizes struct{ *rand.Rand }

func (r sizes) small() int { return 1 + r.IntN(6) }
func (r sizes) row() int   { return 1 + r.IntN([]int{4, 20, 40, 100}[r.IntN(4)]) }

func (r sizes) deep() int {
	if r.IntN(8) == 0 {
		return 1 + r.IntN(400)
	}
	return r.row()
}

// attention draws q's shape and prob's.
func (r sizes) attention() (q, prob Value) {
	batch, heads, t, width := 1+r.IntN(2), 1+r.IntN(3), 1+r.IntN(12), 1+r.IntN(20)
	if r.IntN(6) == 0 {
		batch, t = 1, 1+r.IntN(40)
	}
	return floats(batch*t, heads*width), floats(batch, heads, t, t)
}

// rope draws the shapes of x and of the tables.
func (r sizes) rope() []Value {
	t, half := r.small(), 1+r.IntN(20)
	table := floats(t, half)
	return []Value{floats(r.small()*t, (1+r.IntN(3))*2*half), table, table}
}

func (r sizes) any() Value {
	return [...]Value{floats(r.row()), floats(r.small(), r.row()), floats(1, r.small(), 2, r.small())}[r.IntN(3)]
}

func same(v Value, n int) []Value {
	vs := make([]Value, n)
	for i := range vs {
		vs[i] = v
	}
	return vs
}

// samples draw attributes, the shapes of the inputs, and the bound of ints.
var samples = map[Op]func(r sizes) (attr []uint64, in []Value, limit int){
	OpMatMul: func(r sizes) ([]uint64, []Value, int) {
		m, n, k := r.row(), r.row(), r.deep()
		return nil, []Value{floats(m, k), floats(k, n)}, 0
	},
	OpMatMulNT: func(r sizes) ([]uint64, []Value, int) {
		m, n, k := r.row(), r.row(), r.deep()
		return nil, []Value{floats(m, k), floats(n, k)}, 0
	},
	OpMatMulTN: func(r sizes) ([]uint64, []Value, int) {
		m, n, k := r.row(), r.row(), r.deep()
		return nil, []Value{floats(k, m), floats(k, n)}, 0
	},
	OpAdd: func(r sizes) ([]uint64, []Value, int) { return nil, same(r.any(), 2), 0 },
	OpEmbed: func(r sizes) ([]uint64, []Value, int) {
		vocab := r.row()
		return nil, []Value{floats(vocab, r.row()), ints(r.row())}, vocab
	},
	OpEmbedGrad: func(r sizes) ([]uint64, []Value, int) {
		vocab, rows := r.row(), r.row()
		return []uint64{uint64(vocab)}, []Value{floats(rows, 1+r.IntN(20)), ints(rows)}, vocab
	},
	OpRMSNorm: func(r sizes) ([]uint64, []Value, int) {
		d := r.row()
		return []uint64{bits(1e-5)}, []Value{floats(r.small(), d), floats(d)}, 0
	},
	OpRMSNormGrad: func(r sizes) ([]uint64, []Value, int) {
		rows, d := r.small(), r.row()
		x := floats(rows, d)
		return nil, []Value{x, x, floats(d), floats(rows)}, 0
	},
	OpRopeTable: func(r sizes) ([]uint64, []Value, int) {
		return []uint64{uint64(r.IntN(5000)), uint64(r.row()), uint64(2 * r.row()), bits(10000)}, nil, 0
	},
	OpRope:     func(r sizes) ([]uint64, []Value, int) { return nil, r.rope(), 0 },
	OpRopeGrad: func(r sizes) ([]uint64, []Value, int) { return nil, r.rope(), 0 },
	OpAttention: func(r sizes) ([]uint64, []Value, int) {
		q, prob := r.attention()
		return []uint64{uint64(prob.Shape[2]), uint64(prob.Shape[1])}, same(q, 3), 0
	},
	OpAttentionGrad: func(r sizes) ([]uint64, []Value, int) {
		q, prob := r.attention()
		return nil, append(same(q, 4), prob), 0
	},
	OpSwiGLU:     func(r sizes) ([]uint64, []Value, int) { return nil, same(r.any(), 2), 0 },
	OpSwiGLUGrad: func(r sizes) ([]uint64, []Value, int) { return nil, same(r.any(), 3), 0 },
	OpCrossEntropy: func(r sizes) ([]uint64, []Value, int) {
		rows, vocab := r.small(), r.row()
		return nil, []Value{floats(rows, vocab), ints(rows)}, vocab
	},
	OpCrossEntropyGrad: func(r sizes) ([]uint64, []Value, int) {
		rows, vocab := r.small(), r.row()
		return nil, []Value{floats(rows, vocab), floats(rows), floats(rows), ints(rows)}, vocab
	},
	OpMean:       func(r sizes) ([]uint64, []Value, int) { return nil, []Value{r.any()}, 0 },
	OpSumSquares: func(r sizes) ([]uint64, []Value, int) { return nil, []Value{r.any()}, 0 },
	OpClipScale: func(r sizes) ([]uint64, []Value, int) {
		return []uint64{bits([]float32{0, 1, 30}[r.IntN(3)])}, same(floats(1), r.IntN(40)), 0
	},
	OpSchedule: func(r sizes) ([]uint64, []Value, int) {
		return []uint64{bits(0.01), bits(0.001), uint64(r.IntN(9)), uint64(r.IntN(30)), bits(0.9), bits(0.95)},
			[]Value{ints(1)}, 40
	},
	OpAdamW: func(r sizes) ([]uint64, []Value, int) {
		return []uint64{bits(0.9), bits(0.95), bits(1e-8), bits(0.1)}, append(same(r.any(), 4), floats(3), floats(1)), 0
	},
}

package nn

import "fmt"

// Network is what a transformer computes, written once for all who compute it: over
// the IDs of a Program that is being built, or over arrays, as a generator does that
// remembers what it has read. The fields are the weights.
type Network[V any] struct {
	Embed  V // (vocab, dim)
	Blocks []Block[V]
	Norm   V // (dim)
	Output V // (vocab, dim): Embed itself where the two are tied
}

// Block is the weights of one layer. Matrices are stored (in, out), so that y = x·W.
type Block[V any] struct {
	Norm1          V // (dim)
	Wq, Wk, Wv, Wo V // (dim, dim)
	Norm2          V // (dim)
	W1, W3         V // (dim, hidden)
	W2             V // (hidden, dim)
}

// Arithmetic is the operators of a Network. A value has a row for each token of the
// text that is read.
type Arithmetic[V any] interface {
	Embed(table V) V               // the rows of the table that belong to the tokens
	Norm(x, gain V) V              // RMSNorm
	MatMul(x, w V) V               // x·w
	Rotate(x V) V                  // by the positions of the rows
	Attend(block int, q, k, v V) V // each row looks at the rows up to itself
	SwiGLU(gate, up V) V           // silu(gate)·up
	Add(x, y V) V                  // x + y; neither is used again
	Project(x, output V) V         // x·outputᵀ
}

// Hidden is the residual stream behind the last block.
func (n Network[V]) Hidden(a Arithmetic[V]) V {
	x := a.Embed(n.Embed)
	for i, b := range n.Blocks {
		h := a.Norm(x, b.Norm1)
		q := a.Rotate(a.MatMul(h, b.Wq))
		k := a.Rotate(a.MatMul(h, b.Wk))
		v := a.MatMul(h, b.Wv)
		x = a.Add(x, a.MatMul(a.Attend(i, q, k, v), b.Wo))

		h = a.Norm(x, b.Norm2)
		gate, up := a.MatMul(h, b.W1), a.MatMul(h, b.W3)
		x = a.Add(x, a.MatMul(a.SwiGLU(gate, up), b.W2))
	}
	return x
}

// Logits are the scores of the next token, of the rows of Hidden that are given.
func (n Network[V]) Logits(a Arithmetic[V], hidden V) V {
	return a.Project(a.Norm(hidden, n.Norm), n.Output)
}

// NewNetwork puts the weights, in the order of Config.Tensors, in their places.
func NewNetwork[V any](cfg Config, weights []V) Network[V] {
	n := Network[V]{Blocks: make([]Block[V], cfg.Layers)}
	for i, place := range n.places(cfg.Tied) {
		*place = weights[i]
	}
	if cfg.Tied {
		n.Output = n.Embed
	}
	return n
}

// places are the weights in their fixed order.
func (n *Network[V]) places(tied bool) []*V {
	all := []*V{&n.Embed}
	for i := range n.Blocks {
		b := &n.Blocks[i]
		all = append(all, &b.Norm1, &b.Wq, &b.Wk, &b.Wv, &b.Wo, &b.Norm2, &b.W1, &b.W3, &b.W2)
	}
	if all = append(all, &n.Norm); !tied {
		all = append(all, &n.Output)
	}
	return all
}

// Tensors lists the names and shapes of the weights in their fixed order,
// without data.
func (c Config) Tensors() []Tensor {
	n := Network[Tensor]{
		Embed:  Tensor{Name: "embed", Shape: []int{c.Vocab, c.Dim}},
		Norm:   Tensor{Name: "norm", Shape: []int{c.Dim}},
		Output: Tensor{Name: "output", Shape: []int{c.Vocab, c.Dim}},
	}
	for i := range c.Layers {
		n.Blocks = append(n.Blocks, c.block(i))
	}
	var all []Tensor
	for _, place := range n.places(c.Tied) {
		all = append(all, *place)
	}
	return all
}

func (c Config) block(i int) Block[Tensor] {
	weight := func(name string, shape ...int) Tensor {
		return Tensor{Name: fmt.Sprintf("layers.%d.%s", i, name), Shape: shape}
	}
	return Block[Tensor]{
		Norm1: weight("norm1", c.Dim),
		Wq:    weight("wq", c.Dim, c.Dim),
		Wk:    weight("wk", c.Dim, c.Dim),
		Wv:    weight("wv", c.Dim, c.Dim),
		Wo:    weight("wo", c.Dim, c.Dim),
		Norm2: weight("norm2", c.Dim),
		W1:    weight("w1", c.Dim, c.Hidden),
		W3:    weight("w3", c.Dim, c.Hidden),
		W2:    weight("w2", c.Hidden, c.Dim),
	}
}

package infer

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/nn/file"
	"github.com/minga-network/minga/nn/token"
)

const text = `In the beginning God created the heaven and the earth. And the earth was without form,
and void; and darkness was upon the face of the deep. And the Spirit of God moved upon the face of the
waters. And God said, Let there be light: and there was light. `

func backend(t testing.TB, name string, threads int) *kernel.Backend {
	t.Helper()
	b, err := kernel.New(name, threads)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// model is a transformer that knows nothing, with sharper matrices than
// training starts from so that its choices differ from place to place.
func model(t testing.TB, tied bool, context int) *file.Model {
	t.Helper()
	tok, err := token.Train([][]byte{[]byte(strings.Repeat(text, 2))}, 300)
	if err != nil {
		t.Fatal(err)
	}
	cfg := nn.Config{
		Vocab: tok.Vocab(), Layers: 2, Dim: 24, Heads: 3, Hidden: 40, Context: context, Tied: tied, Theta: 10000, Eps: 1e-5,
	}
	m := &file.Model{Config: cfg, Tensors: nn.Initial(cfg, 1, backend(t, "", 1)), Tokenizer: tok}
	for _, w := range m.Tensors {
		if len(w.Shape) == 2 {
			for i := range w.Data {
				w.Data[i] *= 8
			}
		}
	}
	return m
}

// whole is the forward pass over a text at once, as training does it: logits
// (len(tokens), vocab). It has no cache and shares no code with it.
func whole(m *file.Model, b *kernel.Backend, tokens []int32) []float32 {
	c, n := m.Config, len(tokens)
	d, width := c.Dim, c.Dim/c.Heads
	w := map[string][]float32{}
	for _, t := range m.Tensors {
		w[t.Name] = t.Data
	}
	vec := func(n int) []float32 { return make([]float32, n) }
	norm := func(x, gain []float32) []float32 {
		y := vec(n * d)
		b.RMSNorm(y, vec(n), x, gain, n, d, c.Eps)
		return y
	}
	times := func(x, w []float32, in, out int) []float32 {
		y := vec(n * out)
		b.MatMul(y, x, w, n, out, in)
		return y
	}
	plus := func(x, y []float32) []float32 {
		sum := vec(n * d)
		b.Add(sum, x, y)
		return sum
	}
	cos, sin := vec(n*width/2), vec(n*width/2)
	b.RopeTable(cos, sin, 0, n, width, c.Theta)
	turn := func(x []float32) []float32 {
		y := vec(n * d)
		b.Rope(y, x, cos, sin, 1, n, c.Heads, width)
		return y
	}
	x := vec(n * d)
	b.Embed(x, w["embed"], tokens, d)
	for l := range c.Layers {
		at := func(name string) []float32 { return w[fmt.Sprintf("layers.%d.%s", l, name)] }
		h, y := norm(x, at("norm1")), vec(n*d)
		q, k, v := turn(times(h, at("wq"), d, d)), turn(times(h, at("wk"), d, d)), times(h, at("wv"), d, d)
		b.Attention(y, vec(c.Heads*n*n), vec(c.Heads*n), vec(c.Heads*n), q, k, v, 1, n, c.Heads, width)
		x = plus(x, times(y, at("wo"), d, d))
		h, y = norm(x, at("norm2")), vec(n*c.Hidden)
		b.SwiGLU(y, times(h, at("w1"), d, c.Hidden), times(h, at("w3"), d, c.Hidden))
		x = plus(x, times(y, at("w2"), c.Hidden, d))
	}
	logits, output := vec(n*c.Vocab), w["output"]
	if c.Tied {
		output = w["embed"]
	}
	b.MatMulNT(logits, norm(x, w["norm"]), output, n, c.Vocab, d)
	return logits
}

func sameBits(a, b []float32) bool {
	for i := range a {
		if math.Float32bits(a[i]) != math.Float32bits(b[i]) {
			return false
		}
	}
	return len(a) == len(b)
}

package demo

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/minga-network/minga/nn"
)

// cheat trains as everybody does but for one bit: in one step of training it flips
// a bit of one gradient, and goes on from there. It lies in the same place
// whenever it does that step again, so that it can defend its claim to the end.
type cheat struct {
	number         int32  // of the step, within training
	pick, from, up uint64 // draw the node, the element and the bit
	tell           func(lie)
	once           sync.Once
}

// lie is what a cheat did.
type lie struct {
	place
	number       int32 // of the step, within training
	op           nn.Op
	shape        []int
	right, wrong uint32 // words
}

// place is an element of a node's output in a step, counted from 1 over the run.
type place struct{ step, node, element int }

// newCheat draws a lie about a training of so many steps. The first time that it
// lies, tell is told.
func newCheat(seed uint64, steps int, tell func(lie)) *cheat {
	r := rand.New(rand.NewPCG(seed, 0x11a2))
	return &cheat{number: int32(r.IntN(steps)), pick: r.Uint64(), from: r.Uint64(), up: r.Uint64(), tell: tell}
}

// gradients are the operators that only the way back has.
var gradients = []nn.Op{
	nn.OpMatMulTN, nn.OpEmbedGrad, nn.OpRMSNormGrad, nn.OpRopeGrad,
	nn.OpAttentionGrad, nn.OpSwiGLUGrad, nn.OpCrossEntropyGrad,
}

// observe is called after each node of each step.
func (c *cheat) observe(step int, m *nn.Machine, node int) {
	p := m.Program()
	if m.Ints(nn.ID(len(p.Inputs) - 1))[0] != c.number || !slices.Contains(gradients, p.Nodes[node].Op) {
		return
	}
	var nodes []int
	for i, n := range p.Nodes {
		if slices.Contains(gradients, n.Op) {
			nodes = append(nodes, i)
		}
	}
	if nodes[c.pick%uint64(len(nodes))] != node {
		return
	}
	n := p.Nodes[node]
	at, right, wrong := c.flip(m.Floats(n.Out[0]))
	c.once.Do(func() { c.tell(lie{place{step, node, at}, c.number, n.Op, p.Values[n.Out[0]].Shape, right, wrong}) })
}

// flip changes one of the upper bits of a mantissa. It takes an element that is
// not small beside the others, so that the change is not lost in a sum.
func (c *cheat) flip(xs []float32) (at int, right, wrong uint32) {
	size := func(i int) float64 { return math.Abs(float64(xs[i])) }
	largest := 0.0
	for i := range xs {
		largest = max(largest, size(i))
	}
	at = int(c.from % uint64(len(xs)))
	for size(at) < largest/2 {
		at = (at + 1) % len(xs)
	}
	right = math.Float32bits(xs[at])
	wrong = right ^ 1<<(16+c.up%7)
	xs[at] = math.Float32frombits(wrong)
	return at, right, wrong
}

func word(bits uint32) string { return fmt.Sprintf("0x%08x", bits) }

// valued writes a word with the number that it is.
func valued(bits uint32) string {
	return fmt.Sprintf("%s = %.9g", word(bits), math.Float32frombits(bits))
}

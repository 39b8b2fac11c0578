package sim

import (
	"math"
	"slices"

	"github.com/minga-network/minga/nn"
)

// Lie is for Observe of a worker's Config. In one step of a run, counted from 1, it
// flips a bit of a gradient of the weights. It gives the same wrong bits whenever that
// step is executed, so the worker can defend its claim up to the last move.
func Lie(step int) func(int, *nn.Machine, int) {
	return func(at int, m *nn.Machine, node int) {
		if at != step || node != firstGradient(m.Program()) {
			return
		}
		xs := m.Floats(m.Program().Nodes[node].Out[0])
		x := &xs[len(xs)/3]
		*x = math.Float32frombits(math.Float32bits(*x) ^ 1<<18)
	}
}

// firstGradient is the first node that computes a gradient of weights.
func firstGradient(p *nn.Program) int {
	return slices.IndexFunc(p.Nodes, func(n nn.Node) bool { return n.Op == nn.OpMatMulTN })
}

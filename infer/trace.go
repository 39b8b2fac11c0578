package infer

import (
	"slices"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/nn/file"
)

// Trace knows what a step of a model's nn.Inference commits to, without
// executing the Program: blob.Root over the blobs of its states after the step, in
// their order, and of its outputs.
type Trace struct {
	cfg     nn.Config
	first   [2]float32 // the units before the first step: what the model's file has after the weights
	weights []blob.Hash
}

// NewTrace hashes the weights of a model. It costs about as much as reading them.
func NewTrace(m *file.Model) *Trace {
	t := &Trace{cfg: m.Config}
	for _, w := range m.Tensors {
		t.weights = append(t.weights, blobOf(w.Data))
	}
	n := 0
	for _, extra := range m.Extra {
		n += copy(t.first[n:], extra.Data)
	}
	return t
}

func blobOf(xs []float32) blob.Hash {
	tree := blob.NewTree()
	tree.WriteFloats(xs)
	return tree.Root()
}

// Leaves are those of the trace of an honest session: before the first step, and
// after each.
func (t *Trace) Leaves(l Log) []blob.Hash {
	leaves := []blob.Hash{t.start()}
	units := uint64(0)
	for _, c := range l.served() {
		units += c.Units()
		leaves = append(leaves, blob.Root(t.step(units, 0, t.logits(c))))
	}
	return leaves
}

// ProveUnits is the path from the units of an honest session, by the name of the
// blob of their state, up to the last leaf.
func (t *Trace) ProveUnits(l Log) []blob.Hash {
	calls := l.served()
	return blob.Path(t.step(l.Units(), 0, t.logits(calls[len(calls)-1])), len(t.weights))
}

// start has no outputs.
func (t *Trace) start() blob.Hash { return blob.Root(t.values(t.first)) }

// values are the names of the states.
func (t *Trace) values(units [2]float32) []blob.Hash {
	return append(slices.Clone(t.weights), blobOf(units[:]))
}

// step are the names that a step commits to, after which the calls so far cost some
// units.
func (t *Trace) step(units uint64, wrong int, logits blob.Hash) []blob.Hash {
	return append(t.values(nn.UnitsState(units)), blobOf([]float32{float32(wrong)}), logits)
}

// logits names those of a call; where nothing was chosen, nobody has done so yet.
func (t *Trace) logits(c Call) blob.Hash {
	if len(c.Made) > 0 {
		return c.Logits
	}
	var s commitment
	s.begin(t.cfg, 0)
	return s.root()
}

package infer

import (
	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/nn"
)

// Trace knows what a step of a model's nn.Inference commits to, without
// executing the Program: nn.Root over the blobs of its states after the step, in
// their order, and of its outputs.
type Trace struct {
	cfg     nn.Config
	first   [2]float32 // the units before the first step: what the model's file has after the weights
	weights [][32]byte
}

// NewTrace hashes the weights of a model. It costs about as much as reading them.
func NewTrace(m *nn.Model) *Trace {
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

func blobOf(xs []float32) [32]byte {
	tree := blob.NewTree()
	tree.WriteFloats(xs)
	return tree.Root()
}

// Leaves are those of the trace of an honest session: before the first step, and
// after each.
func (t *Trace) Leaves(l Log) [][32]byte {
	leaves := [][32]byte{t.start()}
	units := uint64(0)
	for _, c := range l.served() {
		units += c.Units()
		if c.Units() == 0 {
			c.Logits = t.blank()
		}
		leaves = append(leaves, t.leaf(units, 0, c.Logits))
	}
	return leaves
}

// start has no outputs.
func (t *Trace) start() [32]byte { return nn.Root(t.values(t.first)) }

// values are the names of the states.
func (t *Trace) values(units [2]float32) [][32]byte {
	return append(append([][32]byte(nil), t.weights...), blobOf(units[:]))
}

// leaf is what a step commits to, after which the calls so far cost some units.
func (t *Trace) leaf(units uint64, wrong int, logits [32]byte) [32]byte {
	return nn.Root(append(t.values(nn.UnitsState(units)), blobOf([]float32{float32(wrong)}), logits))
}

// blank is the name of the logits of a call in which nothing was chosen.
func (t *Trace) blank() [32]byte {
	var s sheet
	s.begin(t.cfg, 0)
	return s.root()
}

// ProveUnits is the path from the units, by the name of the blob of their state, up to
// the last leaf of the trace of an honest session.
func (t *Trace) ProveUnits(l Log) [][32]byte {
	calls := l.served()
	logits := calls[len(calls)-1].Logits
	if l.Units() == 0 {
		logits = t.blank()
	}
	values := append(t.values(nn.UnitsState(l.Units())), blobOf([]float32{0}), logits)
	return nn.Path(values, len(t.weights))
}

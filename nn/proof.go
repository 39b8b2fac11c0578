package nn

import (
	"bytes"
	"fmt"

	"github.com/minga-network/minga/blob"
)

// Root commits to the whole Program: the Merkle root over its head (inputs,
// outputs, and how many states and nodes follow), then each state, then each
// node.
func (p *Program) Root() blob.Hash { return blob.Root(p.leaves()) }

func (p *Program) leaves() []blob.Hash {
	leaves := []blob.Hash{blob.Leaf(p.head())}
	for i := range p.States {
		leaves = append(leaves, blob.Leaf(p.encodeState(i)))
	}
	for i := range p.Nodes {
		leaves = append(leaves, blob.Leaf(p.encodeNode(i)))
	}
	return leaves
}

// Proof shows one part of a Program to somebody who has only its root, and
// knows how many states and nodes it has.
type Proof struct {
	Index   int    // of the node or state
	Content []byte // its encoding
	Path    []blob.Hash
}

// ProveNode makes the proof of node i.
func (p *Program) ProveNode(i int) (*Proof, error) {
	if i < 0 || i >= len(p.Nodes) {
		return nil, fmt.Errorf("%w: node %d of %d", ErrProgram, i, len(p.Nodes))
	}
	return p.prove(i, 1+len(p.States)+i, p.encodeNode(i)), nil
}

// ProveState makes the proof of state i.
func (p *Program) ProveState(i int) (*Proof, error) {
	if i < 0 || i >= len(p.States) {
		return nil, fmt.Errorf("%w: state %d of %d", ErrProgram, i, len(p.States))
	}
	return p.prove(i, 1+i, p.encodeState(i)), nil
}

// ProveHead makes the proof of the inputs and outputs.
func (p *Program) ProveHead() *Proof { return p.prove(0, 0, p.head()) }

func (p *Program) prove(index, leaf int, content []byte) *Proof {
	return &Proof{Index: index, Content: content, Path: blob.Path(p.leaves(), leaf)}
}

// leads checks that the content is a leaf of the Program with this root.
func (pr *Proof) leads(root blob.Hash, states, nodes, first, count int) error {
	if pr.Index < 0 || pr.Index >= count || states < 0 || nodes < 0 || states+nodes > 2*maxNodes {
		return fmt.Errorf("%w: proof of part %d of %d", ErrProgram, pr.Index, count)
	}
	got, ok := blob.Climb(blob.Leaf(pr.Content), first+pr.Index, 1+states+nodes, pr.Path)
	if !ok || got != root {
		return fmt.Errorf("%w: the proof of part %d does not lead to the root", ErrProgram, pr.Index)
	}
	return nil
}

// Node checks the proof of a node against a Program's root and returns the node
// with the values that it reads and makes. The shapes are those that the
// operator gives, also when the whole Program was never seen.
func (pr *Proof) Node(root blob.Hash, states, nodes int) (n Node, in, out []Value, err error) {
	if err := pr.leads(root, states, nodes, 1+states, nodes); err != nil {
		return n, nil, nil, err
	}
	r := newReader(pr.Content)
	n, in, out = r.node()
	if err := r.end(); err != nil {
		return n, nil, nil, err
	}
	return n, in, out, checkAlone(n, in, out, pr.Content)
}

// State checks the proof of a state and returns it with its shape and the
// number of float32 in the states before it.
func (pr *Proof) State(root blob.Hash, states, nodes int) (s State, v Value, before int, err error) {
	if err := pr.leads(root, states, nodes, 1, states); err != nil {
		return s, v, 0, err
	}
	r := newReader(pr.Content)
	s.Name, v, s.Next, before = r.state()
	if err := r.end(); err != nil {
		return s, v, 0, err
	}
	return s, v, before, v.check()
}

// Head checks the proof of a Program's head and returns the inputs' shapes and
// the outputs.
func (pr *Proof) Head(root blob.Hash, states, nodes int) (inputs []Value, outputs []Output, err error) {
	if err := pr.leads(root, states, nodes, 0, 1); err != nil {
		return nil, nil, err
	}
	r := newReader(pr.Content)
	r.Raw(len(magic))
	for range r.Count(len(pr.Content)) {
		r.name()
		inputs = append(inputs, r.value())
	}
	outputs = r.outputs(len(pr.Content))
	if r.Number(maxStates) != int64(states) || r.Number(maxNodes) != int64(nodes) {
		r.Fail()
	}
	return inputs, outputs, r.end()
}

// checkAlone runs the operator's shape rule on a node without its Program.
func checkAlone(n Node, in, out []Value, encoded []byte) error {
	o, ok := operators[n.Op]
	if !ok || !o.takes(n.Attr) {
		return fmt.Errorf("%w: %v with %d attributes", ErrProgram, n.Op, len(n.Attr))
	}
	for _, v := range in {
		if err := v.check(); err != nil {
			return err
		}
	}
	shapes, err := o.shape(n.Attr, in)
	if err != nil {
		return err
	}
	if len(shapes) != len(out) {
		return fmt.Errorf("%w: %v with %d outputs", ErrProgram, n.Op, len(out))
	}
	for i, v := range out {
		if err := v.check(); err != nil {
			return err
		}
		if !v.equal(shapes[i]) {
			return fmt.Errorf("%w: output %d of %v is %v, want %v", ErrProgram, i, n.Op, v.Shape, shapes[i].Shape)
		}
	}
	if !bytes.Equal(encodeNode(n, in, out), encoded) {
		return fmt.Errorf("%w: node is not in canonical form", ErrProgram)
	}
	return nil
}

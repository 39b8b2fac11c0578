package nn

import (
	"bytes"
	"fmt"
)

// Root commits to the whole Program: the Merkle root over the header (inputs,
// states, outputs) as leaf 0 and each node as the next leaf.
func (p *Program) Root() [32]byte { return Root(p.leaves()) }

func (p *Program) leaves() [][32]byte {
	leaves := [][32]byte{Leaf(p.header())}
	for i := range p.Nodes {
		leaves = append(leaves, Leaf(p.encodeNode(i)))
	}
	return leaves
}

// NodeProof shows one node of a Program to somebody who has only its root.
type NodeProof struct {
	Index int    // of the node
	Nodes int    // how many the Program has
	Node  []byte // its encoding
	Path  [][32]byte
}

// Prove makes the proof of node i.
func (p *Program) Prove(i int) (*NodeProof, error) {
	if i < 0 || i >= len(p.Nodes) {
		return nil, fmt.Errorf("%w: node %d of %d", ErrProgram, i, len(p.Nodes))
	}
	return &NodeProof{Index: i, Nodes: len(p.Nodes), Node: p.encodeNode(i), Path: Path(p.leaves(), i+1)}, nil
}

// Verify checks the proof against a Program's root and returns the node with
// the values that it reads and makes. The shapes are those that the operator
// gives, also when the whole Program was never seen.
func (np *NodeProof) Verify(root [32]byte) (n Node, in, out []Value, err error) {
	if np.Nodes < 1 || np.Nodes > maxNodes || np.Index < 0 || np.Index >= np.Nodes {
		return n, nil, nil, fmt.Errorf("%w: proof of node %d of %d", ErrProgram, np.Index, np.Nodes)
	}
	got, ok := Climb(Leaf(np.Node), np.Index+1, np.Nodes+1, np.Path)
	if !ok || got != root {
		return n, nil, nil, fmt.Errorf("%w: the proof of node %d does not lead to the root", ErrProgram, np.Index)
	}
	r := &reader{b: np.Node}
	n, in, out = r.node()
	if r.err != nil {
		return n, nil, nil, r.err
	}
	return n, in, out, checkAlone(n, in, out, np.Node)
}

// checkAlone runs the operator's shape rule on a node without its Program.
func checkAlone(n Node, in, out []Value, encoded []byte) error {
	o, ok := operators[n.Op]
	if !ok || len(n.Attr) != o.attrs {
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
		if !v.equal(shapes[i]) {
			return fmt.Errorf("%w: output %d of %v is %v, want %v", ErrProgram, i, n.Op, v.Shape, shapes[i].Shape)
		}
	}
	if !bytes.Equal(encodeNode(n, in, out), encoded) {
		return fmt.Errorf("%w: node is not in canonical form", ErrProgram)
	}
	return nil
}

package verify

import (
	"fmt"

	"github.com/minga-network/minga/nn"
)

// This file reads and writes what moves show of Programs: proofs of their nodes, states
// and heads, and paths.

// PartOf is the proof of a part of a Program as moves carry it.
func PartOf(p *nn.Proof) []byte {
	w := &writer{}
	w.Number(int64(p.Index))
	w.Bytes(p.Content)
	w.Hashes(p.Path)
	return w.Out()
}

func decodeProof(part []byte) (*nn.Proof, error) {
	r := newReader(part)
	p := &nn.Proof{Index: int(r.Number(maxNodes)), Content: r.Bytes(MaxMessage), Path: r.Hashes(maxPath)}
	if r.end() != nil {
		return nil, fmt.Errorf("%w: show a part of the Program, %d bytes are none", ErrMove, len(part))
	}
	return p, nil
}

// shows refuses a part that is not the one with a number.
func shows(what string, index, want int) error {
	if index != want {
		return fmt.Errorf("%w: %s %d is shown, show %s %d of the Program", ErrMove, what, index, what, want)
	}
	return nil
}

// PathOf is a path as it opens the nodes of a step.
func PathOf(path []Hash) []byte {
	w := &writer{}
	w.Hashes(path)
	return w.Out()
}

func decodePath(part []byte) ([]Hash, error) {
	r := newReader(part)
	path := r.Hashes(maxPath)
	if r.end() != nil {
		return nil, fmt.Errorf("%w: show the path to the root over the nodes, %d bytes are none", ErrMove, len(part))
	}
	return path, nil
}

// readNode reads the proof of a node of a phase's Program.
func (p *Programs) readNode(part []byte, phase Phase) (*node, error) {
	proof, err := decodeProof(part)
	if err != nil {
		return nil, err
	}
	n, in, out, err := proof.Node(phase.Program, p.States, phase.Nodes)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMove, err)
	}
	return &node{Node: n, index: proof.Index, in: in, out: out, order: n.Order()}, nil
}

// node is a node of a Program with what it reads and makes.
type node struct {
	nn.Node
	index   int
	in, out []nn.Value
	order   []int
}

// output is the shape of the output at a place of the node's order.
func (n *node) output(place int) nn.Value { return n.out[n.order[place]] }

// words is how many an operand has.
func (n *node) words(of nn.Operand) (int64, error) {
	values := n.in
	if of.Own {
		values = n.out
	}
	if of.Index < 0 || of.Index >= len(values) {
		return 0, fmt.Errorf("%w: the node has no operand %v", ErrMove, of)
	}
	return int64(values[of.Index].Size()), nil
}

// state is a state of a Program.
type state struct {
	nn.State
	index  int
	value  nn.Value
	before int64 // words in the states before it
}

// readState reads the proof of a state of a phase's Program.
func (p *Programs) readState(part []byte, phase Phase) (*state, error) {
	proof, err := decodeProof(part)
	if err != nil {
		return nil, err
	}
	s, v, before, err := proof.State(phase.Program, p.States, phase.Nodes)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMove, err)
	}
	return &state{s, proof.Index, v, int64(before)}, nil
}

// readOutputs reads the proof of a Program's head, which names its outputs.
func (p *Programs) readOutputs(part []byte, phase Phase) ([]nn.Output, error) {
	proof, err := decodeProof(part)
	if err != nil {
		return nil, err
	}
	_, outputs, err := proof.Head(phase.Program, p.States, phase.Nodes)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMove, err)
	}
	return outputs, nil
}

package nn

import (
	"encoding/binary"

	"github.com/minga-network/minga/blob"
)

// magic begins an encoded Program; the digit is the version of the format and
// of the operators' meaning.
const magic = "minga program 2\n"

// Encode writes the Program canonically: the same Program is always the same
// bytes, and other bytes are never the same Program.
//
// After the head come the states and the nodes, each node after its length. The
// head is the magic, inputs and outputs, each as a list, and the numbers of states
// and nodes. Numbers and lists are as blob.Encoder writes them; an attribute is
// 8 bytes, little-endian.
func (p *Program) Encode() []byte {
	w := &writer{}
	w.Raw(p.head())
	for i := range p.States {
		w.Raw(p.encodeState(i))
	}
	for i := range p.Nodes {
		w.Bytes(p.encodeNode(i))
	}
	return w.Out()
}

func (p *Program) head() []byte {
	w := &writer{}
	w.Raw([]byte(magic))
	w.count(len(p.Inputs))
	for i, name := range p.Inputs {
		w.name(name)
		w.value(p.Values[i])
	}
	w.count(len(p.Outputs))
	for _, o := range p.Outputs {
		w.name(o.Name)
		w.id(o.ID)
	}
	w.count(len(p.States))
	w.count(len(p.Nodes))
	return w.Out()
}

// encodeState writes a state with its shape, what it becomes, and how many
// elements the states before it have: so one state alone says where it lies.
func (p *Program) encodeState(i int) []byte {
	before := 0
	for s := range i {
		before += p.Values[len(p.Inputs)+s].Size()
	}
	w, s := &writer{}, p.States[i]
	w.name(s.Name)
	w.value(p.Values[len(p.Inputs)+i])
	w.id(s.Next)
	w.count(before)
	return w.Out()
}

func (p *Program) encodeNode(i int) []byte {
	n := p.Nodes[i]
	return encodeNode(n, p.pick(n.In), p.pick(n.Out))
}

func (p *Program) pick(ids []ID) []Value {
	vs := make([]Value, len(ids))
	for i, id := range ids {
		vs[i] = p.Values[id]
	}
	return vs
}

// encodeNode writes a node with the values that it reads and makes, so that it
// can be understood without the rest of its Program.
func encodeNode(n Node, in, out []Value) []byte {
	w := &writer{}
	w.Raw([]byte{byte(n.Op)})
	w.count(len(n.Attr))
	for _, a := range n.Attr {
		w.Raw(binary.LittleEndian.AppendUint64(nil, a))
	}
	w.values(n.In, in)
	w.values(n.Out, out)
	return w.Out()
}

// writer adds the parts of a Program to what an Encoder writes.
type writer struct{ blob.Encoder }

func (w *writer) count(n int)      { w.Number(int64(n)) }
func (w *writer) id(id ID)         { w.Number(int64(id)) }
func (w *writer) name(name string) { w.Bytes([]byte(name)) }

func (w *writer) value(v Value) {
	w.Raw([]byte{byte(v.Kind)})
	w.count(len(v.Shape))
	for _, d := range v.Shape {
		w.count(d)
	}
}

func (w *writer) values(ids []ID, values []Value) {
	w.count(len(ids))
	for i, id := range ids {
		w.id(id)
		w.value(values[i])
	}
}

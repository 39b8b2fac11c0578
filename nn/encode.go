package nn

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// magic begins an encoded Program; the digit is the version of the format and
// of the operators' meaning.
const magic = "minga program 2\n"

const (
	maxName   = 64   // bytes
	maxInputs = 8192 // of one node: clip_scale reads one sum for each weight
)

// Encode writes the Program canonically: the same Program is always the same
// bytes, and other bytes are never the same Program.
//
// After the head come the states and the nodes. The head is the magic, inputs
// and outputs, each as a count and that many items, and the numbers of states
// and nodes. Numbers are uvarints, attributes 8 bytes little-endian, names and
// nodes prefixed by their length.
func (p *Program) Encode() []byte {
	b := p.head()
	for i := range p.States {
		b = append(b, p.encodeState(i)...)
	}
	for i := range p.Nodes {
		node := p.encodeNode(i)
		b = binary.AppendUvarint(b, uint64(len(node)))
		b = append(b, node...)
	}
	return b
}

func (p *Program) head() []byte {
	b := []byte(magic)
	b = binary.AppendUvarint(b, uint64(len(p.Inputs)))
	for i, name := range p.Inputs {
		b = appendValue(appendName(b, name), p.Values[i])
	}
	b = binary.AppendUvarint(b, uint64(len(p.Outputs)))
	for _, o := range p.Outputs {
		b = binary.AppendUvarint(appendName(b, o.Name), uint64(o.ID))
	}
	b = binary.AppendUvarint(b, uint64(len(p.States)))
	return binary.AppendUvarint(b, uint64(len(p.Nodes)))
}

// encodeState writes a state with its shape, what it becomes, and how many
// elements the states before it have: so one state alone says where it lies.
func (p *Program) encodeState(i int) []byte {
	before := 0
	for s := range i {
		before += p.Values[len(p.Inputs)+s].Size()
	}
	s := p.States[i]
	b := appendValue(appendName(nil, s.Name), p.Values[len(p.Inputs)+i])
	b = binary.AppendUvarint(b, uint64(s.Next))
	return binary.AppendUvarint(b, uint64(before))
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
	b := []byte{byte(n.Op)}
	b = binary.AppendUvarint(b, uint64(len(n.Attr)))
	for _, a := range n.Attr {
		b = binary.LittleEndian.AppendUint64(b, a)
	}
	b = appendValues(b, n.In, in)
	return appendValues(b, n.Out, out)
}

func appendValues(b []byte, ids []ID, values []Value) []byte {
	b = binary.AppendUvarint(b, uint64(len(ids)))
	for i, id := range ids {
		b = appendValue(binary.AppendUvarint(b, uint64(id)), values[i])
	}
	return b
}

func appendName(b []byte, name string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(name))), name...)
}

func appendValue(b []byte, v Value) []byte {
	b = append(b, byte(v.Kind), byte(len(v.Shape)))
	for _, d := range v.Shape {
		b = binary.AppendUvarint(b, uint64(d))
	}
	return b
}

// DecodeProgram reads what Encode wrote, and checks every rule of a Program
// by building it again. What it allocates is bounded by the length of data.
func DecodeProgram(data []byte) (*Program, error) {
	r := &reader{b: data}
	if string(r.take(len(magic))) != magic {
		return nil, fmt.Errorf("%w: it does not begin as one of this version", ErrProgram)
	}
	b := &builder{}
	for range r.count(len(data)) {
		b.input(r.name(), r.value())
	}
	outputs := r.outputs(len(data))
	states, nodes := r.count(len(data)), r.count(maxNodes)
	var becomes []ID
	for range states {
		name, v, next, _ := r.state()
		b.state(name, v.Shape...)
		becomes = append(becomes, next)
	}
	for range nodes {
		n, _, _ := (&reader{b: r.take(r.count(len(data)))}).node()
		if b.apply(n.Op, n.Attr, n.In...); b.err != nil {
			return nil, b.err
		}
	}
	for i, id := range becomes {
		b.next(ID(len(b.p.Inputs)+i), id)
	}
	for _, o := range outputs {
		b.output(o.Name, o.ID)
	}
	if r.err != nil {
		return nil, r.err
	}
	p, err := b.done()
	if err != nil {
		return nil, err
	}
	// One comparison settles trailing bytes, long varints and shapes that are
	// not those the operators make.
	if !bytes.Equal(p.Encode(), data) {
		return nil, fmt.Errorf("%w: it is not in canonical form", ErrProgram)
	}
	return p, nil
}

// reader takes bytes from the front of b; after a mistake it returns zeros.
type reader struct {
	b   []byte
	err error
}

func (r *reader) fail() {
	r.b = nil
	if r.err == nil {
		r.err = fmt.Errorf("%w: it ends early or has a number out of range", ErrProgram)
	}
}

func (r *reader) take(n int) []byte {
	if n > len(r.b) {
		r.fail()
		return nil
	}
	taken := r.b[:n]
	r.b = r.b[n:]
	return taken
}

// count reads a number of things: at most limit, and since each thing takes a
// byte or more, no more than there are bytes left.
func (r *reader) count(limit int) int {
	n := r.uvarint()
	if n > uint64(limit) || n > uint64(len(r.b)) {
		r.fail()
		return 0
	}
	return int(n)
}

func (r *reader) uvarint() uint64 {
	x, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[n:]
	return x
}

func (r *reader) id() ID {
	x := r.uvarint()
	if x > 1<<31 {
		r.fail()
		return 0
	}
	return ID(x)
}

func (r *reader) name() string { return string(r.take(r.count(maxName))) }

func (r *reader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) value() Value {
	v := Value{Kind: Kind(r.byte())}
	for range r.count(4) {
		d := r.uvarint()
		if d > maxElements {
			r.fail()
		}
		v.Shape = append(v.Shape, int(d))
	}
	return v
}

// state reads one state: its shape, what it becomes, and what lies before it.
func (r *reader) state() (name string, v Value, next ID, before int) {
	name, v, next = r.name(), r.value(), r.id()
	if n := r.uvarint(); n <= maxArena {
		return name, v, next, int(n)
	}
	r.fail()
	return name, v, next, 0
}

func (r *reader) outputs(most int) (outputs []Output) {
	for range r.count(most) {
		outputs = append(outputs, Output{Name: r.name(), ID: r.id()})
	}
	return outputs
}

// node reads one node and the values it reads and makes.
func (r *reader) node() (n Node, in, out []Value) {
	n.Op = Op(r.byte())
	for range r.count(16) {
		if a := r.take(8); a != nil {
			n.Attr = append(n.Attr, binary.LittleEndian.Uint64(a))
		}
	}
	for range r.count(maxInputs) {
		n.In, in = append(n.In, r.id()), append(in, r.value())
	}
	for range r.count(maxInputs) {
		n.Out, out = append(n.Out, r.id()), append(out, r.value())
	}
	return n, in, out
}

package nn

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/minga-network/minga/blob"
)

const (
	maxName   = 64   // bytes
	maxInputs = 8192 // of one node: clip_scale reads one sum for each weight
)

// DecodeProgram reads what Encode wrote, and checks every rule of a Program
// by building it again. What it allocates is bounded by the length of data.
func DecodeProgram(data []byte) (*Program, error) {
	r := newReader(data)
	if string(r.Raw(len(magic))) != magic {
		return nil, fmt.Errorf("%w: it does not begin as one of this version", ErrProgram)
	}
	b := &builder{}
	for range r.Count(len(data)) {
		b.input(r.name(), r.value())
	}
	outputs := r.outputs(len(data))
	states, nodes := r.Count(len(data)), r.Count(maxNodes)
	var becomes []ID
	for range states {
		name, v, next, _ := r.state()
		b.state(name, v.Shape...)
		becomes = append(becomes, next)
	}
	for range nodes {
		n, _, _ := newReader(r.Bytes(len(data))).node()
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
	if err := r.end(); err != nil {
		return nil, err
	}
	p, err := b.done()
	if err != nil {
		return nil, err
	}
	// One comparison settles shapes that are not those the operators make.
	if !bytes.Equal(p.Encode(), data) {
		return nil, fmt.Errorf("%w: it is not in canonical form", ErrProgram)
	}
	return p, nil
}

// reader takes the parts of a Program from what a Decoder reads.
type reader struct{ *blob.Decoder }

func newReader(data []byte) reader { return reader{blob.NewDecoder(data)} }

// end says whether all went well and nothing is left.
func (r reader) end() error {
	if err := r.End(); err != nil {
		return fmt.Errorf("%w: %w", ErrProgram, err)
	}
	return nil
}

func (r reader) id() ID { return ID(r.Number(1 << 31)) }

func (r reader) name() string { return string(r.Bytes(maxName)) }

func (r reader) byte() byte {
	if b := r.Raw(1); b != nil {
		return b[0]
	}
	return 0
}

func (r reader) value() Value {
	v := Value{Kind: Kind(r.byte())}
	for range r.Count(4) {
		v.Shape = append(v.Shape, int(r.Number(maxElements)))
	}
	return v
}

// state reads one state: its shape, what it becomes, and what lies before it.
func (r reader) state() (name string, v Value, next ID, before int) {
	return r.name(), r.value(), r.id(), int(r.Number(maxArena))
}

func (r reader) outputs(most int) (outputs []Output) {
	for range r.Count(most) {
		outputs = append(outputs, Output{Name: r.name(), ID: r.id()})
	}
	return outputs
}

// node reads one node and the values it reads and makes.
func (r reader) node() (n Node, in, out []Value) {
	n.Op = Op(r.byte())
	for range r.Count(16) {
		if a := r.Raw(8); a != nil {
			n.Attr = append(n.Attr, binary.LittleEndian.Uint64(a))
		}
	}
	n.In, in = r.values()
	n.Out, out = r.values()
	return n, in, out
}

func (r reader) values() (ids []ID, values []Value) {
	for range r.Count(maxInputs) {
		ids, values = append(ids, r.id()), append(values, r.value())
	}
	return ids, values
}

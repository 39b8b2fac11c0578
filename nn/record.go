package nn

import (
	"fmt"
	"unsafe"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/kernel"
)

// Record is one pass of a Program with every value that it read and made, each
// in memory of its own, for whoever must show or check one of them. It is not
// made for speed, and takes the memory of all values together.
type Record struct{ machine *Machine }

// NewRecord executes one pass from inputs, all ints, and states, which it does
// not change: the states before the pass are the values of the states, those
// after it the values of their Next. After, if not nil, is called after each
// node, as Machine.After is.
func NewRecord(p *Program, b *kernel.Backend, inputs [][]int32, state [][]float32,
	after func(m *Machine, node int)) (*Record, error) {
	m := &Machine{Plan: apart(p), program: p, backend: b}
	if len(inputs) != len(p.Inputs) || len(state) != len(p.States) {
		return nil, fmt.Errorf("%w: %d inputs and %d states, want %d and %d", ErrProgram, len(inputs), len(state),
			len(p.Inputs), len(p.States))
	}
	m.memory = make([]operand, len(p.Values))
	for id, v := range p.Values {
		m.memory[id] = own(v)
	}
	for i, in := range inputs {
		if copy(m.memory[i].i, in) != p.Values[i].Size() || len(in) != p.Values[i].Size() {
			return nil, fmt.Errorf("%w: input %q has %d elements, want %d ints", ErrProgram, p.Inputs[i], len(in),
				p.Values[i].Size())
		}
	}
	for i, s := range state {
		if id := len(p.Inputs) + i; copy(m.memory[id].f, s) != p.Values[id].Size() || len(s) != p.Values[id].Size() {
			return nil, fmt.Errorf("%w: state %q has %d elements, want %d", ErrProgram, p.States[i].Name, len(s),
				p.Values[id].Size())
		}
	}
	if after != nil {
		m.After = func(node int) { after(m, node) }
	}
	m.connect()
	m.execute()
	return &Record{m}, nil
}

// apart is a Plan in which no value shares memory.
func apart(p *Program) *Plan {
	pl := &Plan{home: make([]ID, len(p.Values))}
	for id := range p.Values {
		pl.home[id] = ID(id)
	}
	return pl
}

func own(v Value) operand {
	if v.Kind == Int {
		return operand{i: make([]int32, v.Size()), shape: v.Shape}
	}
	return operand{f: make([]float32, v.Size()), shape: v.Shape}
}

// RecordBytes is about the memory that a Record of p takes.
func RecordBytes(p *Program) int64 {
	n := int64(nodeBytes * len(p.Nodes))
	for _, v := range p.Values {
		n += 4 * int64(v.Size())
	}
	return n
}

// Program is what was executed.
func (r *Record) Program() *Program { return r.machine.program }

// Words are all elements of a value, each as Word gives it. They may lie in the
// Record's own memory: whoever reads them changes nothing.
func (r *Record) Words(id ID) []uint32 {
	o := r.machine.memory[id]
	if o.i != nil {
		return unsafe.Slice((*uint32)(unsafe.Pointer(unsafe.SliceData(o.i))), len(o.i))
	}
	return blob.FloatWords(o.f)
}

// Word is one element of a value as a word: an int32, or the bits of a float32
// with every NaN as 7fc00000.
func (r *Record) Word(id ID, at int) uint32 {
	if o := r.machine.memory[id]; o.i != nil {
		return uint32(o.i[at])
	}
	return blob.Word(r.machine.memory[id].f[at])
}

// Bytes are the words of a value, little-endian: what it is hashed as.
func (r *Record) Bytes(id ID) []byte {
	o := r.machine.memory[id]
	if o.i == nil {
		return blob.AppendFloats(make([]byte, 0, 4*len(o.f)), o.f)
	}
	return blob.AppendWords(make([]byte, 0, 4*len(o.i)), o.i)
}

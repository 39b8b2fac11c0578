package nn

import (
	"fmt"

	"github.com/minga-network/minga/kernel"
)

// Machine executes one Program, pass by pass, without allocating. It is used
// by one goroutine at a time.
type Machine struct {
	Plan *Plan
	// After, if set, is called after each node of a pass, when the node's outputs
	// can be read, and changed: it is how a simulation lies. All nodes then run in
	// each pass.
	After   func(node int)
	program *Program
	backend *kernel.Backend
	memory  []operand // by value
	calls   []call    // by node
	ran     bool      // constant nodes have their values
}

// NewMachine binds a Program to a backend. State is one slice for each of the
// Program's states, of its size; passes update them in place. Inputs are ints for
// the first of the Program's inputs, which are read in place; those that are not
// given are to be filled by Ints.
func NewMachine(p *Program, b *kernel.Backend, state [][]float32, inputs ...[]int32) (*Machine, error) {
	plan, err := NewPlan(p)
	if err != nil {
		return nil, err
	}
	if len(state) != len(p.States) {
		return nil, fmt.Errorf("%w: %d states, want %d", ErrProgram, len(state), len(p.States))
	}
	m := &Machine{Plan: plan, program: p, backend: b}
	if err := m.bind(state, inputs); err != nil {
		return nil, err
	}
	m.connect()
	return m, nil
}

// MachineBytes is about the memory that a Machine of p takes, besides states and
// the first of its inputs, which are given to it.
func MachineBytes(p *Program, inputs int) (int64, error) {
	plan, err := NewPlan(p)
	if err != nil {
		return 0, err
	}
	n := int64(plan.Arena)
	for id, v := range p.Values[inputs:] {
		if v.Kind == Int || id+inputs < len(p.Inputs) {
			n += int64(v.Size())
		}
	}
	return 4*n + int64(nodeBytes*len(p.Nodes)), nil
}

// nodeBytes is about the memory of what binds a node to its operands.
const nodeBytes = 1 << 10

// connect gives every node its operands.
func (m *Machine) connect() {
	for _, n := range m.program.Nodes {
		c := call{attr: n.Attr, in: m.operands(n.In), out: m.operands(n.Out)}
		if n.Op == OpClipScale {
			c.gather = make([]float32, len(n.In))
		}
		m.calls = append(m.calls, c)
	}
}

// bind gives every value its memory.
func (m *Machine) bind(state [][]float32, inputs [][]int32) error {
	p, arena := m.program, make([]float32, m.Plan.Arena)
	m.memory = make([]operand, len(p.Values))
	for id, v := range p.Values {
		o := operand{shape: v.Shape}
		switch home := m.Plan.home[id]; {
		case id < len(inputs):
			if v.Kind != Int || id >= len(p.Inputs) || len(inputs[id]) != v.Size() {
				return fmt.Errorf("%w: input %d has %d ints, want %v", ErrProgram, id, len(inputs[id]), v)
			}
			o.i = inputs[id]
		case v.Kind == Int:
			o.i = make([]int32, v.Size())
		case id < len(p.Inputs):
			o.f = make([]float32, v.Size())
		case int(home) < id:
			o.f = m.memory[home].f
		case id < len(p.Inputs)+len(p.States):
			s := id - len(p.Inputs)
			if len(state[s]) != v.Size() {
				return fmt.Errorf("%w: state %q has %d elements, want %d", ErrProgram, p.States[s].Name, len(state[s]), v.Size())
			}
			o.f = state[s]
		default:
			at := m.Plan.offset[id]
			o.f = arena[at : at+v.Size() : at+v.Size()]
		}
		m.memory[id] = o
	}
	return nil
}

func (m *Machine) operands(ids []ID) []operand {
	os := make([]operand, len(ids))
	for i, id := range ids {
		os[i] = m.memory[id]
	}
	return os
}

// Ints is the memory of an int value: an input, to be filled before a pass, or
// an output. Tokens and targets must lie in the vocabulary: that is the caller's
// duty, as the kernel indexes by them.
func (m *Machine) Ints(id ID) []int32 { return m.memory[id].i }

// Floats is the memory of a float value: an input, to be filled before a pass,
// or an output, valid until the next one.
func (m *Machine) Floats(id ID) []float32 { return m.memory[id].f }

// Program is what the machine executes.
func (m *Machine) Program() *Program { return m.program }

// Run executes the node list once.
func (m *Machine) Run() {
	m.execute()
	for i, s := range m.program.States {
		if state := ID(len(m.program.Inputs) + i); m.Plan.home[s.Next] != state {
			copy(m.memory[state].f, m.memory[s.Next].f)
		}
	}
}

// execute computes the nodes' values. Constant ones keep theirs from the first
// pass on.
func (m *Machine) execute() {
	for i := range m.calls {
		n := &m.program.Nodes[i]
		if n.constant() && m.ran && m.After == nil {
			continue
		}
		operators[n.Op].run(m.backend, &m.calls[i])
		if m.After != nil {
			m.After(i)
		}
	}
	m.ran = true
}

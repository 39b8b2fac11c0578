package nn

import (
	"errors"
	"fmt"
)

// ErrProgram marks a Program that breaks a rule of this package.
var ErrProgram = errors.New("nn: invalid program")

// Kind says what a value's elements are.
type Kind uint8

const (
	Float Kind = iota // float32
	Int               // int32: tokens and counters
)

// ID names a value of a Program by its place in Values.
type ID uint32

// Value is one array that a Program reads or makes, row-major.
type Value struct {
	Kind  Kind
	Shape []int // 1 to 4 dimensions, each at least 1
}

// Size is the number of elements.
func (v Value) Size() int { return size(v.Shape) }

// State is a value that outlives one pass: at the end of a pass it takes over
// the value Next, which is the State itself where nothing changes it.
type State struct {
	Name string
	Next ID
}

// Output names a value that the user reads after a pass.
type Output struct {
	Name string
	ID   ID
}

// Node applies one operator. Attr holds the operator's constants, integers as
// they are and float32 as bits, in the order that the operator fixes.
type Node struct {
	Op   Op
	Attr []uint64
	In   []ID
	Out  []ID
}

// Program is a static list of operators. Values are numbered inputs first,
// then states, then the outputs of each node in the order of the list, and a
// node reads only values with smaller numbers: one pass over the list computes
// everything. Programs come from a builder in this package or from
// DecodeProgram; both guarantee that every shape fits.
type Program struct {
	Inputs  []string // names of values 0, 1, ...
	States  []State  // values len(Inputs), ...
	Outputs []Output
	Nodes   []Node
	Values  []Value
}

// Input returns the ID of the input called name.
func (p *Program) Input(name string) (ID, error) {
	for i, n := range p.Inputs {
		if n == name {
			return ID(i), nil
		}
	}
	return 0, fmt.Errorf("%w: no input is called %q", ErrProgram, name)
}

// Output returns the ID of the output called name.
func (p *Program) Output(name string) (ID, error) {
	for _, o := range p.Outputs {
		if o.Name == name {
			return o.ID, nil
		}
	}
	return 0, fmt.Errorf("%w: no output is called %q", ErrProgram, name)
}

// StateSize is the number of float32 in all states together.
func (p *Program) StateSize() int {
	n := 0
	for i := range p.States {
		n += p.Values[len(p.Inputs)+i].Size()
	}
	return n
}

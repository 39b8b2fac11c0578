package nn

import "fmt"

// Bounds of a Program: 256 layers of a training step are about 10,000 nodes and
// 7,000 states.
const (
	maxNodes  = 1 << 16
	maxStates = 1 << 14
)

// builder writes a Program down node by node. The first mistake is kept in err
// and ends the work; the methods then return harmless IDs, so that callers
// need to look once, at the end.
type builder struct {
	p   Program
	err error
	// learns tells for each value whether a state flows into it: only those
	// values need gradients.
	learns []bool
	grads  map[ID]ID
}

func (b *builder) fail(err error) {
	if b.err == nil {
		b.err = err
	}
}

func (b *builder) value(v Value, learns bool) ID {
	if err := v.check(); err != nil {
		b.fail(err)
	}
	b.p.Values = append(b.p.Values, v)
	b.learns = append(b.learns, learns)
	return ID(len(b.p.Values) - 1)
}

// input declares the next input; inputs come before states and nodes.
func (b *builder) input(name string, v Value) ID {
	if len(b.p.States)+len(b.p.Nodes) > 0 {
		b.fail(fmt.Errorf("%w: input %q comes too late", ErrProgram, name))
	}
	b.p.Inputs = append(b.p.Inputs, name)
	return b.value(v, false)
}

// state declares the next state, unchanged until next says otherwise.
func (b *builder) state(name string, shape ...int) ID {
	if len(b.p.Nodes) > 0 || len(b.p.States) >= maxStates {
		b.fail(fmt.Errorf("%w: state %q comes too late or is one of more than %d", ErrProgram, name, maxStates))
	}
	id := b.value(floats(shape...), true)
	b.p.States = append(b.p.States, State{Name: name, Next: id})
	return id
}

// next makes the value the state's content after the pass.
func (b *builder) next(state, value ID) {
	i := int(state) - len(b.p.Inputs)
	if i < 0 || i >= len(b.p.States) || int(value) >= len(b.p.Values) {
		b.fail(fmt.Errorf("%w: value %d after state %d", ErrProgram, value, state))
		return
	}
	old, now := b.p.Values[state], b.p.Values[value]
	// A state that became another state would have to wait for that one's turn.
	if value != state && (!now.equal(old) || b.isGiven(value)) {
		b.fail(fmt.Errorf("%w: state %q cannot become value %d", ErrProgram, b.p.States[i].Name, value))
		return
	}
	b.p.States[i].Next = value
}

// isGiven: inputs and states are there before the first node.
func (b *builder) isGiven(id ID) bool { return int(id) < len(b.p.Inputs)+len(b.p.States) }

func (b *builder) output(name string, id ID) {
	if int(id) >= len(b.p.Values) {
		b.fail(fmt.Errorf("%w: output %q is value %d of %d", ErrProgram, name, id, len(b.p.Values)))
	}
	b.p.Outputs = append(b.p.Outputs, Output{Name: name, ID: id})
}

// apply appends a node and returns its outputs.
func (b *builder) apply(op Op, attr []uint64, in ...ID) []ID {
	out, err := b.try(op, attr, in)
	if err != nil {
		b.fail(err)
		return make([]ID, 8)
	}
	return out
}

// one is apply for operators of which the first output is what matters.
func (b *builder) one(op Op, attr []uint64, in ...ID) ID { return b.apply(op, attr, in...)[0] }

func (b *builder) try(op Op, attr []uint64, in []ID) ([]ID, error) {
	o, ok := operators[op]
	if !ok || !o.takes(attr) || len(b.p.Nodes) >= maxNodes {
		return nil, fmt.Errorf("%w: node %d is %v with %d attributes", ErrProgram, len(b.p.Nodes), op, len(attr))
	}
	values, learns := make([]Value, len(in)), false
	for i, id := range in {
		if int(id) >= len(b.p.Values) {
			return nil, fmt.Errorf("%w: node %d reads value %d of %d", ErrProgram, len(b.p.Nodes), id, len(b.p.Values))
		}
		values[i] = b.p.Values[id]
		learns = learns || b.learns[id]
	}
	shapes, err := o.shape(attr, values)
	if err != nil {
		return nil, fmt.Errorf("node %d, %s: %w", len(b.p.Nodes), o.name, err)
	}
	out := make([]ID, len(shapes))
	for i, v := range shapes {
		if err := v.check(); err != nil {
			return nil, fmt.Errorf("node %d, %s: %w", len(b.p.Nodes), o.name, err)
		}
		out[i] = b.value(v, learns)
	}
	b.p.Nodes = append(b.p.Nodes, Node{Op: op, Attr: attr, In: in, Out: out})
	return out, nil
}

// done returns the Program, or the first mistake.
func (b *builder) done() (*Program, error) {
	if b.err != nil {
		return nil, b.err
	}
	return &b.p, nil
}

// wanted tells whether the gradient of a value leads to a state.
func (b *builder) wanted(id ID) bool { return b.err == nil && b.learns[id] }

// flow adds g to the gradient of x: a value that is used twice gets the sum.
func (b *builder) flow(x, g ID) {
	if !b.wanted(x) {
		return
	}
	if before, ok := b.grads[x]; ok {
		g = b.one(OpAdd, nil, before, g)
	}
	b.grads[x] = g
}

// backward appends the gradient of the mean of losses, a cross-entropy's first
// output, with respect to everything that leads there, by reverse mode: nodes
// from the last to the first, so that the gradient of a node's output is
// complete when the node is reached.
func (b *builder) backward(losses ID) {
	b.grads = map[ID]ID{}
	for i := len(b.p.Nodes) - 1; i >= 0 && b.err == nil; i-- {
		n := b.p.Nodes[i]
		dy, ok := b.grads[n.Out[0]]
		if !ok && n.Out[0] != losses {
			continue
		}
		if rule := operators[n.Op].grad; rule != nil {
			rule(b, n, dy)
		}
	}
}

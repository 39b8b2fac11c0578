package verify

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/nn"
)

// Evidence shows one kibibyte of a value that both sides agree on.
type Evidence struct {
	Of nn.Operand // which value: an input of the disputed node, or an own output
	// Maker is the node that makes the value; nil for inputs, states and own outputs.
	Maker *nn.Proof
	// Path leads from the maker's leaf to what is agreed about the nodes before,
	// or, for a state, from the trace's leaf before the step to what is agreed.
	Path []Hash
	// Among leads from the value to the maker's leaf, or to the trace's.
	Among []Hash
	Chunk int      // which kibibyte
	Words []uint32 // its words
	Up    []Hash   // leads from it to the top of the value's tree
}

// node is the disputed node with what it reads and makes.
type node struct {
	nn.Node
	in, out []nn.Value
	order   []int
}

func (g *Game) node(t *Task) (*node, error) {
	phase, _ := t.phase(g.Step)
	return checkNode(t, phase, g.Proof)
}

// fold is the disputed node with the definition of the disputed element.
func (g *Game) fold(t *Task) (*node, nn.Fold, error) {
	n, err := g.node(t)
	if err != nil {
		return nil, nn.Fold{}, err
	}
	f, err := n.fold(g.Output, g.Word)
	return n, f, err
}

func checkNode(t *Task, phase Phase, p *nn.Proof) (*node, error) {
	n, in, out, err := p.Node(phase.Program, t.States, phase.Nodes)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMove, err)
	}
	return &node{Node: n, in: in, out: out, order: n.Order()}, nil
}

// output is the shape of the output at a place of the node's order.
func (n *node) output(place int) nn.Value { return n.out[n.order[place]] }

// fold is the definition of an element of the output at a place of the order.
func (n *node) fold(place, element int) (nn.Fold, error) {
	f, err := n.Fold(n.in, n.out, n.order[place], element)
	if err != nil {
		return f, fmt.Errorf("%w: %w", ErrMove, err)
	}
	return f, nil
}

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

// exhibits are the admitted kibibytes, by operand.
type exhibits struct {
	chunks  map[nn.Operand]map[int][]uint32
	missing error // the first element that a step read and nobody showed
}

// admit checks that evidence is of what both sides agree on.
func (x *exhibits) admit(t *Task, g *Game, n *node, e *Evidence) error {
	words, err := n.words(e.Of)
	if err != nil {
		return err
	}
	if err := g.agreed(t, n, e, words); err != nil {
		return err
	}
	if x.chunks[e.Of] == nil {
		x.chunks[e.Of] = map[int][]uint32{}
	}
	x.chunks[e.Of][e.Chunk] = e.Words
	return nil
}

// agreed follows evidence from its words up to what both sides agree on.
func (g *Game) agreed(t *Task, n *node, e *Evidence, words int64) error {
	if e.Of.Own {
		place := slices.Index(n.order, e.Of.Index)
		if place >= g.Output {
			return fmt.Errorf("%w: output %d of the node is not agreed yet", ErrMove, e.Of.Index)
		}
		return e.within(g.Outs[place], words)
	}
	id := int(n.In[e.Of.Index])
	switch inputs := len(t.Inputs); {
	case id < inputs:
		in := t.Inputs[id]
		if in.Each {
			words = in.Words * int64(t.Steps())
		}
		return e.within(in.Root, words)
	case id == inputs:
		return fmt.Errorf("%w: the number of the step needs no evidence", ErrMove)
	case id <= inputs+t.States:
		top, err := e.top(words)
		if err != nil {
			return err
		}
		return g.committed(t, g.Step, id-inputs-1, top, e)
	}
	top, err := e.top(words)
	if err != nil {
		return err
	}
	return g.outputIs(t, top, nn.ID(id), e)
}

// outputIs checks that a value is the one called id of the disputed step, by
// the agreed nodes.
func (g *Game) outputIs(t *Task, value Hash, id nn.ID, e *Evidence) error {
	phase, _ := t.phase(g.Step)
	if e.Maker == nil {
		return fmt.Errorf("%w: show the node that makes value %d", ErrMove, id)
	}
	maker, err := checkNode(t, phase, e.Maker)
	if err != nil {
		return err
	}
	place := slices.IndexFunc(maker.order, func(o int) bool { return maker.Out[o] == id })
	if place < 0 {
		return fmt.Errorf("%w: node %d does not make value %d", ErrMove, e.Maker.Index, id)
	}
	leaf, ok := blob.Climb(value, place, len(maker.out), e.Among)
	for _, s := range g.Agreed {
		if i := e.Maker.Index; ok && s.Lo <= i && i < s.Hi && s.holds(leaf, i, e.Path) {
			return nil
		}
	}
	return fmt.Errorf("%w: evidence of value %d does not lead to what is agreed", ErrMove, id)
}

// within checks the words against a blob of so many.
func (e *Evidence) within(blob Hash, words int64) error {
	top, err := e.top(words)
	if err == nil && top != blob {
		err = fmt.Errorf("%w: evidence of operand %v does not lead to what is agreed", ErrMove, e.Of)
	}
	return err
}

// top is the name of the blob, of so many words, that the evidence leads to.
func (e *Evidence) top(words int64) (Hash, error) {
	all := chunks(words)
	if e.Chunk < 0 || e.Chunk >= all || int64(len(e.Words)) != min(leafWords, words-int64(e.Chunk)*leafWords) {
		return Hash{}, fmt.Errorf("%w: chunk %d with %d words, of a value of %d", ErrMove, e.Chunk, len(e.Words), words)
	}
	top, ok := blob.Climb(blob.Leaf(bytesOf(e.Words)), e.Chunk, all, e.Up)
	if !ok {
		return Hash{}, fmt.Errorf("%w: the path of chunk %d has a wrong length", ErrMove, e.Chunk)
	}
	return root(4*words, top), nil
}

func bytesOf(words []uint32) []byte {
	b := make([]byte, 0, 4*len(words))
	for _, w := range words {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	return b
}

// of is the admitted evidence as what a scalar step reads.
func (x *exhibits) of(t *Task, g *Game, n *node) nn.Reader { return &witness{x, t, g, n} }

type witness struct {
	*exhibits
	t *Task
	g *Game
	n *node
}

func (w *witness) Float(v nn.Operand, at int) float32 { return math.Float32frombits(w.word(v, at)) }
func (w *witness) Int(v nn.Operand, at int) int32     { return int32(w.word(v, at)) }

// word finds an element: by itself where the task says it, else in evidence.
func (w *witness) word(v nn.Operand, at int) uint32 {
	if size, err := w.n.words(v); err != nil || at < 0 || int64(at) >= size {
		w.miss(v, at)
		return 0
	}
	if !v.Own {
		id, inputs := int(w.n.In[v.Index]), len(w.t.Inputs)
		switch {
		case id == inputs:
			_, step := w.t.phase(w.g.Step)
			return uint32(step)
		case id < inputs && w.t.Inputs[id].Each:
			at += int(w.t.Inputs[id].Words) * w.g.Step
		}
	}
	chunk, ok := w.chunks[v][at/leafWords]
	if !ok {
		w.miss(v, at)
		return 0
	}
	return chunk[at%leafWords]
}

func (w *witness) miss(v nn.Operand, at int) {
	if w.missing == nil {
		w.missing = fmt.Errorf("%w: the step reads element %d of operand %v: show it", ErrMove, at, v)
	}
}

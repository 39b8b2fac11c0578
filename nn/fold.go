package nn

import (
	"fmt"
	"math"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/kernel"
)

// A Fold says how one element of an output comes about, in steps so small that
// a chain can execute any one of them: a few registers, and scalar steps that
// each read a few elements and change the registers. Every operator has one for
// each of its elements (the fold rule of package kernel), and the kernels
// compute the same bits.
//
// Registers hold words: an int32, or the bits of a float32 with every NaN written
// as 7fc00000. Register 0 after the last step is the element. A reduction in 16
// lanes keeps them in 16 registers; a sum whose terms are sums themselves walks
// through all their steps one after the other.
type Fold struct {
	Start []uint32 // the registers before the first step
	Steps int      // at least 1
	Step  func(step int, r []uint32, read Reader)
}

// MaxRegisters bounds len(Fold.Start).
const MaxRegisters = 20

// Operand names an array that a node's fold reads: input Index, or output
// Index of the same node, which then comes earlier in the operator's order.
type Operand struct {
	Own   bool // an output of the node itself
	Index int
}

// Reader gives elements to a step. Where it cannot (nobody proved the element),
// it remembers that and answers zero: a step never fails.
type Reader interface {
	Float(v Operand, at int) float32
	Int(v Operand, at int) int32
}

// In is a node's input.
func In(i int) Operand { return Operand{Index: i} }

// Own is a node's own output, computed before.
func Own(o int) Operand { return Operand{Own: true, Index: o} }

// unword reads a float32 from a register, into which blob.Word has written it.
func unword(w uint32) float32 { return math.Float32frombits(w) }

// Fold returns the definition of an element of an output of a node whose
// shapes were checked, by DecodeProgram, a builder or Proof.Node.
func (n Node) Fold(in, out []Value, output, element int) (Fold, error) {
	o, ok := operators[n.Op]
	if !ok || o.fold == nil {
		return Fold{}, fmt.Errorf("%w: %v has no fold", ErrProgram, n.Op)
	}
	if output < 0 || output >= len(out) || element < 0 || element >= out[output].Size() {
		return Fold{}, fmt.Errorf("%w: element %d of output %d of %v", ErrProgram, element, output, n.Op)
	}
	return o.fold(&folding{attr: n.Attr, in: in, out: out}, output, element), nil
}

// Order lists the outputs of a node so that each needs only those before it:
// inner values, as a row's sum, come first.
func (n Node) Order() []int {
	if o, ok := operators[n.Op]; ok && o.order != nil {
		return o.order
	}
	order := make([]int, len(n.Out))
	for i := range order {
		order[i] = i
	}
	return order
}

// folding is a node seen by the definitions of its elements.
type folding struct {
	attr    []uint64
	in, out []Value
}

// expression is a fold of one step.
func expression(f func(read Reader) float32) Fold {
	return Fold{Start: []uint32{0}, Steps: 1, Step: func(_ int, r []uint32, read Reader) { r[0] = blob.Word(f(read)) }}
}

// zero is an element that no chain leads to, as above an attention's diagonal.
func zero() Fold { return expression(func(Reader) float32 { return 0 }) }

// chain is k fused multiply-adds of elements of x and y, from +0.
func chain(k int, x, y Operand, at func(p int) (i, j int)) Fold {
	return Fold{Start: []uint32{0}, Steps: k, Step: func(p int, r []uint32, read Reader) {
		i, j := at(p)
		r[0] = blob.Word(kernel.FMA32(read.Float(x, i), read.Float(y, j), unword(r[0])))
	}}
}

// sum adds n terms, from +0. A term is rounded before it is added.
func sum(n int, term func(p int, read Reader) float32) Fold {
	return Fold{Start: []uint32{0}, Steps: n, Step: func(p int, r []uint32, read Reader) {
		addTo(&r[0], term(p, read))
	}}
}

func addTo(r *uint32, x float32) { *r = blob.Word(unword(*r) + x) }

// square rounds, so that no compiler fuses it with a sum.
func square(x float32) float32 { return float32(x * x) }

// maximum is the largest of n terms.
func maximum(n int, term func(p int, read Reader) float32) Fold {
	return Fold{Start: lowest(), Steps: n, Step: func(p int, r []uint32, read Reader) {
		r[0] = blob.Word(kernel.Larger(unword(r[0]), term(p, read)))
	}}
}

// lowest is where a maximum begins.
func lowest() []uint32 { return []uint32{blob.Word(float32(math.Inf(-1)))} }

// laneCount is the number of partial sums of a reduction along a row.
const laneCount = 16

// laneSum adds n terms in 16 lanes, then the lanes.
func laneSum(n int, term func(p int, read Reader) float32) Fold {
	return addLanes(Fold{Start: make([]uint32, laneCount), Steps: n, Step: func(p int, r []uint32, read Reader) {
		addTo(&r[p%laneCount], term(p, read))
	}})
}

// addLanes goes on after f by adding its first 16 registers, left to right.
func addLanes(f Fold) Fold {
	return Fold{Start: f.Start, Steps: f.Steps + laneCount - 1, Step: func(p int, r []uint32, read Reader) {
		if p < f.Steps {
			f.Step(p, r, read)
			return
		}
		addTo(&r[0], unword(r[p-f.Steps+1]))
	}}
}

// then goes on after f by one expression of its result.
func then(f Fold, last func(x float32, read Reader) float32) Fold {
	return Fold{Start: f.Start, Steps: f.Steps + 1, Step: func(p int, r []uint32, read Reader) {
		if p < f.Steps {
			f.Step(p, r, read)
			return
		}
		r[0] = blob.Word(last(unword(r[0]), read))
	}}
}

// chains goes through n chains of k steps, one after the other in the register
// after start, and hands the result of each to take, which changes the others.
func chains(start []uint32, n, k int, x, y Operand,
	at func(c, p int) (i, j int), take func(c int, sum float32, r []uint32, read Reader)) Fold {
	acc := len(start)
	return Fold{Start: append(start, 0), Steps: n * (k + 1), Step: func(p int, r []uint32, read Reader) {
		c, p := p/(k+1), p%(k+1)
		if p < k {
			i, j := at(c, p)
			r[acc] = blob.Word(kernel.FMA32(read.Float(x, i), read.Float(y, j), unword(r[acc])))
			return
		}
		take(c, unword(r[acc]), r, read)
		r[acc] = 0
	}}
}

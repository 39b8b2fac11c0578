package nn

import (
	"fmt"
	"math"

	"github.com/minga-network/minga/kernel"
)

// Op is an operator's number. Numbers are on the wire and never reused.
type Op uint8

const (
	OpMatMul           Op = 1  // c(m,n) = a(m,k)·b(k,n)
	OpMatMulNT         Op = 2  // c(m,n) = a(m,k)·b(n,k)ᵀ
	OpMatMulTN         Op = 3  // c(m,n) = a(k,m)ᵀ·b(k,n)
	OpAdd              Op = 4  // y = a + b
	OpEmbed            Op = 5  // y(rows,d) = table(vocab,d)[tokens(rows)]
	OpEmbedGrad        Op = 6  // dtable of dy, tokens
	OpRMSNorm          Op = 7  // y, rinv(rows) of x(rows,d), gain(d)
	OpRMSNormGrad      Op = 8  // dx, dgain, dot(rows) of dy, x, gain, rinv
	OpRopeTable        Op = 9  // cos, sin (rows, width/2); no inputs
	OpRope             Op = 10 // y of x(batch·t, heads·width), cos, sin
	OpRopeGrad         Op = 11 // dx of dy, cos, sin
	OpAttention        Op = 12 // y, prob(batch,heads,t,t), max, sum of q, k, v
	OpAttentionGrad    Op = 13 // dq, dk, dv, dprob, dscore, dot of dy, q, k, v, prob
	OpSwiGLU           Op = 14 // y = silu(gate)·up
	OpSwiGLUGrad       Op = 15 // dgate, dup of dy, gate, up
	OpCrossEntropy     Op = 16 // loss(rows), max, sum of logits(rows,vocab), targets(rows)
	OpCrossEntropyGrad Op = 17 // dlogits of logits, max, sum, targets
	OpMean             Op = 18 // y(1)
	OpSumSquares       Op = 19 // y(1)
	OpClipScale        Op = 20 // y(1) = min(1, limit/√Σ) of any number of sums of squares
	OpSchedule         Op = 21 // y(3) = rate and both bias corrections of step(1)
	OpAdamW            Op = 22 // p, m, v of p, m, v, g, schedule, clip
	OpNormal           Op = 23 // y = std·(random normal numbers); no inputs
	OpFill             Op = 24 // y = value; no inputs
	OpWindows          Op = 25 // starts(batch), tokens, targets(batch·context) drawn from corpus, places, step(1)
	OpBatch            Op = 26 // tokens, targets(batch·context) of windows, step(1), one batch after the other
	OpRecord           Op = 27 // y of curve(points), loss(1), step(1): the curve with the step's part of a mean added
	OpAccumulate       Op = 28 // y of x(n), value(1): x with a part of a mean added to one element
	OpCall             Op = 29 // tokens, chosen(context), size, faults(1) of a call's record
	OpSample           Op = 30 // max(rows), weight(rows,vocab), floor, choice(rows) of logits, chosen, record
	OpDifferences      Op = 31 // y(1) = faults(1) and how many of chosen(rows) are not choice(rows)
	OpChosenRows       Op = 32 // y(rows,vocab) = x(rows,vocab) where chosen(rows) says so, else 0
	OpTally            Op = 33 // y(2) of count(2), size(1), step(1): a count of units goes on
	OpPortionWindows   Op = 34 // starts(portions·rows), tokens, targets of corpus, portions(portions,3), step(1)
	OpCycle            Op = 35 // tokens, targets(batch·context) of windows, step(1), spread over all windows
	OpProbe            Op = 36 // y of weights, v, gradient, schedule, clip: a little way along the gradient
	OpCredit           Op = 37 // y of sums, losses before and after, starts(rows), ends(stretches,2)
)

// operator is what the package knows about one Op.
type operator struct {
	name  string
	attrs int // how many attributes a node has
	// shaped: after them come the 1 to 4 dimensions of the output.
	shaped bool
	// shape checks the inputs and returns the outputs. The number of inputs is
	// checked here too, because some operators take any number.
	shape func(a []uint64, in []Value) ([]Value, error)
	// run computes the outputs of a node whose shapes were checked.
	run func(b *kernel.Backend, c *call)
	// grad adds to the builder the gradient of a node, given that of its first
	// output. nil: nothing flows back through this operator.
	grad func(b *builder, n Node, dy ID)
	// over lists pairs (output, input) that may share memory when nothing reads
	// the input afterwards: element i of the output needs only element i of it.
	over [][2]int
	// fold defines an element of an output by scalar steps.
	fold func(c *folding, output, element int) Fold
	// order lists the outputs so that each needs only those before it; nil: as
	// they are numbered.
	order []int
}

// operators is filled by init because gradient rules apply operators.
var operators map[Op]*operator

func init() {
	operators = map[Op]*operator{
		OpMatMul:           &matMul,
		OpMatMulNT:         &matMulNT,
		OpMatMulTN:         &matMulTN,
		OpAdd:              &add,
		OpEmbed:            &embed,
		OpEmbedGrad:        &embedGrad,
		OpRMSNorm:          &rmsNorm,
		OpRMSNormGrad:      &rmsNormGrad,
		OpRopeTable:        &ropeTable,
		OpRope:             &rope,
		OpRopeGrad:         &ropeGrad,
		OpAttention:        &attention,
		OpAttentionGrad:    &attentionGrad,
		OpSwiGLU:           &swiGLU,
		OpSwiGLUGrad:       &swiGLUGrad,
		OpCrossEntropy:     &crossEntropy,
		OpCrossEntropyGrad: &crossEntropyGrad,
		OpMean:             &mean,
		OpSumSquares:       &sumSquares,
		OpClipScale:        &clipScale,
		OpSchedule:         &schedule,
		OpAdamW:            &adamW,
		OpNormal:           &normal,
		OpFill:             &fill,
		OpWindows:          &windows,
		OpBatch:            &batch,
		OpRecord:           &record,
		OpAccumulate:       &accumulate,
		OpCall:             &callOperator,
		OpSample:           &sampleRows,
		OpDifferences:      &differences,
		OpChosenRows:       &chosenRows,
		OpTally:            &tally,
		OpPortionWindows:   &portionWindows,
		OpCycle:            &cycle,
		OpProbe:            &probe,
		OpCredit:           &credit,
	}
}

// takes tells whether a node may have these attributes, by their number.
func (o *operator) takes(attr []uint64) bool {
	if o.shaped {
		return len(attr) > o.attrs && len(attr) <= o.attrs+4
	}
	return len(attr) == o.attrs
}

// String is the operator's name, as in the design.
func (op Op) String() string {
	if o, ok := operators[op]; ok {
		return o.name
	}
	return fmt.Sprintf("operator %d", uint8(op))
}

// call is a node bound to memory.
type call struct {
	attr    []uint64
	in, out []operand
	gather  []float32 // room for one number of each input, for clip_scale
}

// operand is a value bound to memory; one of f and i is set.
type operand struct {
	f     []float32
	i     []int32
	shape []int
}

// float reads an attribute that holds a float32.
func float(a uint64) float32 { return math.Float32frombits(uint32(a)) }

// bits writes a float32 as an attribute.
func bits(x float32) uint64 { return uint64(math.Float32bits(x)) }

// maxElements bounds one value (4 GiB of float32), so that products of
// dimensions and sums over a Program never overflow.
const maxElements = 1 << 30

func floats(shape ...int) Value { return Value{Kind: Float, Shape: shape} }
func ints(shape ...int) Value   { return Value{Kind: Int, Shape: shape} }

func (v Value) check() error {
	if v.Kind > Int || len(v.Shape) < 1 || len(v.Shape) > 4 {
		return fmt.Errorf("%w: a value has 1 to 4 dimensions of float or int", ErrProgram)
	}
	n := 1
	for _, d := range v.Shape {
		if d < 1 || d > maxElements/n {
			return fmt.Errorf("%w: shape %v has an empty dimension or more than %d elements", ErrProgram, v.Shape, maxElements)
		}
		n *= d
	}
	return nil
}

func (v Value) equal(w Value) bool {
	if v.Kind != w.Kind || len(v.Shape) != len(w.Shape) {
		return false
	}
	for i, d := range v.Shape {
		if d != w.Shape[i] {
			return false
		}
	}
	return true
}

// want compares inputs with the shapes an operator expects. A dimension of 0
// in the expectation matches anything; the caller takes it from the input.
func want(in []Value, expect ...Value) error {
	if len(in) != len(expect) {
		return fmt.Errorf("%w: %d inputs, want %d", ErrProgram, len(in), len(expect))
	}
	for i, e := range expect {
		if in[i].Kind != e.Kind || len(in[i].Shape) != len(e.Shape) {
			return fmt.Errorf("%w: input %d is %v, want %v", ErrProgram, i, in[i], e)
		}
		for j, d := range e.Shape {
			if d != 0 && d != in[i].Shape[j] {
				return fmt.Errorf("%w: input %d is %v, want %v", ErrProgram, i, in[i], e)
			}
		}
	}
	return nil
}

// matrix returns the dimensions of input i when it is a float matrix, and
// zeros when it is not, which no expectation of want then matches: the first
// input of an operator is read before it is checked.
func matrix(in []Value, i int) (rows, cols int) {
	if i >= len(in) || in[i].Kind != Float || len(in[i].Shape) != 2 {
		return 0, 0
	}
	return in[i].Shape[0], in[i].Shape[1]
}

package nn

import "github.com/minga-network/minga/kernel"

// Names of what Inference declares besides the weights and InputStep.
const (
	InputCall    = "call"   // int (CallWords(context)): a record
	StateUnits   = "units"  // float (2): the units of all calls so far, see Units
	OutputWrong  = "wrong"  // float (1): what is not as the model gives it
	OutputLogits = "logits" // float (context, vocab): those that a token was chosen from
)

// Inference builds the step that checks one call of a session: the model reads
// the whole text at once (each position sees only those before, so that what
// stands behind the text changes nothing) and chooses a token at every position
// from which the call has one. Wrong counts the tokens that are others, and what
// makes the record no call. The states are the weights, which stay, in the order of
// Config.Tensors, and the units, which begin anew at step 0.
func Inference(cfg Config) (*Program, error) {
	t, err := newTransformer(cfg, 1)
	if err != nil {
		return nil, err
	}
	record := t.input(InputCall, ints(CallWords(cfg.Context)))
	step := t.input(InputStep, ints(1))
	weights := t.states("")
	units := t.state(StateUnits, 2)
	parts := t.apply(OpCall, []uint64{uint64(cfg.Context), uint64(cfg.Vocab)}, record)
	chosen, size, faults := parts[1], parts[2], parts[3]
	t.tokens = parts[0]
	logits := t.logits(weights)
	choice := t.apply(OpSample, nil, logits, chosen, record)[3]
	t.output(OutputWrong, t.one(OpDifferences, nil, faults, chosen, choice))
	t.output(OutputLogits, t.one(OpChosenRows, nil, logits, chosen))
	t.next(units, t.one(OpTally, nil, units, size, step))
	return t.done()
}

var differences = operator{
	name: "differences",
	shape: func(_ []uint64, in []Value) ([]Value, error) {
		if err := want(in, floats(1), ints(0), ints(0)); err != nil {
			return nil, err
		}
		return []Value{floats(1)}, want(in[1:2], in[2])
	},
	run: func(_ *kernel.Backend, c *call) {
		n := float32(0)
		n += c.in[0].f[0]
		for i, chosen := range c.in[1].i {
			n += one(differs(chosen, c.in[2].i[i]))
		}
		c.out[0].f[0] = n
	},
	fold: func(c *folding, _, _ int) Fold {
		return sum(1+c.in[1].Size(), func(p int, read Reader) float32 {
			if p == 0 {
				return read.Float(In(0), 0)
			}
			return one(differs(read.Int(In(1), p-1), read.Int(In(2), p-1)))
		})
	},
}

// differs tells whether a row chose a token, and another than it should have.
func differs(chosen, choice int32) bool { return chosen >= 0 && chosen != choice }

var chosenRows = operator{
	name: "chosen_rows",
	shape: func(_ []uint64, in []Value) ([]Value, error) {
		rows, cols := matrix(in, 0)
		return []Value{floats(rows, cols)}, want(in, floats(rows, cols), ints(rows))
	},
	run: func(_ *kernel.Backend, c *call) {
		y, x, cols := c.out[0].f, c.in[0].f, c.in[0].shape[1]
		for row, chosen := range c.in[1].i {
			if lo, hi := row*cols, (row+1)*cols; chosen < 0 {
				clear(y[lo:hi])
			} else {
				copy(y[lo:hi], x[lo:hi])
			}
		}
	},
	fold: func(c *folding, _, e int) Fold {
		return expression(func(read Reader) float32 {
			if read.Int(In(1), e/c.in[0].Shape[1]) < 0 {
				return 0
			}
			return read.Float(In(0), e)
		})
	},
	over: [][2]int{{0, 0}},
}

// tally counts in two numbers, of which the second counts full first ones: a
// float32 alone would stop at 2²⁴.
var tally = operator{
	name: "tally",
	shape: func(_ []uint64, in []Value) ([]Value, error) {
		return []Value{floats(2)}, want(in, floats(2), floats(1), ints(1))
	},
	run: func(_ *kernel.Backend, c *call) {
		x := [2]float32(c.in[0].f)
		copy(c.out[0].f, addUnits(x, c.in[1].f[0], c.in[2].i[0]))
	},
	fold: func(_ *folding, _, e int) Fold {
		return expression(func(read Reader) float32 {
			x := [2]float32{read.Float(In(0), 0), read.Float(In(0), 1)}
			return addUnits(x, read.Float(In(1), 0), read.Int(In(2), 0))[e]
		})
	},
}

// unitsFull is where the first number of a count starts anew. A call has fewer.
const unitsFull = 1 << 20

func addUnits(x [2]float32, size float32, step int32) []float32 {
	if step == 0 {
		x = [2]float32{}
	}
	if x[0] += size; x[0] >= unitsFull {
		x[0] -= unitsFull
		x[1]++
	}
	return x[:]
}

// Units reads a count as StateUnits has it.
func Units(x [2]float32) uint64 { return uint64(x[1])*unitsFull + uint64(x[0]) }

// UnitsState is the inverse of Units.
func UnitsState(n uint64) [2]float32 {
	return [2]float32{float32(n % unitsFull), float32(n / unitsFull)}
}

package nn

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
)

// Names of the inputs, states and outputs of the Programs of Phases, besides those
// of the weights. All of them are declared by every Program.
const (
	InputCorpus  = "corpus"  // int (n): the training tokens of all datasets
	InputPlaces  = "places"  // int (datasets, 2): offset in the corpus, number of window starts
	InputWindows = "windows" // int (n·(context+1)): the validation windows
	// int (portions, 3), instead of places: offset in the corpus, number of window starts, number of the portion
	InputPortions = "portions"
	// int (credits, 2), if there are credits: where each stretch of the corpus begins and ends
	InputEnds    = "ends"
	StateLosses  = "losses"     // float (points): the curve of the training loss
	StateCredits = "credits"    // of Signal, float (datasets): the credits of each
	StateMeans   = "validation" // float (2+credits): mean validation loss before and after, then the credits
)

// Slots of StateMeans.
const (
	SlotFirst   = 0
	SlotLast    = 1
	SlotCredits = 2 // the first of them
)

// Phases is all that the Programs of a training run are made of. Their states
// carry over from one to the next, from zeros on: weights in the order of
// Config.Tensors, the curve, the validation means, first moments ("m." and the
// weight's name), second ("v.").
type Phases struct {
	Config    Config
	Optimizer Optimizer
	Seed      uint64
	Batch     int // windows in a step
	Corpus    int // training tokens
	Datasets  int
	Held      int // validation windows; those that fill no batch are left out
	HeldRows  int // windows in a step of Validation; 0: as many as in one of training
	// With Portions above 0 the corpus is made of portions instead of datasets, of which
	// so many are present: a step has Batch/Portions windows of each.
	Portions int
	// Credits is the number of stretches of the corpus that get credits in training.
	Credits int
}

// points is about how many a curve has, whatever the number of steps.
const points = 60

// Interval is the number of steps for each point of the curve; the last may have
// fewer.
func (c Phases) Interval() int { return (c.Optimizer.Steps + points - 1) / points }

// HeldBatch is the number of windows in a step of Validation.
func (c Phases) HeldBatch() int { return min(cmp.Or(c.HeldRows, c.Batch), c.Held) }

// HeldSteps is the number of steps of Validation.
func (c Phases) HeldSteps() int { return c.Held / c.HeldBatch() }

// CreditRows is the number of validation windows that a step's credits look at:
// half as many as it trains on, spread over all.
func (c Phases) CreditRows() int { return max(1, min(c.Batch/2, c.Held)) }

// Initial builds the step that makes the initial weights. It is done once.
func (c Phases) Initial() (*Program, error) {
	t, err := c.begin()
	if err != nil {
		return nil, err
	}
	for i, w := range c.Config.Tensors() {
		t.next(t.weights[i], t.initial(w, c.Seed, i))
	}
	return t.done()
}

// Continue builds the step that stands for Initial's where the first states are a
// model's file: it keeps the weights, and makes zeros of all other states, whatever
// the file has after its weights.
func (c Phases) Continue() (*Program, error) {
	t, err := c.begin()
	if err != nil {
		return nil, err
	}
	for _, s := range slices.Concat([]ID{t.curve, t.means}, t.m, t.v) {
		t.next(s, t.one(OpFill, append([]uint64{bits(0)}, dimensions(t.p.Values[s])...)))
	}
	return t.done()
}

// Validation builds a step that adds the loss over a batch of validation windows
// to one of the two means.
func (c Phases) Validation(slot int) (*Program, error) {
	t, err := c.begin()
	if err != nil {
		return nil, err
	}
	batch := c.HeldBatch()
	if batch < 1 || slot < SlotFirst || slot > SlotLast {
		return nil, fmt.Errorf("%w: validation in place %d on %d windows", ErrProgram, slot, c.Held)
	}
	ids := t.apply(OpBatch, []uint64{uint64(batch), uint64(c.Config.Context)}, t.windows, t.step)
	t.tokens, t.targets = ids[0], ids[1]
	loss := t.one(OpMean, nil, t.losses(t.weights))
	t.output(OutputLoss, loss)
	t.next(t.means, t.one(OpAccumulate, []uint64{uint64(slot), uint64(c.HeldSteps())}, t.means, loss))
	return t.done()
}

// Training builds a training step: it draws its windows, learns from them as the
// function Training says, and puts the loss into the curve.
func (c Phases) Training() (*Program, error) {
	t, err := c.begin()
	if err != nil {
		return nil, err
	}
	starts := t.draw(c)
	before := t.losses(t.weights)
	loss, moved := t.learn(c.Optimizer, t.step, before, t.weights, t.m, t.v)
	t.output(OutputLoss, loss)
	t.next(t.curve, t.one(OpRecord, []uint64{uint64(c.Interval()), uint64(c.Optimizer.Steps)}, t.curve, loss, t.step))
	if c.Credits > 0 {
		t.next(t.means, t.credits(c, t.means, SlotCredits, starts, before, moved))
	}
	return t.done()
}

// Signal builds a step that learns nothing. It comes before a training step, of
// which it draws the windows, and adds what credits they have to one more state,
// for each dataset. It takes about as long as a training step
// and a quarter.
func (c Phases) Signal() (*Program, error) {
	t, err := c.declare(c.Datasets)
	if err != nil {
		return nil, err
	}
	sums := t.state(StateCredits, c.Datasets)
	starts := t.draw(c)
	moved := movement{v: t.v, rates: t.schedule(c.Optimizer, t.step), clip: t.one(OpFill, []uint64{bits(1), 1})}
	t.next(sums, t.credits(c, sums, 0, starts, t.losses(t.weights), moved))
	return t.done()
}

// Drawn counts the windows that all training steps together draw from each
// dataset. Places are the Programs' input, with no negative number.
func (c Phases) Drawn(places []int32) []uint64 {
	ends, total := make([]uint32, c.Datasets), uint32(0)
	for d := range ends {
		total += uint32(places[2*d+1])
		ends[d] = total
	}
	drawn := make([]uint64, c.Datasets)
	for step := range c.Optimizer.Steps {
		for row := range c.Batch {
			place := drawPlace(c.Seed, int32(step), row, total)
			drawn[sort.Search(c.Datasets-1, func(d int) bool { return place < ends[d] })]++
		}
	}
	return drawn
}

// draw writes how the windows of a training step are drawn, and returns where they
// start.
func (t *phase) draw(c Phases) (starts ID) {
	op, rows := OpWindows, c.Batch
	if c.Portions > 0 {
		if op, rows = OpPortionWindows, c.Batch/c.Portions; c.Batch%c.Portions != 0 {
			t.fail(fmt.Errorf("%w: %d windows of %d portions", ErrProgram, c.Batch, c.Portions))
		}
	}
	ids := t.apply(op, []uint64{c.Seed, uint64(rows), uint64(c.Config.Context)}, t.corpus, t.places, t.step)
	t.tokens, t.targets = ids[1], ids[2]
	return ids[0]
}

// Starts are where the windows of a training step start that has portions, which are
// the Programs' input.
func (c Phases) Starts(step int, portions []int32) []int32 {
	starts := make([]int32, c.Batch)
	rows := c.Batch / c.Portions
	for row := range starts {
		portion := portions[row/rows*3:]
		starts[row] = drawOfPortion(c.Seed, int32(step), row%rows, portion[0], portion[1], portion[2])
	}
	return starts
}

// phase is a Program under way with what all Programs of Phases declare.
type phase struct {
	*transformer
	corpus, places, windows, ends, step ID
	weights, m, v                       []ID
	curve, means                        ID
}

func (c Phases) begin() (*phase, error) { return c.declare(c.Credits) }

// declare begins a Program that gives credits to so many stretches.
func (c Phases) declare(stretches int) (*phase, error) {
	if err := c.Optimizer.Validate(); err != nil {
		return nil, err
	}
	t, err := newTransformer(c.Config, max(c.Batch, c.HeldBatch()))
	if err != nil {
		return nil, err
	}
	l := &phase{transformer: t}
	l.corpus = l.input(InputCorpus, ints(c.Corpus))
	if c.Portions > 0 {
		l.places = l.input(InputPortions, ints(c.Portions, 3))
	} else {
		l.places = l.input(InputPlaces, ints(c.Datasets, 2))
	}
	l.windows = l.input(InputWindows, ints(c.Held*(c.Config.Context+1)))
	if stretches > 0 {
		l.ends = l.input(InputEnds, ints(stretches, 2))
	}
	l.step = l.input(InputStep, ints(1))
	l.weights = l.states("")
	l.curve = l.state(StateLosses, (c.Optimizer.Steps+c.Interval()-1)/c.Interval())
	l.means = l.state(StateMeans, SlotCredits+c.Credits)
	l.m, l.v = l.states("m."), l.states("v.")
	return l, nil
}

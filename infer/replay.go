package infer

import (
	"context"
	"fmt"
	"math"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/nn/file"
)

// Plan is a session as the work of a Program: one step a call, from a model's
// file. It follows from the model's Config alone.
type Plan struct {
	Program *nn.Program
	Record  int // words of Program's first input, of which every step has its own
}

// NewPlan writes the sessions of a model out. The error wraps nn.ErrConfig or
// nn.ErrProgram.
func NewPlan(cfg nn.Config) (*Plan, error) {
	p, err := nn.Inference(cfg)
	if err != nil {
		return nil, err
	}
	return &Plan{Program: p, Record: nn.CallWords(cfg.Context)}, nil
}

// Steps is how many calls a file has that is claimed of a session.
func (p *Plan) Steps(file []byte) (int, error) {
	if size := 4 * p.Record; len(file) == 0 || len(file)%size != 0 {
		return 0, fmt.Errorf("%w: a file of %d bytes, want calls of %d", ErrLog, len(file), size)
	}
	return len(file) / (4 * p.Record), nil
}

// Replay executes a session that somebody claims again, for whoever checks,
// defends or denies it. It is used by one goroutine at a time.
type Replay struct {
	ctx     context.Context
	plan    *Plan
	model   *file.Model
	backend *kernel.Backend
	start   []byte  // the model's file
	words   []int32 // of the session's file
	wrong   []int   // in each call
	leaves  []blob.Hash
	last    []blob.Hash // the values of the last leaf
	// The step that was recorded last: a dispute asks for it again and again.
	step   int
	record *nn.Record
}

// NewReplay prepares to check a session from its file and its model's. The error
// wraps file.ErrModel, or ErrLog where the file has no whole calls. Words of calls
// may be anything. All work ends when ctx does.
func NewReplay(ctx context.Context, model, session []byte, b *kernel.Backend) (*Replay, error) {
	m, err := file.Decode(model)
	if err != nil {
		return nil, err
	}
	plan, err := NewPlan(m.Config)
	if err != nil {
		return nil, err
	}
	if _, err := plan.Steps(session); err != nil {
		return nil, err
	}
	return &Replay{ctx: ctx, plan: plan, model: m, backend: b, start: model, words: blob.Words[int32](session)}, nil
}

// Plan is what the session is a run of.
func (r *Replay) Plan() *Plan { return r.plan }

// Steps is the number of calls.
func (r *Replay) Steps() int { return len(r.words) / r.plan.Record }

// given is the record of a step, counted from 1.
func (r *Replay) given(step int) []int32 { return r.words[(step-1)*r.plan.Record : step*r.plan.Record] }

func (r *Replay) call(step int) (c nn.Call, ok bool) {
	return nn.ReadCall(r.given(step), r.model.Config.Vocab)
}

// Leaves are those of the trace that the session should have: before the first
// step, and after each. The model reads each call once, which is much faster than
// to make its tokens one by one.
func (r *Replay) Leaves() ([]blob.Hash, error) {
	if r.leaves != nil {
		return r.leaves, nil
	}
	g, t := New(r.model, r.backend), NewTrace(r.model)
	leaves, wrong, units := []blob.Hash{t.start()}, []int(nil), uint64(0)
	for step := 1; step <= r.Steps(); step++ {
		c, _ := r.call(step)
		units += c.Units()
		n, logits, err := r.check(g, step)
		if err != nil {
			return nil, err
		}
		r.last = t.step(units, n, logits)
		leaves, wrong = append(leaves, blob.Root(r.last)), append(wrong, n)
	}
	r.leaves, r.wrong = leaves, wrong
	return leaves, nil
}

// ProveUnits is the path from the units, by the name of the blob of their state, up to
// the last leaf.
func (r *Replay) ProveUnits() ([]blob.Hash, error) {
	_, err := r.Leaves()
	return blob.Path(r.last, len(r.model.Tensors)), err
}

// Contradiction is the first step, counted from 0, of a call that is wrong; -1 if
// none is.
func (r *Replay) Contradiction() (int, error) {
	if _, err := r.Leaves(); err != nil {
		return -1, err
	}
	for step, n := range r.wrong {
		if n != 0 {
			return step, nil
		}
	}
	return -1, nil
}

// Calls are those of the session, with 0 for what cannot be. One of nothing is
// left out.
func (r *Replay) Calls() (calls []nn.Call) {
	for step := 1; step <= r.Steps(); step++ {
		if c, _ := r.call(step); c.Units() > 0 {
			calls = append(calls, c)
		}
	}
	return calls
}

// Units is what the session costs, in tokens.
func (r *Replay) Units() uint64 { return r.unitsBefore(r.Steps() + 1) }

func (r *Replay) unitsBefore(step int) (n uint64) {
	for s := 1; s < step; s++ {
		c, _ := r.call(s)
		n += c.Units()
	}
	return n
}

// Record executes a step, counted from 1, with all values kept.
func (r *Replay) Record(step int) (*nn.Record, error) {
	if step < 1 || step > r.Steps() {
		return nil, fmt.Errorf("infer: record step %d of %d", step, r.Steps())
	}
	if r.record != nil && r.step == step {
		return r.record, nil
	}
	if err := r.ctx.Err(); err != nil {
		return nil, err
	}
	units := NewTrace(r.model).first
	if step > 1 {
		units = nn.UnitsState(r.unitsBefore(step))
	}
	var states [][]float32
	for _, w := range r.model.Tensors {
		states = append(states, w.Data)
	}
	record, err := nn.NewRecord(r.plan.Program, r.backend, [][]int32{r.given(step), {int32(step - 1)}},
		append(states, units[:]), nil)
	if err != nil {
		return nil, err
	}
	r.step, r.record = step, record
	return record, nil
}

// Given are the words of the session's file.
func (r *Replay) Given() []uint32 {
	words := make([]uint32, len(r.words))
	for i, w := range r.words {
		words[i] = uint32(w)
	}
	return words
}

// Begins are the words of the model's file, with what comes before the weights.
func (r *Replay) Begins() []uint32 { return blob.Words[uint32](r.start) }

// check says what is wrong with a call, and names its logits. What is no call is
// left to the Program.
func (r *Replay) check(g *Generator, step int) (wrong int, logits blob.Hash, err error) {
	if c, ok := r.call(step); ok {
		return g.read(r.ctx, c)
	}
	record, err := r.Record(step)
	if err != nil {
		return 0, logits, err
	}
	outputs := r.plan.Program.Outputs
	return int(math.Float32frombits(record.Word(outputs[0].ID, 0))), blob.Sum(record.Bytes(outputs[1].ID)), nil
}

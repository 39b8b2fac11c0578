package train

import (
	"fmt"

	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/rule/contribution"
)

// Measure is how a job measures what its data did: the data in portions, and the runs on some of these, each an
// ordinary Plan. It follows from the Spec and the data, with the hidden text, so everybody has the same. All runs read
// the corpus that the job's model is trained on.
type Measure struct {
	Segments []contribution.Segment // what each portion has of each dataset, in this order
	Design   *contribution.Design   // which portions each run has; the first has all
	Own      *Plan                  // the run that makes the job's model

	spec     *Spec
	corpus   *corpus
	windows  []int32 // of the hidden text
	portions []int32 // of each portion: where it begins in the corpus, how many windows may start there, its number
	ends     []int32 // of each segment: where in the corpus it begins and ends
	slices   []int32 // of each slice of each portion: the same
}

// NewMeasure cuts the data into portions and designs the runs. The data must include the hidden text. Errors wrap
// ErrSpec and ErrData.
func NewMeasure(s *Spec, data []Data) (*Measure, error) {
	c, err := newCorpus(s, data)
	if err != nil {
		return nil, err
	}
	if !s.Measured() {
		return nil, wrong("measure", "is missing: without it nothing is measured")
	}
	m := &Measure{spec: s, corpus: c}
	hidden, err := text(data, "validation.hidden", s.Hidden())
	if err != nil {
		return nil, err
	}
	if m.windows, err = c.windows("validation.hidden", [][]byte{hidden}, s.Measure.Context); err != nil {
		return nil, err
	}
	if err := m.cut(); err != nil {
		return nil, err
	}
	m.Own, err = c.plan(s)
	return m, err
}

// cut makes the portions, first in bytes, then in tokens.
func (m *Measure) cut() error {
	lengths, total := make([]uint64, len(m.corpus.texts)), uint64(0)
	for i, text := range m.corpus.texts {
		lengths[i] = uint64(len(text))
		total += lengths[i]
	}
	n := countPortions(total, uint64(m.spec.Measure.Portion))
	most := uint64(contribution.MaxPortions)
	if m.spec.Measure.Method == contribution.Exact {
		most = contribution.MaxExact
	}
	if n > most {
		return misfit("measure.portion",
			"is %d, which makes %d portions of %d bytes of data, want at most %d: raise it to %d or more",
			m.spec.Measure.Portion, n, total, most, total/most+1)
	}
	segments, ends := cutPortions(lengths, n)
	m.Segments = segments
	m.place(int(n), ends, sliceEnds(total, n))
	context := m.spec.Measure.Context
	for u := range int(n) {
		if m.portions[3*u+1] < 1 {
			return misfit("measure.portion", "is %d, of which portion %d has no more than measure.context %d tokens: raise it",
				m.spec.Measure.Portion, u, context)
		}
	}
	var err error
	if m.Design, err = contribution.NewDesign(m.spec.Measure.Method, int(n)); err != nil {
		return fmt.Errorf("%w: %w", ErrSpec, err)
	}
	return nil
}

// place finds where segments, slices and portions begin and end in the corpus, from where they end in the texts.
func (m *Measure) place(portions int, ends, slices []uint64) {
	m.ends = stretches(m.corpus.tokensAt(ends))
	m.slices = stretches(m.corpus.tokensAt(slices))
	for u := range portions {
		begin, end := m.slices[2*contribution.Slices*u], m.slices[2*contribution.Slices*(u+1)-1]
		m.portions = append(m.portions, begin, max(0, end-begin-int32(m.spec.Measure.Context)), int32(u))
	}
}

// stretches lists the beginning and the end of each stretch, from the ends.
func stretches(ends []int32) (all []int32) {
	begin := int32(0)
	for _, end := range ends {
		all = append(all, begin, end)
		begin = end
	}
	return all
}

// These inputs of a run's Plan differ between runs on equally many portions.
const (
	InPresent = 1 // of each portion present: where it begins, how many windows may start there, its number
	InSlices  = 3 // of each slice of each portion: where it begins and ends; in the first run only
)

// Plan plans the run of one coalition of the Design, by its number. Its Programs depend only on how many portions are
// present; the first run also gives credits to the slices of portions.
func (m *Measure) Plan(run int) (*Plan, error) {
	if run < 0 || run >= len(m.Design.Coalitions) {
		return nil, fmt.Errorf("%w: run %d of %d", ErrSpec, run, len(m.Design.Coalitions))
	}
	p := &Plan{Inputs: [][]int32{m.corpus.tokens, m.present(run), m.windows}, Roots: m.Own.Roots[:1:1],
		Kept: m.corpus.kept, checkpoint: m.spec.Measure.Steps, programs: m.programs(run)}
	if run == 0 {
		p.Inputs = append(p.Inputs, m.slices) // InSlices
	}
	if err := p.write(m.spec, m.corpus.tokenizer); err != nil {
		return nil, err
	}
	p.Used = m.used(p)
	return p, nil
}

// present lists the portions of a run.
func (m *Measure) present(run int) []int32 {
	var portions []int32
	for u := range m.Design.Portions {
		if m.Design.Coalitions[run].Has(u) {
			portions = append(portions, m.portions[3*u:3*u+3]...)
		}
	}
	return portions
}

// heldRows is about how many windows are validated at a time.
const heldRows = 16

func (m *Measure) programs(run int) nn.Phases {
	s, size := m.spec, m.Design.Coalitions[run].Size()
	held := len(m.windows) / (s.Measure.Context + 1)
	c := nn.Phases{
		Config: s.small(m.corpus.tokenizer.Vocab()), Optimizer: s.short(), Seed: s.Train.Seed, Batch: size * s.Measure.Rows,
		Corpus: len(m.corpus.tokens), Portions: size, Held: held, HeldRows: held / ((held + heldRows - 1) / heldRows),
	}
	if run == 0 {
		c.Credits = len(m.slices) / 2
	}
	return c
}

// used counts the tokens that a run trains on, by dataset: those of each window without the one after it.
func (m *Measure) used(p *Plan) []uint64 {
	used, context := make([]uint64, len(m.corpus.texts)), int32(p.programs.Config.Context)
	for step := range p.programs.Optimizer.Steps {
		for _, start := range p.programs.Starts(step, p.Inputs[1]) {
			for i, s := range m.Segments {
				if begin, end := max(start, m.ends[2*i]), min(start+context, m.ends[2*i+1]); begin < end {
					used[s.Dataset] += uint64(end - begin)
				}
			}
		}
	}
	return used
}

// Steps is how many steps of training each run has.
func (m *Measure) Steps() int { return m.spec.Measure.Steps }

// Units is how many tokens a run trains on.
func (m *Measure) Units(run int) uint64 {
	s := m.spec.Measure
	return uint64(m.Design.Coalitions[run].Size()) * uint64(s.Rows) * uint64(s.Context) * uint64(s.Steps)
}

// Cost is what all runs compute, as a share of what the job's own run computes. It counts multiply-adds of matrix
// products and attention; the rest takes little time.
func (m *Measure) Cost() float64 {
	all := 0.0
	for run := range m.Design.Coalitions {
		all += work(m.programs(run))
	}
	return all / work(m.Own.programs)
}

// work estimates the multiply-adds of a run: each token goes through the products and half of its context once to
// validate and three times to train. Credits also train on validation windows, and read each training window once more.
func work(c nn.Phases) float64 {
	cfg := c.Config
	layer := 4*cfg.Dim*cfg.Dim + 3*cfg.Dim*cfg.Hidden + cfg.Context*cfg.Dim
	token := float64(cfg.Layers*layer + cfg.Dim*cfg.Vocab)
	rows := 3 * c.Batch * c.Optimizer.Steps
	rows += 2 * c.HeldBatch() * c.HeldSteps()
	if c.Credits > 0 {
		rows += (3*c.CreditRows() + c.Batch) * c.Optimizer.Steps
	}
	return float64(rows) * float64(cfg.Context) * token
}

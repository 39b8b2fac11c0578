package job

import (
	"slices"

	"cosmossdk.io/errors"
	"cosmossdk.io/math"

	"github.com/minga-network/minga/rule/contribution"
	"github.com/minga-network/minga/verify"
)

// This file makes the terms of the runs that measure a job. Runs on equally many portions have the same shape: they
// execute the same Programs and differ only in which portions are present. So the creator gives one task for each
// shape, and the chain fills in what differs. One honest look at one run then shows whether all runs of its shape are
// those of the spec. Nobody can hide a false run among true ones.

// mostTokens bounds a corpus, as the largest value of a Program does.
const mostTokens = 1 << 30

// Runs returns the terms of the runs that measure a job: the job's own, with the work of the run. The budget covers the
// most that the run can cost. Each run has a checker, even if the job asks for none: one false run moves a part of all
// future income. Workers see whether the tasks are those of the spec.
func Runs(j *Job, m *Measure) ([]Terms, error) {
	portions, err := checkSegments(m.Segments, len(j.Terms.Train.Datasets))
	if err != nil {
		return nil, err
	}
	d, err := contribution.NewDesign(j.Terms.Train.Split.Method, portions)
	if err != nil {
		return nil, ErrTerms.Wrap(err.Error())
	}
	tasks, err := m.fill(j, d)
	if err != nil {
		return nil, err
	}
	runs := make([]Terms, len(tasks))
	for run, shape := range d.Shapes() {
		runs[run] = Terms{
			Kind: KindMeasure, Proof: ProofReferee, Spec: j.Terms.Spec, Source: j.Terms.Source, MaxPrice: j.Terms.MaxPrice,
			Deadline: j.Terms.Deadline, Window: j.Terms.Window, Checkers: max(1, j.Terms.Checkers), Parent: j.Id,
			Number: uint32(run),
			Task:   tasks[run].Encode(), Units: m.Units[shape], Stake: m.Stake, CheckPay: m.CheckPay, Work: m.Work,
			Measure: &MeasureTerms{},
		}
		if err := checkRun(&runs[run]); err != nil {
			return nil, ErrTerms.Wrapf("run %d: %s", run, err)
		}
	}
	return runs, nil
}

// checkRun says why a run cannot be posted, and sets its budget.
func checkRun(t *Terms) error {
	if t.Units == 0 {
		return ErrTerms.Wrap("units is 0: say how many training tokens there are")
	}
	if t.Budget = math.OneInt(); !t.CheckPay.IsNil() {
		t.Budget = t.MaxPrice.Mul(math.NewIntFromUint64(t.Units)).Add(t.CheckPay.MulRaw(int64(t.Checkers)))
	}
	for _, check := range []func(Terms, Params) error{checkAmounts, checkProtection} {
		if err := check(*t, Params{}); err != nil {
			return err
		}
	}
	return checkTraining(*t, 0)
}

// fill returns the task of each run of the design.
func (m *Measure) fill(j *Job, d *contribution.Design) ([]*verify.Programs, error) {
	shapes, err := m.shapes(j, d)
	if err != nil {
		return nil, err
	}
	places, stretches, err := m.place(d.Portions, shapes[0].Corpus())
	if err != nil {
		return nil, err
	}
	tasks := make([]*verify.Programs, len(d.Coalitions))
	for run, shape := range d.Shapes() {
		var present []uint32
		for u, place := range places {
			if d.Coalitions[run].Has(u) {
				present = append(present, place[:]...)
			}
		}
		if run > 0 {
			stretches = nil // only run 0 gives credits
		}
		tasks[run] = shapes[shape].Present(present, stretches)
	}
	return tasks, nil
}

// shapes reads the task of each shape.
func (m *Measure) shapes(j *Job, d *contribution.Design) ([]*verify.Programs, error) {
	n := slices.Max(d.Shapes()) + 1
	if len(m.Tasks) != n || len(m.Units) != n {
		return nil, ErrTerms.Wrapf("%d tasks and %d numbers of units: the runs of %s of %d portions have %d shapes, "+
			"give one of both for each",
			len(m.Tasks), len(m.Units), j.Terms.Train.Split.Method, d.Portions, n)
	}
	whole, err := programs(j.Terms.Task)
	if err != nil {
		return nil, err
	}
	shapes := make([]*verify.Programs, n)
	for i, b := range m.Tasks {
		if len(b) > maxTask {
			return nil, ErrTerms.Wrapf("task %d has %d bytes, give at most %d", i, len(b), maxTask)
		}
		if shapes[i], err = programs(b); err != nil {
			return nil, errors.Wrapf(err, "task %d", i)
		}
		if wrong := verify.Misshapen(shapes[:i+1], whole); wrong != "" {
			return nil, ErrTerms.Wrapf("task %d: %s", i, wrong)
		}
	}
	return shapes, nil
}

// place finds the portions and their slices in the corpus. For a portion it returns what a run reads.
func (m *Measure) place(portions int, corpus int64) (places [][3]uint32, stretches []uint32, err error) {
	if len(m.Tokens) != portions*contribution.Slices {
		return nil, nil, ErrTerms.Wrapf("tokens has %d entries: give one for each of the %d slices of %d portions",
			len(m.Tokens), contribution.Slices, portions)
	}
	at := uint64(0)
	places = make([][3]uint32, portions)
	for i, n := range m.Tokens {
		if n > mostTokens || at+n > uint64(min(corpus, mostTokens)) {
			return nil, nil, ErrTerms.Wrapf("slice %d ends beyond the corpus of %d tokens", i, corpus)
		}
		portion := i / contribution.Slices
		if i%contribution.Slices == 0 {
			places[portion] = [3]uint32{uint32(at), 0, uint32(portion)}
		}
		stretches = append(stretches, uint32(at), uint32(at+n))
		at += n
		places[portion][1] += uint32(n)
	}
	if at != uint64(corpus) {
		return nil, nil, ErrTerms.Wrapf("the slices have %d tokens together, the corpus has %d", at, corpus)
	}
	for u := range places {
		starts := &places[u][1]
		if m.Context == 0 || *starts <= m.Context {
			return nil, nil, ErrTerms.Wrapf("portion %d has %d tokens and a window takes %d: give windows of at least 1 token "+
				"and portions of more than a window", u, *starts, m.Context)
		}
		*starts -= m.Context
	}
	return places, stretches, nil
}

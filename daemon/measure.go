package daemon

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/client"
	"github.com/minga-network/minga/train"
	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/x/job"
)

// Measure is what a spec, and the units and runs that it makes of its data, say to the
// chain. Whoever posts a job measures it by this, and workers do its runs only if they
// get the same.
func Measure(s *train.Spec, m *train.Measure) (job.Measure, error) {
	t := job.Measure{Work: int64(s.Measure.Work), Checked: uint32(s.Measure.Checked), Context: uint32(s.Measure.Context)}
	var err error
	if t.Stake, err = client.ParseAmount(s.Measure.Stake); err != nil {
		return job.Measure{}, fmt.Errorf("measure.stake: %w", err)
	}
	if t.CheckPay, err = client.ParseAmount(s.Measure.CheckPay); err != nil {
		return job.Measure{}, fmt.Errorf("measure.check_pay: %w", err)
	}
	for _, g := range m.Segments {
		t.Segments = append(t.Segments, job.Segment{Unit: uint32(g.Portion), Dataset: uint32(g.Dataset), Bytes: g.Bytes})
	}
	for run, shape := range m.Design.Shapes() {
		if shape < len(t.Tasks) {
			continue
		}
		p, err := m.Plan(run)
		if err != nil {
			return job.Measure{}, err
		}
		if run == 0 {
			t.Tokens = sizes(p.Inputs[train.InSlices])
		}
		t.Tasks = append(t.Tasks, shapeOf(p).Encode())
		t.Units = append(t.Units, m.Units(run))
	}
	return t, nil
}

// sizes are how long stretches are that begin and end there.
func sizes(stretches []int32) (all []uint64) {
	for ; len(stretches) > 1; stretches = stretches[2:] {
		all = append(all, uint64(stretches[1]-stretches[0]))
	}
	return all
}

// shapeOf is the task of a run without what differs between runs of its shape.
func shapeOf(p *train.Plan) *verify.Programs {
	t := programs(p)
	for i := range t.Inputs {
		if i == train.InPresent || i == train.InSlices {
			t.Inputs[i] = verify.Input{}
		}
	}
	return t
}

// measure is how the data of a job is measured, by its spec.
type measure struct {
	parent uint64
	spec   blob.Hash
	*train.Measure
	says job.Measure
	runs []job.Terms
}

// mostMeasures bounds how many are kept: each has all tokens of its job's data.
const mostMeasures = 2

// measures keeps the last ones used, so that the runs of a job read its data once. The
// disputes ask beside the work.
type measures struct {
	mu   sync.Mutex
	kept []*measure // the newest last
}

// measure gets the spec and the data of the job that j is a run of, and finds what there
// is to measure.
func (t *trainer) measure(ctx context.Context, j job.Job) (*measure, error) {
	t.measures.mu.Lock()
	defer t.measures.mu.Unlock()
	kept := &t.measures.kept
	m := &measure{parent: j.Terms.Parent, spec: blob.Hash(j.Terms.Spec)}
	if i := slices.IndexFunc(*kept, func(k *measure) bool { return k.parent == m.parent && k.spec == m.spec }); i >= 0 {
		m = (*kept)[i]
		*kept = slices.Delete(*kept, i, i+1)
	} else if err := t.build(ctx, j, m); err != nil {
		return nil, err
	}
	if len(*kept) >= mostMeasures {
		*kept = slices.Delete(*kept, 0, 1)
	}
	*kept = append(*kept, m)
	return m, nil
}

func (t *trainer) build(ctx context.Context, j job.Job, m *measure) error {
	spec, err := t.spec(ctx, j)
	if err != nil {
		return err
	}
	data, err := t.data(ctx, spec, j.Terms.Datasets, j.Terms.Source, true)
	if err != nil {
		return err
	}
	if m.Measure, err = train.NewMeasure(spec, data); err != nil {
		return fmt.Errorf("%w: %w", errSpec, err)
	}
	if m.says, err = Measure(spec, m.Measure); err != nil {
		return fmt.Errorf("%w: %w", errSpec, err)
	}
	terms, err := offered(spec, m.spec, j.Terms.Source)
	if err != nil {
		return fmt.Errorf("%w: %w", errSpec, err)
	}
	terms.Task = Task(m.Own).Encode()
	if m.runs, err = job.Runs(&job.Job{Id: m.parent, Terms: terms}, &m.says); err != nil {
		return fmt.Errorf("%w: %w", errSpec, err)
	}
	return nil
}

// prepareRun compares a run with what the spec of its job says, and with the segments
// that its units are divided by.
func (t *trainer) prepareRun(ctx context.Context, j job.Job) error {
	m, err := t.measure(ctx, j)
	if err != nil {
		return err
	}
	run := int(j.Terms.Run)
	if run >= len(m.runs) {
		return fmt.Errorf("%w: run %d of %d", errTerms, run, len(m.runs))
	}
	if err := sameTerms(j.Terms, m.runs[run]); err != nil {
		return err
	}
	r, err := job.NewQueryClient(t.Client).Measured(ctx, &job.QueryMeasuredRequest{Job: m.parent})
	if err != nil {
		return fmt.Errorf("the measuring of job %d: %w", m.parent, err)
	}
	if !slices.Equal(r.Measured.Segments, m.says.Segments) {
		return fmt.Errorf("%w: other segments", errTerms)
	}
	p, err := m.Plan(run)
	if err != nil {
		return err
	}
	return t.room(p)
}

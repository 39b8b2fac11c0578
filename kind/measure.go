package kind

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/train"
	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/x/job"
)

// childJob is the table [job.measure] of a job file: what a run that measures the data is paid for, beside its price.
type childJob struct {
	Stake    string `toml:"stake"`
	CheckPay string `toml:"check_pay"`
	Work     int    `toml:"work"`
}

// fill sets what the table says.
func (c childJob) fill(f *document, m *job.Measure) error {
	m.Work = int64(c.Work)
	if err := f.within([]bounds{
		{"job.measure.work", c.Work, 1, 1 << 30},
	}); err != nil {
		return err
	}
	return f.coins([]amount{
		{"job.measure.stake", c.Stake, &m.Stake},
		{"job.measure.check_pay", c.CheckPay, &m.CheckPay},
	})
}

// Measuring is how the data of a job is measured, by its file and its data, the hidden text included. Whoever posts
// the job has it measured by this, and workers do its runs only if they get the same.
type Measuring struct {
	*train.Measure
	Says job.Measure // to the chain
	Runs []job.Terms // of each run

	parent uint64
	spec   blob.Hash
}

// Measuring finds what there is to measure of a job's data. It fetches what the store does not have.
func (h Host) Measuring(ctx context.Context, j job.Job) (*Measuring, error) {
	raw, err := h.file(ctx, j)
	if err != nil {
		return nil, err
	}
	f, err := readTraining(raw)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrJob, err)
	}
	if err := f.sameFile(raw, j); err != nil {
		return nil, err
	}
	data, err := h.data(ctx, &f.Spec, j.Terms.Train.Datasets, j, true)
	if err != nil {
		return nil, err
	}
	m, err := f.measuring(raw, data, j)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrJob, err)
	}
	return m, nil
}

// measuring writes the measuring of a job out.
func (f *trainFile) measuring(raw []byte, data []train.Data, j job.Job) (*Measuring, error) {
	m := &Measuring{parent: j.Id, spec: blob.Sum(raw)}
	var err error
	if m.Measure, err = train.NewMeasure(&f.Spec, data); err != nil {
		return nil, f.at.place(err)
	}
	if m.Says, err = f.says(m.Measure); err != nil {
		return nil, err
	}
	terms, err := f.terms(m.spec)
	if err != nil {
		return nil, err
	}
	terms.Source, terms.Task, terms.Train.Used = j.Terms.Source, Task(m.Own).Encode(), m.Own.Used
	if err := sameTerms(j.Terms, terms); err != nil {
		return nil, err
	}
	m.Runs, err = job.Runs(&job.Job{Id: j.Id, Terms: terms}, &m.Says)
	return m, err
}

// says is what goes to the chain: the terms of the runs, where the portions are, and a task for each shape of a run.
func (f *trainFile) says(m *train.Measure) (job.Measure, error) {
	t := job.Measure{Context: uint32(f.Measure.Context)}
	if err := f.Job.Measure.fill(f.at, &t); err != nil {
		return t, err
	}
	for _, g := range m.Segments {
		t.Segments = append(t.Segments, job.Segment{Portion: uint32(g.Portion), Dataset: uint32(g.Dataset), Bytes: g.Bytes})
	}
	for run, shape := range m.Design.Shapes() {
		if shape < len(t.Tasks) {
			continue
		}
		p, err := m.Plan(run)
		if err != nil {
			return t, err
		}
		if run == 0 {
			t.Tokens = sizes(p.Inputs[train.InSlices])
		}
		t.Tasks = append(t.Tasks, shapeOf(p).Encode())
		t.Units = append(t.Units, m.Units(run))
	}
	return t, nil
}

// sizes are the lengths of stretches, of which a list has beginnings and ends.
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

// measurings keeps the last ones used, so that all runs of a job read its data once.
type measurings struct {
	mu   sync.Mutex
	kept []*measuredJob // the newest last
}

// measuredJob is the place of one. Who waits for its data does not keep others from theirs.
type measuredJob struct {
	parent uint64
	spec   blob.Hash

	mu sync.Mutex
	m  *Measuring // nil until it is known
}

// mostMeasurings bounds how many are kept: each has all tokens of its job's data.
const mostMeasurings = 2

// of finds how the job is measured that j is a run of.
func (all *measurings) of(ctx context.Context, h Host, j job.Job) (*Measuring, error) {
	p := all.place(j.Terms.Parent, blob.Hash(j.Terms.Spec))
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.m != nil {
		return p.m, nil
	}
	r, err := job.NewQueryClient(h.Chain).Job(ctx, &job.QueryJobRequest{Id: p.parent})
	if err != nil {
		return nil, fmt.Errorf("job %d, which is measured: %w", p.parent, err)
	}
	m, err := h.Measuring(ctx, r.Job)
	if err != nil {
		return nil, err
	}
	p.m = m
	return m, nil
}

// place finds the place of a job that is measured, which becomes the newest, or adds one.
func (all *measurings) place(parent uint64, spec blob.Hash) *measuredJob {
	all.mu.Lock()
	defer all.mu.Unlock()
	p := &measuredJob{parent: parent, spec: spec}
	i := slices.IndexFunc(all.kept, func(k *measuredJob) bool { return k.parent == parent && k.spec == spec })
	if i >= 0 {
		p = all.kept[i]
		all.kept = slices.Delete(all.kept, i, i+1)
	}
	if len(all.kept) >= mostMeasurings {
		all.kept = slices.Delete(all.kept, 0, 1)
	}
	all.kept = append(all.kept, p)
	return p
}

// measurer does the runs that measure jobs' data, and does them again to check.
type measurer struct {
	Host
	measurings measurings
	trials     *trials
}

// Terms implements Kind. The chain posts the runs of a job by itself.
func (t *measurer) Terms(context.Context, []byte) (job.Terms, error) {
	return job.Terms{}, fmt.Errorf("%w: runs are posted for a training: `minga job measure`", ErrFile)
}

// Prepare implements Kind. It compares a run with what the file of its job says, and with the segments that its
// portions are divided by.
func (t *measurer) Prepare(ctx context.Context, j job.Job) (Work, error) {
	m, err := t.measurings.of(ctx, t.Host, j)
	if err != nil {
		return nil, err
	}
	number := int(j.Terms.Number)
	if number >= len(m.Runs) {
		return nil, fmt.Errorf("%w: run %d of %d", ErrTerms, number, len(m.Runs))
	}
	if err := sameTerms(j.Terms, m.Runs[number]); err != nil {
		return nil, err
	}
	r, err := job.NewQueryClient(t.Chain).Measured(ctx, &job.QueryMeasuredRequest{Job: m.parent})
	if err != nil {
		return nil, fmt.Errorf("the measuring of job %d: %w", m.parent, err)
	}
	if !slices.Equal(r.Measured.Segments, m.Says.Segments) {
		return nil, fmt.Errorf("%w: other segments", ErrTerms)
	}
	p, err := m.Plan(number)
	if err != nil {
		return nil, err
	}
	return t.newRun(j, p, t.trials)
}

// measured adds to a claim what the run measured. Nobody wants its model.
func (r *run) measured(x *execution, c *job.Claim) error {
	means, path, err := x.ProveMeans()
	c.Measure = &job.MeasureClaim{Words: blob.AppendFloats(nil, means)}
	c.End = append(hashes(path), c.End...)
	return err
}

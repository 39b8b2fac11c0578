package kind

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/rule/contribution"
	"github.com/minga-network/minga/train"
	"github.com/minga-network/minga/verify/player"
	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/job"
)

// trainFile is a job file of kind train.
type trainFile struct {
	head
	Job struct {
		market
		Licence string   `toml:"licence"` // of the model, as SPDX expression
		Measure childJob `toml:"measure" file:"optional"`
	} `toml:"job"`
	Split      split `toml:"split"`
	train.Spec       // its tables

	at *document // where all that stands
}

// Training is the training that a job file asks for.
func Training(raw []byte) (*train.Spec, error) {
	f, err := readTraining(raw)
	if err != nil {
		return nil, err
	}
	return &f.Spec, nil
}

func readTraining(raw []byte) (*trainFile, error) {
	name, err := kindOf(raw)
	if err != nil {
		return nil, err
	}
	if name != job.KindTrain {
		return nil, fmt.Errorf("%w: kind is %q, want %q", ErrFile, name, job.KindTrain)
	}
	f := &trainFile{}
	if f.at, err = read(raw, f); err != nil {
		return nil, err
	}
	if err := f.Validate(); err != nil {
		return nil, f.at.place(err)
	}
	if err := f.checkMeasure(); err != nil {
		return nil, err
	}
	_, err = f.terms(blob.Hash{})
	return f, err
}

// checkMeasure wants to know of runs that measure what they are like and what they are paid for, or neither.
func (f *trainFile) checkMeasure() error {
	paid := f.at.mentions("job.measure")
	switch {
	case !f.Measured() && paid:
		return f.at.wrong("job.measure", "is given without a table [measure]: leave it out, or say what the runs are like")
	case !f.Measured():
		return nil
	case !paid:
		return f.at.wrong("measure", "wants a table [job.measure], which says what its runs are paid for")
	}
	return f.Job.Measure.fill(f.at, &job.Measure{})
}

// terms are those of the file, without what follows from the data.
func (f *trainFile) terms(root blob.Hash) (t job.Terms, err error) {
	t = job.Terms{
		Kind: job.KindTrain, Proof: job.ProofReferee, Spec: root[:],
		Units: uint64(f.Train.Steps) * uint64(f.Train.Batch) * uint64(f.Model.Context),
		Train: &job.TrainTerms{Name: f.Model.Name, Licence: f.Job.Licence, Datasets: f.datasets()},
	}
	t.Train.Base, _ = asset.ParseDenom(f.Model.Base)
	if err := f.Job.fill(f.at, &t); err != nil {
		return t, err
	}
	method := contribution.Tokens
	if f.Measured() {
		method = f.Measure.Method
	}
	t.Train.Split, err = f.Split.terms(f.at, method)
	return t, err
}

// datasets are the ids of the datasets that the file names.
func (f *trainFile) datasets() []uint64 {
	var ids []uint64
	for _, name := range f.Data.Datasets {
		id, _ := asset.ParseDenom(name) // Validate has seen that it is one
		ids = append(ids, id)
	}
	return ids
}

// trainer trains models, and trains them again to check.
type trainer struct {
	Host
	trials *trials
}

// Terms implements Kind.
func (t *trainer) Terms(ctx context.Context, raw []byte) (job.Terms, error) {
	f, err := readTraining(raw)
	if err != nil {
		return job.Terms{}, err
	}
	data, err := t.data(ctx, &f.Spec, f.datasets(), job.Job{}, false)
	if err != nil {
		return job.Terms{}, err
	}
	terms, _, err := f.write(raw, data)
	return terms, err
}

// write writes the whole job out with its data: the terms name the work, so that the chain can decide what is claimed
// about it.
func (f *trainFile) write(raw []byte, data []train.Data) (job.Terms, *train.Plan, error) {
	plan, err := train.NewPlan(&f.Spec, data)
	if err != nil {
		return job.Terms{}, nil, f.at.place(err)
	}
	t, err := f.terms(blob.Sum(raw))
	t.Task, t.Train.Used = Task(plan).Encode(), plan.Used
	return t, plan, err
}

// Prepare implements Kind. The terms must be those of the job file: nobody is paid by one text for work of another, and
// no dispute is decided by another task.
func (t *trainer) Prepare(ctx context.Context, j job.Job) (Work, error) {
	raw, err := t.file(ctx, j)
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
	data, err := t.data(ctx, &f.Spec, j.Terms.Train.Datasets, j, false)
	if err != nil {
		return nil, err
	}
	terms, plan, err := f.write(raw, data)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrJob, err)
	}
	terms.Source = j.Terms.Source
	if err := sameTerms(j.Terms, terms); err != nil {
		return nil, err
	}
	return t.newRun(j, plan, t.trials)
}

// sameFile compares what was posted with what the file says without its data, which is not fetched for a job that
// nobody can do.
func (f *trainFile) sameFile(raw []byte, j job.Job) error {
	terms, err := f.terms(blob.Sum(raw))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrJob, err)
	}
	terms.Source, terms.Task, terms.Train.Used = j.Terms.Source, j.Terms.Task, j.Terms.Train.Used
	return sameTerms(j.Terms, terms)
}

// sameTerms compares what was posted with what the file says.
func sameTerms(posted, written job.Terms) error {
	a, err := posted.Marshal()
	b, wrong := written.Marshal()
	if err := errors.Join(err, wrong); err != nil {
		return err
	}
	if !bytes.Equal(a, b) {
		return ErrTerms
	}
	return nil
}

// run is a prepared run of training: that of a job, or one that measures.
type run struct {
	Host
	job    job.Job
	plan   *train.Plan
	trials *trials
	memory int64
}

func (h Host) newRun(j job.Job, p *train.Plan, t *trials) (*run, error) {
	memory, err := p.Memory()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrJob, err)
	}
	return &run{h, j, p, t, memory}, nil
}

// Memory implements Work.
func (r *run) Memory() int64 { return r.memory }

// MoveMemory implements Work.
func (r *run) MoveMemory() int64 { return r.memory + player.MostPasses*r.plan.Recorded() }

// Takes implements Work.
func (r *run) Takes(ctx context.Context) (time.Duration, error) {
	return r.trials.of(r.plan, func() (time.Duration, error) {
		b, err := kernel.New(r.Kernel, r.Threads)
		if err != nil {
			return 0, err
		}
		return train.Trial(ctx, r.plan, b, time.Now)
	})
}

// Again implements Work: an execution that begins where the checkpoints say.
func (r *run) Again(ctx context.Context) (player.Run, error) {
	x, err := r.open(ctx)
	if err != nil {
		return nil, err
	}
	return x.run(), nil
}

func (r *run) open(ctx context.Context) (*execution, error) {
	b, err := kernel.New(r.Kernel, r.Threads)
	if err != nil {
		return nil, err
	}
	options := train.Options{
		Store: Checkpoints{r.Dir, r.job.Id}, Now: r.Now, Observe: r.Observe,
		Warn: func(err error) { r.Log.Warn("training goes back", "job", r.job.Id, "err", err) },
	}
	if r.Progress != nil {
		options.Progress = func(p train.Progress) { r.Progress(r.job.Id, p) }
	}
	return &execution{Replay: train.NewReplay(ctx, r.plan, b, options)}, nil
}

// Run implements Work.
func (r *run) Run(ctx context.Context) (Outcome, error) {
	x, err := r.open(ctx)
	if err != nil {
		return Outcome{}, err
	}
	leaves, err := x.Leaves()
	if err != nil {
		return Outcome{}, err
	}
	file, err := x.File()
	if err != nil {
		return Outcome{}, err
	}
	last, root, trace := len(leaves)-1, blob.Sum(file), blob.Root(leaves)
	o := Outcome{Run: x.run(), Claim: job.Claim{
		Result: root[:], Bytes: uint64(len(file)), State: leaves[last][:], Trace: trace[:],
		End: hashes(blob.Path(leaves, last)),
	}}
	for _, n := range r.plan.Used {
		o.Claim.Units += n
	}
	if r.job.Terms.Kind == job.KindMeasure {
		err = r.measured(x, &o.Claim)
		return o, err
	}
	_, err = r.keep(file)
	return o, err
}

// hashes are a path as the chain's messages carry it.
func hashes(path []blob.Hash) [][]byte {
	all := make([][]byte, len(path))
	for i := range path {
		all[i] = path[i][:]
	}
	return all
}

package daemon

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/train"
	"github.com/minga-network/minga/verify/player"
	"github.com/minga-network/minga/x/job"
)

// trainer is the engine for train jobs, for the worker and for its checkers alike.
type trainer struct {
	*daemon
	measures measures
}

func (t *trainer) prepare(ctx context.Context, j job.Job) error {
	if j.Terms.Parent != 0 {
		return t.prepareRun(ctx, j)
	}
	spec, plan, err := t.written(ctx, j)
	if err != nil {
		return err
	}
	terms, err := Terms(spec, plan, blob.Hash(j.Terms.Spec), j.Terms.Source)
	if err != nil {
		return fmt.Errorf("%w: %w", errSpec, err)
	}
	if err := sameTerms(j.Terms, terms); err != nil {
		return err
	}
	return t.room(plan)
}

// errMemory marks a job that is too large for what this worker may use.
var errMemory = errors.New("too little memory is allowed for this job")

// room tells whether a run may take the memory that it needs.
func (t *trainer) room(p *train.Plan) error {
	need, err := p.Memory()
	if err != nil {
		return fmt.Errorf("%w: %w", errSpec, err)
	}
	if t.Memory > 0 && need > t.Memory {
		return fmt.Errorf("%w: it needs %s of %s", errMemory, mebibytes(need), mebibytes(t.Memory))
	}
	return nil
}

func mebibytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }

// plan writes a job out.
func (t *trainer) plan(ctx context.Context, j job.Job) (*train.Plan, error) {
	if j.Terms.Parent == 0 {
		_, p, err := t.written(ctx, j)
		return p, err
	}
	m, err := t.measure(ctx, j)
	if err != nil {
		return nil, err
	}
	return m.Plan(int(j.Terms.Run))
}

// written writes a job out that is no run of another, with its datasets, which are
// fetched if they are not there.
func (t *trainer) written(ctx context.Context, j job.Job) (*train.Spec, *train.Plan, error) {
	spec, err := t.spec(ctx, j)
	if err != nil {
		return nil, nil, err
	}
	data, err := t.data(ctx, spec, j.Terms.Datasets, j.Terms.Source, false)
	if err != nil {
		return nil, nil, err
	}
	plan, err := train.NewPlan(spec, data)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", errSpec, err)
	}
	return spec, plan, nil
}

// open makes an execution of a job that begins where its checkpoints say.
func (t *trainer) open(ctx context.Context, j job.Job, progress func(train.Progress)) (*execution, error) {
	plan, err := t.plan(ctx, j)
	if err != nil {
		return nil, err
	}
	b, err := kernel.New(t.Kernel, t.Threads)
	if err != nil {
		return nil, err
	}
	return &execution{Replay: train.NewReplay(ctx, plan, b, train.Options{
		Store: checkpoints{t.Dir, j.Id}, Now: time.Now, Progress: progress, Observe: t.Observe,
		Warn: func(err error) { t.Log.Warn("training goes back", "job", j.Id, "err", err) },
	})}, nil
}

func (t *trainer) again(ctx context.Context, j job.Job) (player.Run, error) {
	x, err := t.open(ctx, j, nil)
	if err != nil {
		return nil, err
	}
	return x.run(), nil
}

func (t *trainer) run(ctx context.Context, j job.Job, role string) (outcome, error) {
	x, err := t.open(ctx, j, func(p train.Progress) {
		if t.Progress != nil {
			t.Progress(j.Id, role, p)
		}
	})
	if err != nil {
		return outcome{}, err
	}
	if need, err := x.Plan().Memory(); err == nil {
		t.Log.Info("work begins", "job", j.Id, "role", role, "memory", mebibytes(need))
	}
	leaves, err := x.Leaves()
	if err != nil {
		return outcome{}, err
	}
	file, err := x.File()
	if err != nil {
		return outcome{}, err
	}
	root := blob.Sum(file)
	if j.Terms.Parent == 0 { // nobody wants the model of a run that measures
		if root, err = t.keep(file); err != nil {
			return outcome{}, fmt.Errorf("keep the model: %w", err)
		}
	}
	last, trace := len(leaves)-1, blob.Root(leaves)
	c := job.Claim{
		Result: root[:], Bytes: uint64(len(file)), State: leaves[last][:], Trace: trace[:], End: hashes(blob.Path(leaves, last)),
	}
	for _, n := range x.Plan().Used {
		c.Units += n
	}
	if j.Terms.Parent != 0 {
		means, path, err := x.ProveMeans()
		if err != nil {
			return outcome{}, err
		}
		c.Measured, c.End = blob.AppendFloats(nil, means), append(hashes(path), c.End...)
	}
	return outcome{c, x.run()}, nil
}

// keep stores a result for those who will fetch it.
func (t *trainer) keep(file []byte) (blob.Hash, error) {
	root, err := t.Store.PutBytes(file)
	if err != nil {
		return root, err
	}
	return root, t.Store.Pin(root)
}

// hashes are a path as the chain's messages carry it.
func hashes(path []blob.Hash) [][]byte {
	all := make([][]byte, len(path))
	for i := range path {
		all[i] = path[i][:]
	}
	return all
}

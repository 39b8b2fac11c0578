package job

import (
	"context"

	"cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/minga-network/minga/contribution"
	"github.com/minga-network/minga/x/worker"
)

// mostRuns bounds the runs that measure one job: the largest design has so many.
const mostRuns = 127

// measured tells that the data part of the job's model goes by what runs on parts of the
// data show, not by tokens used.
func (j *Job) measured() bool {
	return j.Terms.Kind == worker.Train && !j.isRun() && j.Terms.Policy.Method != contribution.Tokens
}

// isRun tells that the job is one of the runs that measure another.
func (j *Job) isRun() bool { return j.Terms.Parent != 0 }

// Measure posts the runs that measure a job's data, each as a job of its own with its own
// escrow. It is done once. The creator sends it when the validation text that it kept back
// is no longer a secret to keep; what happens if it does not, complete says.
func (k Keeper) Measure(ctx context.Context, msg *MsgMeasure) (*MsgMeasureResponse, error) {
	account, creator, err := k.account(msg.Creator)
	if err != nil {
		return nil, err
	}
	j, err := k.measurable(ctx, msg.Job, creator)
	if err != nil {
		return nil, err
	}
	p, err := k.params(ctx)
	if err != nil {
		return nil, err
	}
	runs, err := checkMeasure(&j, &msg.Measure, p)
	if err != nil {
		return nil, err
	}
	budget := math.ZeroInt()
	for _, t := range runs {
		budget = budget.Add(t.Budget)
	}
	if err := k.bank.SendCoinsFromAccountToModule(ctx, account, Name, coins(budget)); err != nil {
		return nil, err
	}
	first, err := k.addRuns(ctx, &j, msg.Measure.Segments, runs)
	if err != nil {
		return nil, err
	}
	return &MsgMeasureResponse{First: first}, sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(
		&EventMeasure{Job: j.Id, First: first, Runs: uint32(len(runs)), Budget: money(budget)})
}

// addRuns writes the runs as jobs, and how the measuring stands. From now on their ends
// wake the job, if it waits, and no clock does.
func (k Keeper) addRuns(ctx context.Context, j *Job, segments []Segment, runs []Terms) (first uint64, err error) {
	m := Measured{Job: j.Id, Segments: segments, Runs: uint32(len(runs)), Left: uint32(len(runs))}
	for run, t := range runs {
		posted, err := k.add(ctx, j.Creator, t)
		if err != nil {
			return 0, err
		}
		if run == 0 {
			m.First = posted.Id
		}
	}
	if err := k.Measured.Set(ctx, j.Id, m); err != nil || j.State != StateMeasuring {
		return m.First, err
	}
	if err := k.wait(ctx, j, 0); err != nil {
		return 0, err
	}
	return m.First, k.Jobs.Set(ctx, j.Id, *j)
}

// measurable returns a job that its creator may measure now.
func (k Keeper) measurable(ctx context.Context, id uint64, creator string) (Job, error) {
	j, err := k.Get(ctx, id)
	if err != nil {
		return Job{}, err
	}
	_, begun, err := k.measuring(ctx, id)
	switch {
	case err != nil:
		return Job{}, err
	case j.Creator != creator:
		return Job{}, ErrNotYours.Wrapf("job %d was posted by %s: only its creator measures it", id, j.Creator)
	case !j.measured():
		return Job{}, ErrState.Wrapf("job %d measures nothing: only a train job with policy.method %q or %q does", id, contribution.Measure, contribution.Exact)
	case begun:
		return Job{}, ErrState.Wrapf("job %d is measured already: `minga query job measured %d` shows how far", id, id)
	case j.State.Final():
		return Job{}, ErrState.Wrapf("job %d is %s: only a job that has not ended is measured", id, j.State.Word())
	case !j.held() && height(ctx) > j.Due:
		return Job{}, ErrLate.Wrapf("job %d was %s until height %d and it is %d", id, j.State.Word(), j.Due, height(ctx))
	}
	return j, nil
}

// checkMeasure returns the terms of the runs, or why they cannot measure a job. Whether
// they are those of its spec, workers see before they take one.
func checkMeasure(j *Job, m *Measure, p Params) ([]Terms, error) {
	switch {
	case len(m.Tasks) > mostRuns || len(m.Units) != len(m.Tasks):
		return nil, ErrTerms.Wrapf("%d tasks and %d numbers of units: give as many of each, at most %d", len(m.Tasks), len(m.Units), mostRuns)
	case m.Work < 1 || m.Work > p.MaxBlocks:
		return nil, ErrTerms.Wrapf("work of %d blocks: give 1 to %d", m.Work, p.MaxBlocks)
	case m.Checked > whole:
		return nil, ErrTerms.Wrapf("checked is %d: give 0 (all) to %d basis points", m.Checked, whole)
	}
	units, err := checkSegments(m.Segments, len(j.Terms.Datasets))
	if err != nil {
		return nil, err
	}
	d, err := contribution.NewDesign(j.Terms.Policy.Method, units)
	switch {
	case err != nil:
		return nil, ErrTerms.Wrap(err.Error())
	case len(d.Coalitions) != len(m.Tasks):
		return nil, ErrTerms.Wrapf("%d tasks: %s of %d units takes %d runs", len(m.Tasks), j.Terms.Policy.Method, units, len(d.Coalitions))
	}
	runs := make([]Terms, len(m.Tasks))
	for run := range runs {
		runs[run] = RunTerms(j, m, run)
		if err := checkRun(runs[run]); err != nil {
			return nil, ErrTerms.Wrapf("run %d: %s", run, err)
		}
	}
	return runs, nil
}

// mostBytes bounds a segment, so that sums of them stay far from overflowing.
const mostBytes = 1 << 40

// checkSegments wants the segments of all datasets' bytes in order, and counts the units.
func checkSegments(segments []Segment, datasets int) (units int, err error) {
	if len(segments) == 0 || len(segments) >= contribution.MaxUnits+datasets {
		return 0, ErrTerms.Wrapf("%d segments: give 1 to %d, a unit's part of a dataset each", len(segments), contribution.MaxUnits+datasets-1)
	}
	unit, dataset := int64(-1), int64(0)
	for i, s := range segments {
		u, d := int64(s.Unit), int64(s.Dataset)
		switch {
		case u != unit && u != unit+1 || d < dataset || d >= int64(datasets) || i > 0 && u == unit && d == dataset:
			return 0, ErrTerms.Wrapf("segment %d is of unit %d and dataset %d: count units from 0, each up to the next, of %d datasets, in their order", i, s.Unit, s.Dataset, datasets)
		case s.Bytes < 1 || s.Bytes > mostBytes:
			return 0, ErrTerms.Wrapf("segment %d has %d bytes: give 1 to %d", i, s.Bytes, uint64(mostBytes))
		}
		unit, dataset = u, d
	}
	return int(unit) + 1, nil
}

// RunTerms are those of one run: the parent's, with the work of the run. The budget
// covers the most that it can cost. Even where the parent asks for no checkers, a run has
// one if the draw says so: nobody else looks at each.
func RunTerms(j *Job, m *Measure, run int) Terms {
	t := Terms{
		Kind: j.Terms.Kind, Spec: j.Terms.Spec, Source: j.Terms.Source, Datasets: j.Terms.Datasets, MaxPrice: j.Terms.MaxPrice,
		Deadline: j.Terms.Deadline, Window: j.Terms.Window, Checkers: max(1, j.Terms.Checkers), Parent: j.Id, Run: uint32(run),
		Task: m.Tasks[run], Units: m.Units[run], Stake: m.Stake, CheckPay: m.CheckPay, Work: m.Work, Checked: m.Checked,
	}
	if m.CheckPay.IsNil() {
		return t
	}
	t.Budget = t.MaxPrice.Mul(math.NewIntFromUint64(t.Units)).Add(t.CheckPay.MulRaw(int64(t.Checkers)))
	return t
}

// checkRun says why a run cannot be posted.
func checkRun(t Terms) error {
	if err := checkAmounts(t, Params{}); err != nil {
		return err
	}
	if t.Units == 0 {
		return ErrTerms.Wrap("units is 0: say how many training tokens there are")
	}
	if err := checkTask(t); err != nil {
		return err
	}
	return checkMeans(t)
}

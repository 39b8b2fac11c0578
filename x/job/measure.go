package job

import (
	"context"
	stderrors "errors"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/minga-network/minga/rule/contribution"
)

// Measure posts the runs that measure a job's data. Each is a child with its own escrow. It is done once. The creator
// sends it when the validation text, which it kept back, need not be secret any more. If it does not send it in time,
// the model's shares go by tokens used.
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
	if err = k.bank.SendCoinsFromAccountToModule(ctx, account, Name, coins(budget)); err != nil {
		return nil, err
	}
	first, err := k.addRuns(ctx, &j, msg.Measure.Segments, runs)
	if err != nil {
		return nil, err
	}
	return &MsgMeasureResponse{First: first}, sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(
		&EventMeasure{Job: j.Id, First: first, Runs: uint32(len(runs)), Budget: money(budget)})
}

// addRuns posts the runs, and writes which they are. If the job waits, the end of the last run wakes it from now on,
// and no deadline does.
func (k Keeper) addRuns(ctx context.Context, j *Job, segments []Segment, runs []Terms) (first uint64, err error) {
	n := uint32(len(runs))
	if first, err = k.spawn(ctx, j, n, runs); err != nil {
		return 0, err
	}
	if err := k.Measured.Set(ctx, j.Id, Measured{Job: j.Id, Segments: segments, First: first, Runs: n}); err != nil {
		return 0, err
	}
	if j.State != StateWaiting {
		return first, nil
	}
	if err := k.wait(ctx, j, 0); err != nil {
		return 0, err
	}
	return first, k.Jobs.Set(ctx, j.Id, *j)
}

// measuring returns how a job is measured, and whether that has begun.
func (k Keeper) measuring(ctx context.Context, job uint64) (m Measured, begun bool, err error) {
	m, err = k.Measured.Get(ctx, job)
	if stderrors.Is(err, collections.ErrNotFound) {
		return Measured{}, false, nil
	}
	return m, err == nil, err
}

// portionsOf counts the portions of segments that are in order.
func portionsOf(segments []Segment) int { return int(segments[len(segments)-1].Portion) + 1 }

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
		return Job{}, ErrState.Wrapf("job %d measures nothing: only a train job with split.method %q or %q does", id,
			contribution.Measure, contribution.Exact)
	case begun:
		return Job{}, ErrState.Wrapf("job %d is measured already: `minga query job measured %d` shows how far", id, id)
	case j.State.Final():
		return Job{}, ErrState.Wrapf("job %d is %s: only a job that has not ended is measured", id, j.State.Word())
	case !j.held() && height(ctx) > j.Due:
		return Job{}, ErrLate.Wrapf("job %d was %s until height %d and it is %d", id, j.State.Word(), j.Due, height(ctx))
	}
	return j, nil
}

// checkMeasure returns the terms of the runs, or why they cannot measure a job.
func checkMeasure(j *Job, m *Measure, p Params) ([]Terms, error) {
	if m.Work < 1 || m.Work > p.MaxBlocks {
		return nil, ErrTerms.Wrapf("work of %d blocks: give 1 to %d", m.Work, p.MaxBlocks)
	}
	return Runs(j, m)
}

// mostBytes bounds a segment, so that sums of them stay far from overflowing.
const mostBytes = 1 << 40

// checkSegments wants the segments of all datasets' bytes in order, and counts the portions.
func checkSegments(segments []Segment, datasets int) (portions int, err error) {
	if len(segments) == 0 || len(segments) >= contribution.MaxPortions+datasets {
		return 0, ErrTerms.Wrapf("%d segments: give 1 to %d, a portion's part of a dataset each", len(segments),
			contribution.MaxPortions+datasets-1)
	}
	portion, dataset := int64(-1), int64(0)
	for i, s := range segments {
		u, d := int64(s.Portion), int64(s.Dataset)
		switch {
		case u != portion && u != portion+1 || d < dataset || d >= int64(datasets) || i > 0 && u == portion && d == dataset:
			return 0, ErrTerms.Wrapf("segment %d is of portion %d and dataset %d: count portions from 0, each up to the next, "+
				"of %d datasets, in their order", i, s.Portion, s.Dataset, datasets)
		case s.Bytes < 1 || s.Bytes > mostBytes:
			return 0, ErrTerms.Wrapf("segment %d has %d bytes: give 1 to %d", i, s.Bytes, uint64(mostBytes))
		}
		portion, dataset = u, d
	}
	return int(portion) + 1, nil
}

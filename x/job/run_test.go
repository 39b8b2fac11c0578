package job

import (
	"cmp"
	stdmath "math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/rule/contribution"
)

// do lets a job that is open be taken, claimed and checked as its terms want.
func (c *town) do(id uint64) {
	who := c.starts(id)
	honest, _ := known(c.job(id))
	require.NoError(c, c.claim(id, who, honest.claim(c.job(id).Terms.Units)))
	for j := c.job(id); len(j.Checks) < int(j.Seats); j = c.job(id) {
		c.checks(id, c.drawn(id)[0], honest.claim(j.Terms.Units))
	}
}

// starts has the first worker that may take an open job, and tells which.
func (c *town) starts(id uint64) string {
	who := c.drawn(id)[0]
	require.NoError(c, c.take(id, who))
	return who
}

// measuredJob is one of which the work is paid and the runs wait for workers.
func (c *town) measuredJob(change func(m *Measure)) (id, first uint64) {
	id = c.standing(measuredTerms(c.data...))
	m := measureOf()
	change(&m)
	first, err := c.measure(id, m)
	require.NoError(c, err)
	return id, first
}

func all(*Measure) {}

// expected are the exact values that the honest runs give, from contribution alone.
func expected(t testing.TB) (units []string, datasets []string) {
	d, err := contribution.NewDesign(contribution.Measure, 2)
	require.NoError(t, err)
	var runs [][]uint32
	for _, r := range measuringRuns() {
		runs = append(runs, blob.Words[uint32](r.truth.claim(1).Measure.Words))
	}
	var first, last []float32
	for _, r := range runs {
		first, last = append(first, stdmath.Float32frombits(r[0])), append(last, stdmath.Float32frombits(r[1]))
	}
	values, err := d.Values(contribution.Utilities(first, last))
	require.NoError(t, err)
	var segments []contribution.Segment
	var credits []float32
	for _, s := range measureOf().Segments {
		segments = append(segments, contribution.Segment{Portion: int(s.Portion), Dataset: int(s.Dataset), Bytes: s.Bytes})
	}
	for _, word := range runs[0][2:] {
		credits = append(credits, stdmath.Float32frombits(word))
	}
	sums := zeros(3)
	for i, v := range contribution.Inside(values, segments, credits) {
		sums[segments[i].Dataset].Add(sums[segments[i].Dataset], v)
	}
	for _, v := range values {
		units = append(units, decimal(v))
	}
	for _, v := range sums {
		datasets = append(datasets, decimal(v))
	}
	return units, datasets
}

func (c *town) reason(id uint64) string {
	m, _, err := c.k.measuring(c.Ctx, id)
	require.NoError(c, err)
	all, _, err := c.k.children(c.Ctx, id)
	require.NoError(c, err)
	return cmp.Or(m.Reason, all.Reason)
}

// TestEachRunHasAnotherWorkerFirst, so that the runs are spread over those who fit.
func TestEachRunHasAnotherWorkerFirst(t *testing.T) {
	c := newTown(t)
	_, first := c.measuredJob(all)
	seen := map[string]bool{}
	for run := range uint64(3) {
		turns, _, err := c.k.candidates(c.Ctx, c.job(first+run))
		require.NoError(t, err)
		require.Len(t, turns, len(c.w))
		seen[turns[0].worker.Address] = true
	}
	require.Len(t, seen, 3)
}

package job

import (
	"cmp"
	stdmath "math"
	"testing"

	"github.com/cosmos/gogoproto/proto"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/rule/contribution"
	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/worker"
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
	utilities := zeros(0)
	for _, r := range runs {
		utilities = append(utilities, contribution.Utility(stdmath.Float32frombits(r[0]), stdmath.Float32frombits(r[1])))
	}
	values, err := d.Values(utilities)
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

func TestTheLifeOfAMeasuredJob(t *testing.T) {
	c := newTown(t)
	terms := measuredTerms(c.data...)
	terms.Train.Split.Vesting, terms.Train.Split.Royalty = 100, 700
	id := c.standing(terms)
	j := c.job(id)
	require.True(t, j.Escrow.IsZero(), "the work is paid when the claim stands")
	require.Equal(t, int64(2000-5_000_000), c.gained(c.w[0]))
	require.Equal(t, "0", c.who(c.w[0]).Locked.String(), "and the stake is free")
	require.Equal(t, []any{uint64(0), int64(20 + 30)}, []any{j.Asset, j.Due},
		"its creator has deadline blocks to measure it")
	require.ErrorIs(t, c.seat(id, c.w[1]), ErrState)
	_, err := c.challenge(id, c.w[1], "trace")
	require.ErrorIs(t, err, ErrState, "its window is over")

	first, err := c.measure(id, measureOf())
	require.NoError(t, err)
	require.Zero(t, c.job(id).Due, "no clock runs while others work")
	for run := range uint64(3) {
		c.do(first + run)
	}
	for c.job(first+2).State != StatePaid || c.job(first).State != StatePaid {
		require.Equal(t, StateWaiting, c.job(id).State)
		c.next()
	}
	require.Equal(t, StateWaiting, c.job(id).State)
	c.next()
	j = c.job(id)
	require.Equal(t, StatePaid, j.State, "the block after the last run is paid")
	c.checkMeasuredModel(j)
	for run := range uint64(3) {
		r := c.job(first + run)
		require.Zero(t, r.Asset)
		for _, p := range r.Paid {
			require.NotEqual(t, "data", p.Role, "the datasets' price was paid once")
		}
	}
}

// checkMeasuredModel wants the model's shares as the honest runs say.
func (c *town) checkMeasuredModel(j Job) {
	c.Helper()
	units, datasets := expected(c)
	res, err := queries{c.k}.Measured(c.Ctx, &QueryMeasuredRequest{Job: j.Id})
	require.NoError(c, err)
	require.Equal(c, units, res.Measured.Portions)
	a, err := c.assets.Get(c.Ctx, j.Asset)
	require.NoError(c, err)
	require.Equal(c, []any{uint32(700), a.Height + 100}, []any{a.Royalty, a.Vested})
	sum := uint64(0)
	for i, id := range c.data {
		p := a.Parts[i]
		sum += p.Shares
		require.Equal(c, Value{Dataset: id, Value: datasets[i], Shares: p.Shares}, res.Measured.Values[i])
		require.Equal(c, []any{id, "data", datasets[i]}, []any{p.Asset, p.Role, p.Value})
	}
	require.InDelta(c, 600_000_000, int64(sum), 3)
	require.Equal(c, int64(50_000_000+600_000_000-sum), c.shares(a.Id, asset.CommonsAddress().String()))
	require.NotEqual(c, int64(333), int64(a.Parts[0].Shares/600_000), "not by tokens")
}

// TestMeasuringMayBeginEarly: then the model is there as soon as the claim stands.
func TestMeasuringMayBeginEarly(t *testing.T) {
	c := newTown(t)
	terms := measuredTerms(c.data...)
	terms.Work = 90
	id := c.post(c.creator, terms)
	first, err := c.measure(id, measureOf())
	require.NoError(t, err)
	require.NoError(t, c.take(id, c.w[0]))
	for run := range uint64(3) {
		c.do(first + run)
	}
	for run := range uint64(3) {
		c.ended(first + run)
	}
	require.Equal(t, StateTaken, c.job(id).State)
	require.NoError(t, c.claim(id, c.w[0], honest()))
	c.checks(id, c.drawn(id)[0], honest())
	j := c.ended(id)
	require.Equal(t, []any{StatePaid, true}, []any{j.State, j.Asset != 0})
	m, _, err := c.k.measuring(c.Ctx, id)
	require.NoError(t, err)
	require.Len(t, m.Values, 3)
}

// TestOnlyTheDrawnAreChecked, and the first run of each shape: the others are paid after
// their window, and can be challenged in it.
func TestOnlyTheDrawnAreChecked(t *testing.T) {
	c := newTown(t)
	id, first := c.measuredJob(func(m *Measure) { m.Checked = 1 })
	for run, seats := range []uint32{1, 1, 0} {
		c.do(first + uint64(run))
		require.Equal(t, seats, c.job(first+uint64(run)).Seats, "the lot fell on none")
	}
	last := c.job(first + 2)
	require.Equal(t, last.Claimed+10, last.Due)
	require.ErrorIs(t, c.seat(last.Id, c.w[3]), ErrSeats)
	dispute, err := c.challenge(last.Id, c.w[3], "trace")
	require.NoError(t, err)
	c.duel(dispute, measuringRuns()[2].truth, measuringRuns()[2].lies[0])
	c.next()
	require.Equal(t, int64(500_000), c.lost(c.w[3]), "a false challenger pays")
	require.Equal(t, StatePaid, c.ended(id).State)
	require.Equal(t, "", c.reason(id))
}

func (c *town) reason(id uint64) string {
	m, _, err := c.k.measuring(c.Ctx, id)
	require.NoError(c, err)
	all, _, err := c.k.children(c.Ctx, id)
	require.NoError(c, err)
	return cmp.Or(m.Reason, all.Reason)
}

// TestTheLotFallsOnAsManyAsAsked, and on every claim of a run that was open again.
func TestTheLotFallsOnAsManyAsAsked(t *testing.T) {
	for _, checked := range []uint32{0, 1, 2500, 9000, 10_000} {
		j, drawn := Job{Posted: 3, Opened: 3,
			Terms: Terms{Kind: KindMeasure, Parent: 1, Checkers: 1, Measure: &MeasureTerms{Checked: checked}}}, 0
		for i := range 4000 {
			j.Seed = hash(string(rune(i)))
			if drawnSeats(&j) > 0 {
				drawn++
			}
		}
		want := float64(checked) * 0.4
		if checked == 0 {
			want = 4000
		}
		require.InDelta(t, want, drawn, 110, "of 4000 at %d", checked)
		j.Opened = 4
		require.Positive(t, drawnSeats(&j))
	}
}

// TestALieInARunFalls: its drawn checker objects, a step decides, and the values are those
// of the honest run that follows.
func TestALieInARunFalls(t *testing.T) {
	c := newTown(t)
	terms := measuredTerms(c.data...)
	terms.Train.Split.Vesting, terms.Train.Split.Royalty = 100, 700
	id := c.standing(terms)
	first, err := c.measure(id, measureOf())
	require.NoError(t, err)
	liar, lie := c.starts(first), measuringRuns()[0].lies[0]
	require.NoError(t, c.claim(first, liar, lie.claim(100)))
	require.NotEqual(t, lie.claim(100).Measure.Words, measuringRuns()[0].truth.claim(100).Measure.Words,
		"it is about a loss")
	checker := c.drawn(first)[0]
	require.NoError(t, c.seat(first, checker))
	require.ErrorContains(t, c.report(first, checker, measuringRuns()[0].truth.claim(100)), "challenge the claim")
	dispute, err := c.challenge(first, checker, "trace")
	require.NoError(t, err)
	c.duel(dispute, lie, measuringRuns()[0].truth)
	v := c.seen(dispute).View
	require.Equal(t, []any{checker, Stage("position"), "matmul", uint64(4), uint64(1)},
		[]any{v.Winner, v.Stage, v.Operator, v.At("steps"), v.At("element")})
	c.next()
	j := c.job(first)
	require.Equal(t, []any{StateOpen, []string{liar}}, []any{j.State, j.Barred})
	require.Equal(t, []int64{500_000, 0}, []int64{c.lost(liar), c.lost(checker)})
	require.Equal(t, int64(250_000), c.gained(checker)+5_000_000-c.checkPay(id, checker))
	for run := range uint64(3) {
		c.do(first + run)
	}
	c.ended(id)
	c.checkMeasuredModel(c.job(id))
}

// checkPay is what a worker got for checking the job itself.
func (c *town) checkPay(id uint64, who string) (sum int64) {
	for _, p := range c.job(id).Paid {
		if p.To == who {
			sum += p.Amount.Int64()
		}
	}
	return sum
}

func TestALateRunIsOpenAgain(t *testing.T) {
	c := newTown(t)
	id, first := c.measuredJob(func(m *Measure) { m.Checked = 1 })
	supply, had := c.Bank.GetSupply(c.Ctx, worker.Coin).Amount, c.gained(c.creator)
	late := c.starts(first)
	for c.job(first).State != StateOpen {
		c.next()
	}
	require.Equal(t, []any{StateOpen, []string{late}}, []any{c.job(first).State, c.job(first).Barred})
	require.Equal(t, int64(50_000), c.lost(late), "a tenth of the stake")
	require.Equal(t, "50000", supply.Sub(c.Bank.GetSupply(c.Ctx, worker.Coin).Amount).String(), "burned")
	require.Equal(t, had, c.gained(c.creator), "the creator does not gain by delay")
	require.ErrorIs(t, c.take(first, late), ErrUnfit)
	for run := range uint64(3) {
		c.do(first + run)
	}
	require.Len(t, c.job(first).Checks, 1, "a run that was open again is checked")
	require.Equal(t, StatePaid, c.ended(id).State)
	require.Equal(t, "", c.reason(id))
}

// emitted are the events of one type so far.
func emitted[E proto.Message](c *town) (all []E) {
	for _, raw := range c.ctx.EventManager().ABCIEvents() {
		if e, err := sdk.ParseTypedEvent(raw); err == nil {
			if e, ok := e.(E); ok {
				all = append(all, e)
			}
		}
	}
	return all
}

// TestASilentCheckerOfARunIsReplaced, and the claim is not lost, however late it is.
func TestASilentCheckerOfARunIsReplaced(t *testing.T) {
	c := newTown(t)
	id, first := c.measuredJob(func(m *Measure) { m.Work = 40 })
	c.do(first + 1)
	c.do(first + 2)
	claimant := c.starts(first)
	require.NoError(t, c.claim(first, claimant, measuringRuns()[0].truth.claim(100)))
	silent := c.drawn(first)[0]
	require.NoError(t, c.seat(first, silent))
	due := c.job(first).Due
	for c.Ctx.BlockHeight() <= due {
		c.next()
	}
	j := c.job(first)
	require.Equal(t, []any{StateClaimed, due + 40, 0, []string{silent}}, []any{j.State, j.Due, len(j.Checks), j.Barred})
	require.Equal(t, int64(50_000), c.lost(silent))
	require.Equal(t, []*EventUnchecked{{Job: first, Worker: claimant, Silent: []string{silent}, Slashed: "50000uminga",
		Due: due + 40}}, emitted[*EventUnchecked](c))
	require.ErrorIs(t, c.seat(first, silent), ErrUnfit)
	c.checks(first, c.drawn(first)[0], measuringRuns()[0].truth.claim(100))
	require.Equal(t, StatePaid, c.ended(id).State)
	require.Equal(t, []any{"", claimant}, []any{c.reason(id), c.job(first).Worker})
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

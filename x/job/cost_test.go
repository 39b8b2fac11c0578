package job

import (
	"encoding/binary"
	"fmt"
	stdmath "math"
	"math/rand"
	"slices"
	"testing"
	"time"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/minga-network/minga/rule/contribution"
	"github.com/minga-network/minga/x/asset"
)

// largest is the measure of most runs: 31 units, of which some have two datasets.
func largest(t testing.TB) (m Measure, runs int) {
	m = measureOf()
	d, err := contribution.NewDesign(contribution.Measure, contribution.MaxPortions)
	require.NoError(t, err)
	m.Segments, m.Context = nil, 1
	for u := range uint32(contribution.MaxPortions) {
		m.Segments = append(m.Segments, Segment{Portion: u, Dataset: u / 12, Bytes: 1000})
	}
	m.Tokens = make([]uint64, contribution.MaxPortions*contribution.Slices)
	for u := range contribution.MaxPortions {
		m.Tokens[u*contribution.Slices] = 2
	}
	m.Tokens[0] += 80 - 62
	for len(m.Tasks) <= slices.Max(d.Shapes()) {
		m.Tasks, m.Units = append(m.Tasks, m.Tasks[1]), append(m.Units, 60)
	}
	return m, len(d.Coalitions)
}

// pretend has all runs paid, with random losses. No worker could work as fast.
func (c *town) pretend(parent uint64, rng *rand.Rand) {
	m, _, err := c.k.measuring(c.Ctx, parent)
	require.NoError(c, err)
	for run := range uint64(m.Runs) {
		j := c.job(m.First + run)
		words := []float32{5, rng.Float32() * 5}
		if run == 0 {
			for range contribution.Slices * contribution.MaxPortions {
				words = append(words, rng.Float32())
			}
		}
		claim := honest()
		claim.Measure = &MeasureClaim{}
		for _, w := range words {
			claim.Measure.Words = binary.LittleEndian.AppendUint32(claim.Measure.Words, stdmath.Float32bits(w))
		}
		require.NoError(c, move(&j, StateTaken))
		require.NoError(c, move(&j, StateClaimed))
		j.Worker, j.Claim = c.w[1], &claim
		require.NoError(c, c.k.end(c.Ctx, &j, StatePaid, refundAll(j)))
	}
}

// TestTheLargestMeasure bounds what a block has to do for one job, by gas, which counts
// reads, writes and bytes: about a thirtieth of a block for the message that posts
// the runs, and less for making the model or giving it up.
func TestTheLargestMeasure(t *testing.T) {
	c := newTown(t)
	terms := measuredTerms(c.data...)
	terms.Train.Split.Floor, terms.Train.Split.Cap = 100, 4000
	id := c.standing(terms)
	gas := func(what string, do func(ctx sdk.Context)) uint64 {
		ctx := c.Ctx.WithGasMeter(storetypes.NewInfiniteGasMeter())
		begun := time.Now()
		do(ctx)
		t.Logf("%-22s %9d gas %8s", what, ctx.GasMeter().GasConsumed(), time.Since(begun).Round(100*time.Microsecond))
		return ctx.GasMeter().GasConsumed()
	}
	m, runs := largest(t)
	msg := &MsgMeasure{Creator: c.creator, Job: id, Measure: m}
	t.Logf("%d runs of %d shapes, a message of %d bytes", runs, len(m.Tasks), msg.Size())
	require.Less(t, gas("posting the runs", func(ctx sdk.Context) {
		_, err := c.k.Measure(ctx, msg)
		require.NoError(t, err)
	}), uint64(10_000_000))
	spare, _ := c.Ctx.CacheContext()
	require.Less(t, gas("giving the runs up", func(ctx sdk.Context) {
		require.NoError(t, c.k.giveUp(spare.WithGasMeter(ctx.GasMeter()), id, "test"))
	}), uint64(10_000_000))
	c.pretend(id, rand.New(rand.NewSource(1)))
	require.Less(t, gas("making the model", func(ctx sdk.Context) {
		j := c.job(id)
		require.NoError(t, c.k.complete(ctx, &j))
		require.NotZero(t, j.Asset)
	}), uint64(5_000_000))
	c.check()
}

// TestManyMeasuredJobsTakeSeveralBlocks, as their ends cost more than those of others.
func TestManyMeasuredJobsTakeSeveralBlocks(t *testing.T) {
	c := newTown(t)
	var last uint64
	m, runs := largest(t)
	for range 12 {
		last = c.post(c.creator, measuredTerms(c.data...))
	}
	c.next() // so that the runs are not due with their jobs
	for id := range last {
		_, err := c.k.Measure(c.Ctx, &MsgMeasure{Creator: c.creator, Job: id + 1, Measure: m})
		require.NoError(t, err)
	}
	c.At(c.job(last).Due)
	var ended []int
	for len(ended) == 0 || ended[len(ended)-1] < int(last)*(1+runs) {
		c.next()
		n := 0
		require.NoError(t, c.k.Jobs.Walk(c.Ctx, nil, func(_ uint64, j Job) (bool, error) {
			if j.State.Final() {
				n++
			}
			return false, nil
		}))
		ended = append(ended, n)
	}
	before := 0
	for _, n := range ended {
		require.LessOrEqual(t, n-before, endings+drops)
		before = n
	}
	t.Logf("%d jobs and their runs ended by block: %v", last, ended)
	require.Equal(t, "0", c.Held(Name).String())
}

// TestSettlementDoesNotCountHolders: what a job costs the chain is the same whether its
// data has a few owners or a thousand.
func TestSettlementDoesNotCountHolders(t *testing.T) {
	var gas []uint64
	for _, holders := range []int{1, 1000} {
		c := newTown(t)
		for i := range holders - 1 {
			to := sdk.AccAddress(fmt.Sprintf("holder%014d", i))
			shares := sdk.NewCoins(sdk.NewCoin(asset.Denom(c.data[0]), math.NewInt(1000)))
			require.NoError(t, c.Bank.SendCoins(c.Ctx, c.address(c.ana), to, shares))
		}
		id, first := c.measuredJob(all)
		for run := range uint64(3) {
			c.do(first + run)
		}
		meter := storetypes.NewInfiniteGasMeter()
		c.Ctx = c.Ctx.WithGasMeter(meter)
		for c.job(id).State != StatePaid {
			require.NoError(t, c.k.EndBlock(c.Ctx))
			c.Next()
		}
		gas = append(gas, meter.GasConsumed())
	}
	require.Equal(t, gas[0], gas[1])
}

// TestHundredsOfContributors have their data measured in one job, a hundred of them in each
// unit.
func TestHundredsOfContributors(t *testing.T) {
	c := newTown(t)
	const many = 256
	terms := measuredTerms()
	m := measureOf()
	m.Segments = nil
	for i := range uint32(many) {
		terms.Train.Datasets = append(terms.Train.Datasets, c.dataset(c.user(fmt.Sprintf("contributor%d", i)), 1))
		terms.Train.Used = append(terms.Train.Used, 3)
		m.Segments = append(m.Segments, Segment{Portion: i / (many / 2), Dataset: i, Bytes: 10})
	}
	terms.Train.Used[0] += 1000 - 3*many
	id := c.standing(terms)
	gas := func(what string, most uint64, do func(ctx sdk.Context)) {
		ctx := c.Ctx.WithGasMeter(storetypes.NewInfiniteGasMeter())
		do(ctx)
		t.Logf("%-22s %9d gas", what, ctx.GasMeter().GasConsumed())
		require.Less(t, ctx.GasMeter().GasConsumed(), most)
	}
	gas("posting the runs", 5_000_000, func(ctx sdk.Context) {
		_, err := c.k.Measure(ctx, &MsgMeasure{Creator: c.creator, Job: id, Measure: m})
		require.NoError(t, err)
	})
	for run := range uint64(3) {
		c.do(id + 1 + run)
	}
	for run := range uint64(3) {
		c.ended(id + 1 + run)
	}
	j := c.job(id)
	if j.State == StateWaiting {
		gas("making the model", 5_000_000, func(ctx sdk.Context) { require.NoError(t, c.k.complete(ctx, &j)) })
	}
	a, err := c.assets.Get(c.Ctx, c.job(id).Asset)
	require.NoError(t, err)
	paid := 0
	for _, p := range a.Parts[:many] {
		if p.Shares > 0 {
			paid++
		}
	}
	require.Equal(t, 64, paid, "those in the four slices of the first unit that have a positive credit; the second does "+
		"harm")
	c.check()
}

package job

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestACopyIsNoReport: whoever has only what the chain shows cannot agree.
func TestACopyIsNoReport(t *testing.T) {
	c := newTown(t)
	id := c.claimed(trainTerms(c.data...), honest())
	who := c.drawn(id)[0]
	require.NoError(t, c.seat(id, who))
	j := c.job(id)
	step := j.Sample(who, toySteps)
	require.Less(t, step, toySteps, "else the test shows nothing: the last leaf is public")
	for name, change := range map[string]func(m *MsgReport){
		"nothing":              func(m *MsgReport) { m.Leaf, m.Path = nil, nil },
		"the claim's own end":  func(m *MsgReport) { m.Leaf, m.Path = j.Claim.State, j.Claim.End },
		"another step":         func(m *MsgReport) { m.Leaf = truth().leaves[step-1][:] },
		"the trace as a leaf":  func(m *MsgReport) { m.Leaf, m.Path = j.Claim.Trace, nil },
		"half a path":          func(m *MsgReport) { m.Path = m.Path[1:] },
		"a path of half words": func(m *MsgReport) { m.Path[0] = m.Path[0][:31] },
	} {
		msg := truth().report(j, who)
		change(msg)
		_, err := c.k.Report(c.Ctx, msg)
		require.ErrorIs(t, err, ErrClaim, name)
	}
	require.NoError(t, c.report(id, who, honest()))
	infer := c.contested(outcome("", 1000))
	who = c.drawn(infer)[0]
	require.NoError(t, c.seat(infer, who))
	_, err := c.k.Report(c.Ctx, &MsgReport{Worker: who, Job: infer, Report: outcome("", 1000), Leaf: hash("leaf")})
	require.ErrorIs(t, err, ErrClaim, "there are no steps to show")
}

// TestLotsAreFair: each of a few workers is drawn first about equally often, whatever it
// asks, and every step is drawn for somebody.
func TestLotsAreFair(t *testing.T) {
	c := newTown(t)
	id := c.claimed(trainTerms(c.data...), honest())
	j := c.job(id)
	first, steps := map[string]int{}, map[int]int{}
	for i := range 3000 {
		j.Seed = hash(fmt.Sprint(i))
		require.NoError(t, c.k.Jobs.Set(c.Ctx, id, j))
		who := c.drawn(id)[0]
		first[who]++
		steps[j.Sample(who, toySteps)]++
	}
	require.Len(t, first, 3, "all but the claimant")
	for _, n := range first {
		require.InDelta(t, 1000, n, 150)
	}
	require.Len(t, steps, toySteps)
	for _, n := range steps {
		require.InDelta(t, 150, n, 75)
	}
}

// TestALotWaitsForTheBlock: the same claim in another block draws other checkers.
func TestALotWaitsForTheBlock(t *testing.T) {
	seeds := map[string]bool{}
	for i := range 4 {
		c := newTown(t)
		c.Ctx = c.Ctx.WithHeaderHash(hash(fmt.Sprint("block", i)))
		seeds[string(c.job(c.claimed(trainTerms(c.data...), honest())).Seed)] = true
	}
	require.Len(t, seeds, 4)
}

package job

import (
	"fmt"
	"testing"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	"github.com/minga-network/minga/x/worker"
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

// TestLotsAreFair: each of a few workers is drawn first about as often as its part of the stakes is, whatever it asks,
// and every step is drawn for somebody.
func TestLotsAreFair(t *testing.T) {
	c := newTown(t)
	_, err := c.workers.Update(c.Ctx, &worker.MsgUpdate{Worker: c.w[3], AddStake: math.NewInt(5_000_000),
		Offers: c.who(c.w[3]).Offers})
	require.NoError(t, err)
	c.next()
	id := c.claimed(trainTerms(c.data...), honest())
	first, steps := map[string]int{}, map[int]int{}
	for i := range 3000 {
		c.beacon.salt = fmt.Sprint(i)
		who := c.drawn(id)[0]
		first[who]++
		j := c.job(id)
		seed, err := c.k.sampling(c.Ctx, &j)
		require.NoError(t, err)
		j.Checks = []Check{{Worker: who, Seed: seed}}
		steps[j.Sample(who, toySteps)]++
	}
	require.Len(t, first, 3, "all but the claimant")
	for who, n := range first {
		want := 750
		if who == c.w[3] {
			want = 1500
		}
		require.InDelta(t, want, n, 150)
	}
	require.Len(t, steps, toySteps-1, "all but the last, which the claim shows")
	for _, n := range steps {
		require.InDelta(t, 150, n, 75)
	}
}

// TestNothingDependsOnItsOwnDraw: a claim and a seat do not fit into one block, so no transaction can be taken back
// when the lot is not the one wanted. What decides comes from a later block.
func TestNothingDependsOnItsOwnDraw(t *testing.T) {
	c := newTown(t)
	c.beacon.wait = 8
	id := c.claimed(trainTerms(c.data...), honest())
	for range 8 {
		require.Empty(t, c.drawn(id))
		for _, who := range c.w[1:] {
			require.ErrorIs(t, c.seat(id, who), ErrTurn)
		}
		require.Contains(t, c.explained(id), "The checkers are drawn some blocks after height 10.")
		c.next()
	}
	require.NoError(t, c.seat(id, c.drawn(id)[0]))
}

// TestAnObjectionDrawsAnew: who objects to quotes does not know who will sit beside it.
func TestAnObjectionDrawsAnew(t *testing.T) {
	c := newTown(t)
	id := c.serve(c.attributing(), 100, 0, 0)
	c.next()
	c.beacon.wait = 8
	c.At(c.Ctx.BlockHeight() + 8)
	require.NoError(t, c.finds(id, c.drawn(id)[0], 1, 2, 3))
	require.Equal(t, c.Ctx.BlockHeight(), c.job(id).Drawn)
	require.Empty(t, c.drawn(id), "not drawn yet")
}

// TestHeadsOwnNoLots: many accounts with a low price and little stake do not own the lots, and neither do those who
// leave.
func TestHeadsOwnNoLots(t *testing.T) {
	c := newTown(t)
	for i := range 130 {
		who := c.user(fmt.Sprint("head", i))
		_, err := c.workers.Register(c.Ctx, &worker.MsgRegister{Worker: who, Stake: math.NewInt(1_000_000),
			Offers: []worker.Offer{{Kind: KindTrain, Price: math.ZeroInt()}}})
		require.NoError(t, err)
		_, err = c.workers.Unbond(c.Ctx, &worker.MsgUnbond{Worker: who})
		require.NoError(t, err)
	}
	c.next()
	id := c.post(c.creator, trainTerms(c.data...))
	c.At(c.Ctx.BlockHeight() + turns*5)
	require.NoError(t, c.take(id, c.w[0]), "and hold nobody up for more than a few turns")
	require.NoError(t, c.claim(id, c.w[0], honest()))
	require.ElementsMatch(t, c.w[1:], c.drawn(id))
}

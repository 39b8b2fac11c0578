package job

import (
	"errors"
	"fmt"
	"math/rand"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/minga-network/minga/verify"
)

// TestContestedQuotesWaitForTheSeats, and then for the window, in which the trace can
// still be challenged.
func TestContestedQuotesWaitForTheSeats(t *testing.T) {
	c := newTown(t)
	id := c.serve(c.attributing(), 10, 20, 30)
	people := c.drawn(id)
	require.NoError(t, c.finds(id, people[0], 0, 0, 0))
	require.Equal(t, c.Ctx.BlockHeight()+20, c.job(id).Due, "time for the work")
	require.Contains(t, c.explained(id), "what it quotes is contested: 1 of 3 seats have reported")
	require.NoError(t, c.finds(id, people[1], 10, 20, 30))
	require.NoError(t, c.finds(id, people[2], 10, 20, 30))
	require.Equal(t, c.Ctx.BlockHeight()+10, c.job(id).Due, "the window")
	require.Equal(t, []uint64{10, 20, 30}, c.ended(id).Claim.Infer.Quoted)
}

// decides ends a dispute in favour of a side.
func (c *town) decides(id uint64, side verify.Side) {
	d, g := c.dispute(id), c.game(id)
	g.Winner = side
	d.Game = g.Verdict().Encode()
	require.NoError(c, c.k.await(c.Ctx, &d, c.Ctx.BlockHeight()))
	c.next()
}

// TestQuotesAreContestedBesideADispute: whichever of both comes first, and the job goes on
// when the challenger loses.
func TestQuotesAreContestedBesideADispute(t *testing.T) {
	for _, first := range []string{"contest", "dispute"} {
		t.Run(first, func(t *testing.T) {
			c := newTown(t)
			id := c.serve(c.attributing(), 100, 0, 0)
			people := c.drawn(id)
			contest := func() { require.NoError(t, c.finds(id, people[0], 1, 2, 3)) }
			if first == "contest" {
				contest()
			}
			d, err := c.challenge(id, people[2], "trace")
			require.NoError(t, err)
			if first == "dispute" {
				contest()
			}
			require.Equal(t, []any{StateDisputed, uint32(3)}, []any{c.job(id).State, c.job(id).Seats})
			require.NoError(t, c.finds(id, people[1], 1, 2, 3))
			c.decides(d, verify.Claimant)
			require.Equal(t, StateClaimed, c.job(id).State)
			j := c.ended(id)
			require.Equal(t, StatePaid, j.State)
			require.Equal(t, []uint64{1, 2, 3}, j.Claim.Infer.Quoted)
			require.Zero(t, c.lost(c.w[0]), "a majority is no proof")
			require.EqualValues(t, 1_000_000, c.lost(people[2]))
		})
	}
}

// TestAContestedClaimFalls: what was quoted is of no interest any more, and who confirmed
// the trace has to answer for it.
func TestAContestedClaimFalls(t *testing.T) {
	c := newTown(t)
	id := c.serve(c.attributing(), 100, 0, 0)
	people := c.drawn(id)
	require.NoError(t, c.finds(id, people[0], 1, 2, 3))
	d, err := c.challenge(id, people[2], "trace")
	require.NoError(t, err)
	c.decides(d, verify.Challenger)
	require.Equal(t, people[0], c.job(id).Defender)
	c.decides(d, verify.Challenger)
	j := c.job(id)
	require.Equal(t, []any{StateOpen, uint32(1), 0}, []any{j.State, j.Seats, len(j.Checks)})
	require.EqualValues(t, 1_000_000, c.lost(people[0]))
	for errors.Is(c.take(id, people[2]), ErrTurn) {
		c.next()
	}
	require.NoError(t, c.claim(id, people[2], quoting(1, 2, 3)))
	require.NoError(t, c.finds(id, people[1], 1, 2, 3))
	require.Equal(t, []uint64{1, 2, 3}, c.ended(id).Claim.Infer.Quoted)
}

// TestACheckerOfAContestedClaimChallengesIt by its seat, and loses that to another.
func TestACheckerOfAContestedClaimChallengesIt(t *testing.T) {
	c := newTown(t)
	c.w = append(c.w, c.worker("w6", 6))
	id := c.serve(c.attributing(), 100, 0, 0)
	people := c.drawn(id)
	require.NoError(t, c.finds(id, people[0], 1, 2, 3))
	for errors.Is(c.seat(id, people[1]), ErrTurn) {
		c.next()
	}
	d, err := c.challenge(id, people[1], "trace")
	require.NoError(t, err)
	require.NoError(t, c.finds(id, people[2], 1, 2, 3))
	c.decides(d, verify.Claimant)
	require.Len(t, c.job(id).Checks, 2)
	require.NoError(t, c.finds(id, people[3], 100, 0, 0))
	require.Equal(t, []uint64{1, 2, 3}, c.ended(id).Claim.Infer.Quoted)
	require.EqualValues(t, 1_000_000, c.lost(people[1]))
	require.Zero(t, c.lost(people[3]), "a majority is no proof")
}

// TestUncheckedQuotesPayNobody: of a session that nobody has looked at the commons gets the fee.
func TestUncheckedQuotesPayNobody(t *testing.T) {
	c := newTown(t)
	j := c.ended(c.serve(c.attributing(), 100, 0, 0))
	require.Equal(t, []any{StateFailed, unheard}, []any{j.State, j.Reason})
	require.Equal(t, []Role{RoleCommons, RoleCreator}, []Role{j.Paid[0].Role, j.Paid[1].Role})
	require.True(t, j.Paid[0].Amount.Equal(j.fee()))
}

// TestTwoCheckersContest: with two asked for, five seats decide; the first to report had
// agreed with the lie.
func TestTwoCheckersContest(t *testing.T) {
	c := newTown(t)
	c.w = append(c.w, c.worker("w6", 6), c.worker("w7", 7))
	m := c.attributing()
	terms := quotingTerms(m)
	terms.Checkers = 2
	id := c.post(c.creator, terms)
	require.NoError(t, c.take(id, c.w[0]))
	require.NoError(t, c.claim(id, c.w[0], quoting(100, 0, 0)))
	people := c.drawn(id)
	require.NoError(t, c.finds(id, people[0], 100, 0, 0))
	require.EqualValues(t, 2, c.job(id).Seats)
	for _, who := range people[1:] {
		require.NoError(t, c.finds(id, who, 1, 2, 3))
		require.EqualValues(t, 5, c.job(id).Seats)
	}
	require.Equal(t, []uint64{1, 2, 3}, c.ended(id).Claim.Infer.Quoted)
	require.Zero(t, c.lost(people[0]), "a majority is no proof")
}

// TestQuotesWithoutATask are a part of the claim like any other.
func TestQuotesWithoutATask(t *testing.T) {
	c := newTown(t)
	terms := quotingTerms(c.attributing())
	terms.Task, terms.Proof = nil, ProofQuorum
	say := func(quoted ...uint64) Claim {
		x := outcome("", 100)
		x.Infer.Quoted = quoted
		return x
	}
	id := c.post(c.creator, terms)
	require.NoError(t, c.take(id, c.w[0]))
	require.NoError(t, c.claim(id, c.w[0], say(100, 0, 0)))
	for _, who := range c.drawn(id) {
		c.checks(id, who, say(1, 2, 3))
		require.Equal(t, StateDisputed, c.job(id).State)
	}
	require.Equal(t, StateFailed, c.ended(id).State)
	require.Zero(t, c.lost(c.w[0]))
}

// TestContestsAtRandomKeepEveryCoin: seats, reports of one of a few quotes, disputes won
// by either side, and silence, in any order; every step is followed by check.
func TestContestsAtRandomKeepEveryCoin(t *testing.T) {
	ends := map[string]int{}
	for seed := range int64(12) {
		rng := rand.New(rand.NewSource(seed))
		c := newTown(t)
		c.w = append(c.w, c.worker("w6", 6), c.worker("w7", 7))
		some := func() []uint64 { return [][]uint64{{100, 0, 0}, {1, 2, 3}, {1, 2, 3}, {0, 0, 0}}[rng.Intn(4)] }
		terms := quotingTerms(c.attributing())
		terms.Checkers = 1 + uint32(rng.Intn(2))
		id := c.post(c.creator, terms)
		var dispute uint64
		for !c.job(id).State.Final() {
			who := c.w[rng.Intn(len(c.w))]
			switch j := c.job(id); rng.Intn(20) {
			case 0:
				c.next()
			case 1, 17, 18:
				_ = c.take(id, who)
			case 2, 19:
				_ = c.claim(id, who, quoting(some()...))
			case 3, 4, 5, 6, 7, 8:
				_ = c.seat(id, who)
			case 9, 10, 11, 12, 13, 14, 15:
				if len(j.Checks) > 0 {
					_, _ = c.k.Report(c.Ctx, c.finding(id, j.Checks[rng.Intn(len(j.Checks))].Worker, quoting(some()...)))
					c.check()
				}
			case 16:
				if j.held() {
					c.decides(dispute, []verify.Side{verify.Claimant, verify.Challenger}[rng.Intn(2)])
				} else if d, err := c.challenge(id, who, "trace"); err == nil && rng.Intn(3) == 0 {
					dispute = d
				} else if err == nil {
					c.decides(d, verify.Claimant)
				}
			}
		}
		j := c.job(id)
		ends[fmt.Sprintf("%s, contested %t, quotes %t", j.State.Word(), j.contested(), j.Claim != nil &&
			j.Claim.Infer.Quoted != nil)]++
	}
	t.Log(ends)
	for _, end := range []string{"paid, contested false, quotes true", "paid, contested true, quotes true",
		"paid, contested true, quotes false"} {
		require.NotZero(t, ends[end], end)
	}
}

package job

import (
	"testing"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"

	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/x/worker"
)

// duel plays a dispute from the two sides' own runs until it is decided, and returns the
// gas of its last message.
func (c *town) duel(id uint64, claimant, challenger *execution) (gas uint64) {
	a, d := claimant.player(), challenger.player()
	for range 100 {
		open := c.dispute(id)
		_, g, err := c.k.game(c.Ctx, &open)
		require.NoError(c, err)
		ctx := c.Ctx.WithGasMeter(storetypes.NewInfiniteGasMeter())
		switch g.Turn() {
		case verify.Nobody:
			return gas
		case verify.Claimant:
			answer, err := a.Answer(g)
			require.NoError(c, err)
			_, err = c.k.Answer(ctx, &MsgAnswer{Claimant: open.Claimant, Dispute: id, Answer: answer.Encode()})
			require.NoError(c, err)
		default:
			denial, err := d.Deny(g)
			require.NoError(c, err)
			_, err = c.k.Deny(ctx, &MsgDeny{Challenger: open.Challenger, Dispute: id, Denial: denial.Encode()})
			require.NoError(c, err)
		}
		gas = ctx.GasMeter().GasConsumed()
		c.check()
	}
	require.Fail(c, "a dispute without end")
	return 0
}

// opened is a claim and a challenge of it by an outsider.
func (c *town) opened(claimant *execution, target Target) (job, dispute uint64) {
	job = c.claimed(trainTerms(c.data...), claimant.claim(1000))
	dispute, err := c.challenge(job, c.w[1], target)
	require.NoError(c, err)
	return job, dispute
}

func (c *town) seen(id uint64) QueryDisputeResponse {
	r, err := queries{c.k}.Dispute(c.Ctx, &QueryDisputeRequest{Id: id})
	require.NoError(c, err)
	return *r
}

// lost is how much of its stake a worker has lost, in uminga.
func (c *town) lost(who string) int64 { return 5_000_000 - c.who(who).Stake.Int64() }

func TestALieFallsByOneStep(t *testing.T) {
	c := newTown(t)
	supply := c.Bank.GetSupply(c.Ctx, worker.Coin).Amount
	job, id := c.opened(lies()[1], "trace")
	require.Equal(t, int64(30), c.job(job).Due, "a challenge changes nothing about the time")
	gas := c.duel(id, lies()[1], truth())
	v := c.seen(id).View
	require.Equal(t, c.w[1], v.Winner)
	require.Equal(t, View{
		Turn: "nobody", Stage: "position", Lo: 31, Hi: 32, Operator: "matmul", Shape: []uint64{24, 32}, Type: "float32",
		Places:  []Place{{"steps", 12}, {"nodes", 3}, {"outputs", 0}, {"element", 700}, {"position", 31}},
		Claimed: v.Claimed, Correct: v.Correct, Exchanges: 7, LargestMessage: v.LargestMessage, Winner: c.w[1],
	}, v)
	require.NotEqual(t, v.Claimed, v.Correct)
	require.Len(t, v.Correct, 10)
	require.LessOrEqual(t, v.LargestMessage, uint32(verify.MaxMessage))
	t.Logf("largest message %d bytes, gas of the verdict's handler %d", v.LargestMessage, gas)
	require.Less(t, gas, uint64(300_000), "with the transaction's own part it must stay below 500,000")
	require.Equal(t, StateDisputed, c.job(job).State, "what follows waits for the block's end")

	c.next()
	d, j := c.dispute(id), c.job(job)
	require.Equal(t, []any{c.w[1], "1000000", "the disputed step was executed", int64(10)},
		[]any{d.Winner, d.Slashed.String(), d.Reason, d.Ended})
	require.Equal(t, []int64{1_000_000, 0}, []int64{c.lost(c.w[0]), c.lost(c.w[1])})
	require.Equal(t, int64(500_000), c.gained(c.w[1])+5_000_000)
	require.Equal(t, "500000", supply.Sub(c.Bank.GetSupply(c.Ctx, worker.Coin).Amount).String(), "half is burned")
	require.Equal(t, []string{"0 1", "1 0"}, []string{counts(c.who(c.w[0])), counts(c.who(c.w[1]))})
	require.Equal(t, StateOpen, j.State)
	require.Equal(t, []string{c.w[0]}, j.Barred)
	require.Equal(t, int64(10+30), j.Due, "its deadline counts anew")
	require.Equal(t, "10000", j.Escrow.String())
	c.rerun(job)
}

// rerun lets an honest worker do a job again whose claim has fallen.
func (c *town) rerun(job uint64) {
	require.ErrorIs(c, c.take(job, c.w[0]), ErrUnfit, "the liar takes no part in it again")
	require.NoError(c, c.take(job, c.w[1]))
	require.NoError(c, c.claim(job, c.w[1], honest()))
	require.NotContains(c, c.drawn(job), c.w[0])
	c.checks(job, c.drawn(job)[0], honest())
	require.Equal(c, StatePaid, c.ended(job).State)
}

func TestALieAboutTheFileFalls(t *testing.T) {
	c := newTown(t)
	job, id := c.opened(lies()[3], "result")
	c.duel(id, lies()[3], truth())
	v := c.seen(id).View
	require.Equal(t, []any{c.w[1], Stage("place"), uint64(700 / 4)}, []any{v.Winner, v.Stage, v.At("place")})
	c.next()
	require.Equal(t, StateOpen, c.job(job).State)
}

func TestAFalseChallengerPays(t *testing.T) {
	for _, x := range []struct {
		target     Target
		challenger *execution
	}{{"trace", lies()[0]}, {"trace", lies()[2]}, {"result", lies()[3]}} {
		c := newTown(t)
		supply := c.Bank.GetSupply(c.Ctx, worker.Coin).Amount
		job, id := c.opened(truth(), x.target)
		c.duel(id, truth(), x.challenger)
		c.next()
		j := c.job(job)
		require.Equal(t, []any{StateClaimed, int64(30)}, []any{j.State, j.Due})
		require.Equal(t, []int64{0, 1_000_000}, []int64{c.lost(c.w[0]), c.lost(c.w[1])})
		require.Equal(t, int64(500_000), c.gained(c.w[0])+5_000_000, "half pays the claimant's costs")
		require.Equal(t, "500000", supply.Sub(c.Bank.GetSupply(c.Ctx, worker.Coin).Amount).String(), "half is burned")
		checker := c.drawn(job)[0]
		c.checks(job, checker, honest())
		require.Equal(t, StatePaid, c.ended(job).State)
	}
}

func TestSilenceLoses(t *testing.T) {
	c := newTown(t)
	job, id := c.opened(truth(), "trace")
	due := c.dispute(id).Due
	require.Equal(t, int64(10+20+1), due, "answer_blocks, and a snapshot's part of the work")
	for c.Ctx.BlockHeight() < due {
		c.next()
	}
	require.Zero(t, c.dispute(id).Ended, "the last block is in time")
	c.next()
	d := c.dispute(id)
	require.Equal(t, []string{c.w[1], "the claimant did not move in time"}, []string{d.Winner, d.Reason})
	require.Equal(t, StateOpen, c.job(job).State)

	c = newTown(t)
	job, id = c.opened(lies()[0], "trace")
	answer, err := lies()[0].player().Answer(c.game(id))
	require.NoError(t, err)
	c.next()
	_, err = c.k.Answer(c.Ctx, &MsgAnswer{Claimant: c.w[0], Dispute: id, Answer: answer.Encode()})
	require.NoError(t, err)
	require.Equal(t, int64(11+20+1), c.dispute(id).Due)
	for range 22 {
		c.next()
	}
	d = c.dispute(id)
	require.Equal(t, []string{c.w[0], "the challenger did not move in time"}, []string{d.Winner, d.Reason})
	require.Equal(t, StateFailed, c.job(job).State, "nobody had checked it until height 30")
}

func (c *town) game(id uint64) *verify.Game {
	d := c.dispute(id)
	_, g, err := c.k.game(c.Ctx, &d)
	require.NoError(c, err)
	return g
}

// TestAnAccompliceShieldsNobody: it challenges first and loses on purpose; the claim waits
// for the honest challenger all the same, and falls.
func TestAnAccompliceShieldsNobody(t *testing.T) {
	c := newTown(t)
	job, first := c.opened(lies()[1], "trace")
	for range 20 {
		c.next() // to the last block that a challenge may come in
	}
	honestly, err := c.challenge(job, c.w[2], "trace")
	require.NoError(t, err)
	c.next()
	c.next() // the accomplice's dispute ends by the claimant's silence
	require.Equal(t, StateOpen, c.job(job).State)
	require.Equal(t, "the claim fell by another dispute", c.dispute(honestly).Reason)
	require.Equal(t, "", c.dispute(honestly).Winner)
	require.Equal(t, c.w[1], c.dispute(first).Winner)

	c = newTown(t)
	job, first = c.opened(lies()[1], "trace")
	honestly, err = c.challenge(job, c.w[2], "trace")
	require.NoError(t, err)
	c.duel(first, lies()[1], lies()[0])
	c.next()
	require.Equal(t, StateDisputed, c.job(job).State, "one dispute settles nothing for another")
	require.Equal(t, []int64{0, 1_000_000}, []int64{c.lost(c.w[0]), c.lost(c.w[1])})
	_, err = c.challenge(job, c.w[3], "trace")
	require.NoError(t, err, "nor does it end the time for others")
	c.duel(honestly, lies()[1], truth())
	c.next()
	require.Equal(t, StateOpen, c.job(job).State)
	require.Equal(t, []int64{1_000_000, 0, 0}, []int64{c.lost(c.w[0]), c.lost(c.w[2]), c.lost(c.w[3])})
	require.Equal(t, int64(500_000), c.gained(c.w[2])+5_000_000)
}

// TestAClaimWaitsForItsLastDispute also after its window.
func TestAClaimWaitsForItsLastDispute(t *testing.T) {
	c := newTown(t)
	job := c.claimed(trainTerms(c.data...), honest())
	w := c.drawn(job)
	c.checks(job, w[0], honest())
	_, err := c.challenge(job, w[1], "trace")
	require.NoError(t, err)
	second, err := c.challenge(job, w[2], "trace")
	require.NoError(t, err)
	c.duel(second, truth(), lies()[1])
	for range 11 {
		c.next()
	}
	require.Equal(t, []any{StateDisputed, int64(20)}, []any{c.job(job).State, c.job(job).Due}, "one is open")
	_, err = c.challenge(job, w[2], "trace")
	require.ErrorIs(t, err, ErrLate, "but the window is over")
	c.duel(1, truth(), lies()[1])
	c.next()
	require.Equal(t, StatePaid, c.job(job).State, "its checker agreed and its window is over")
}

// TestAReportWhileDisputedOpensTheWindow: the window is as long as without the dispute.
func TestAReportWhileDisputedOpensTheWindow(t *testing.T) {
	c := newTown(t)
	job := c.claimed(trainTerms(c.data...), honest())
	w := c.drawn(job)
	id, err := c.challenge(job, w[1], "trace")
	require.NoError(t, err)
	c.next()
	c.checks(job, w[0], honest())
	require.Equal(t, int64(11+10), c.job(job).Due)
	c.duel(id, truth(), lies()[1])
	c.next()
	require.Equal(t, []any{StateClaimed, int64(21)}, []any{c.job(job).State, c.job(job).Due})
	require.Equal(t, StatePaid, c.ended(job).State)
}

func TestACheckersSeatIsItsBond(t *testing.T) {
	c := newTown(t)
	terms := trainTerms(c.data...)
	terms.Checkers, terms.Stake = 3, math.NewInt(4_000_000)
	job := c.claimed(terms, lies()[2].claim(1000))
	w := c.drawn(job)
	for _, who := range w {
		for c.seat(job, who) != nil {
			c.next()
		}
	}
	agrees := lies()[2].report(c.job(job), w[0])
	_, err := c.k.Report(c.Ctx, agrees) // it was told by the liar
	require.NoError(t, err)
	id, err := c.challenge(job, w[1], "trace")
	require.NoError(t, err, "though too little of its stake is free for a second bond")
	require.ErrorIs(t, c.report(job, w[1], honest()), ErrSeats, "it has objected")
	_, err = c.challenge(job, w[0], "trace")
	require.ErrorIs(t, err, worker.ErrStake, "who has agreed needs a bond")
	c.duel(id, lies()[2], truth())
	c.next()
	require.Equal(t, StateOpen, c.job(job).State)
	require.Equal(t, []int64{4_000_000, 4_000_000, 0, 0},
		[]int64{c.lost(c.w[0]), c.lost(w[0]), c.lost(w[1]), c.lost(w[2])},
		"who claimed and who agreed pay, who was still at work does not")
	require.Equal(t, int64(4_000_000), c.gained(w[1])+5_000_000, "half of each")
	require.Equal(t, []string{c.w[0], w[0]}, c.job(job).Barred)
	require.Equal(t, []string{"0 1", "1 0", "0 0"},
		[]string{counts(c.who(w[0])), counts(c.who(w[1])), counts(c.who(w[2]))})
}

// TestAnAccompliceCannotTakeAllBack: the liar concedes to a friend at once; the checker that
// the chain drew shares the reward.
func TestAnAccompliceCannotTakeAllBack(t *testing.T) {
	c := newTown(t)
	job := c.claimed(trainTerms(c.data...), lies()[1].claim(1000))
	w := c.drawn(job)
	require.NoError(t, c.seat(job, w[0]))
	friend, err := c.challenge(job, w[1], "trace")
	require.NoError(t, err)
	_, err = c.challenge(job, w[0], "trace")
	require.NoError(t, err)
	c.duel(friend, lies()[1], truth())
	c.next()
	require.Equal(t, []int64{250_000, 250_000}, []int64{c.gained(w[0]) + 5_000_000, c.gained(w[1]) + 5_000_000})
}

// TestALosingCheckerLeavesItsSeat to another, who has time for the work.
func TestALosingCheckerLeavesItsSeat(t *testing.T) {
	c := newTown(t)
	job := c.claimed(trainTerms(c.data...), honest())
	w := c.drawn(job)
	for range 20 {
		c.next()
	}
	require.NoError(t, c.seat(job, w[0]))
	id, err := c.challenge(job, w[0], "result")
	require.NoError(t, err)
	c.next()
	c.duel(id, truth(), lies()[3])
	c.next()
	j := c.job(job)
	require.Equal(t, []any{StateClaimed, int64(31 + 20), 0}, []any{j.State, j.Due, len(j.Checks)})
	require.Equal(t, int64(1_000_000), c.lost(w[0]))
	require.ErrorIs(t, c.seat(job, w[0]), ErrUnfit)
	c.checks(job, w[1], honest())
	require.Equal(t, StatePaid, c.ended(job).State)
}

package job

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/worker"
)

// These tests hold the laws of docs/economics.md that this module keeps: an attacker does here what once paid.

// confirmed is a true claim that five honest checkers have confirmed, and a friend of the claimant.
func confirmed(t *testing.T) (c *town, id uint64, honest5 []string, friend string) {
	c = newTown(t)
	for _, n := range []string{"w6", "w7"} {
		c.w = append(c.w, c.worker(n, 9))
	}
	terms := trainTerms(c.data...)
	terms.Checkers, terms.Stake, terms.CheckPay, terms.Window = 5, math.NewInt(4_000_000), math.NewInt(100), 200
	id = c.claimed(terms, honest())
	honest5 = c.drawn(id)
	require.Len(t, honest5, 5)
	for _, who := range honest5 {
		c.checks(id, who, honest())
	}
	return c, id, honest5, c.worker("friend", 99)
}

// TestConcedingRobsNobody: the claimant of a true claim is silent against a friend. A checker answers in its place and
// wins, and all are paid.
func TestConcedingRobsNobody(t *testing.T) {
	c, id, checkers, friend := confirmed(t)
	d, err := c.challenge(id, friend, "trace")
	require.NoError(t, err)
	c.At(c.dispute(d).Due)
	c.next()
	require.Equal(t, checkers[0], c.job(id).Defender)
	require.EqualValues(t, 4_000_000, c.lost(c.w[0]))
	require.LessOrEqual(t, c.gained(friend)+5_000_000, int64(100), "what looking costs, no more")
	c.duel(d, truth(), lies()[1])
	c.robsNobody(id, checkers, friend)
}

// TestPlayingFalselyRobsNobody: the claimant of a true claim shows false registers of a fold, so that a step shows it
// wrong. That is no better than silence.
func TestPlayingFalselyRobsNobody(t *testing.T) {
	c, id, checkers, friend := confirmed(t)
	d, err := c.challenge(id, friend, "trace")
	require.NoError(t, err)
	for c.game(d).Winner == verify.Nobody {
		c.moveFalsely(d)
	}
	require.Equal(t, verify.Challenger, c.game(d).Winner, "a step decides against a true claim")
	c.next()
	require.Equal(t, checkers[0], c.job(id).Defender)
	c.duel(d, truth(), lies()[1])
	c.robsNobody(id, checkers, friend)
}

// moveFalsely makes a move in a dispute of two friends about a true claim. The challenger denies what is right until it
// comes to a fold of several steps, and there the claimant shows what is wrong.
func (c *town) moveFalsely(id uint64) {
	p, g, d := truth().player(), c.game(id), c.dispute(id)
	if g.Turn() == verify.Claimant {
		answer, err := p.Answer(g)
		require.NoError(c, err)
		if points := answer.Registers; len(points) > 2 {
			points[0][0] ^= 1
		} else if len(points) > 1 {
			points[1] = g.Last().To
		}
		_, err = c.k.Answer(c.Ctx, &MsgAnswer{Claimant: d.Claimant, Dispute: id, Answer: answer.Encode()})
		require.NoError(c, err)
		return
	}
	denial, err := p.Deny(g)
	require.NoError(c, err)
	if g.View(toyTask().Task()).Stage == "nodes" {
		denial = &verify.Denial{Pick: 3} // the product
	}
	_, err = c.k.Deny(c.Ctx, &MsgDeny{Challenger: d.Challenger, Dispute: id, Denial: denial.Encode()})
	require.NoError(c, err)
}

// robsNobody wants a true claim to end paid, with no honest checker poorer, and the coalition not richer.
func (c *town) robsNobody(id uint64, checkers []string, friend string) {
	c.next()
	j := c.ended(id)
	require.Equal(c, StatePaid, j.State)
	require.NotZero(c, j.Asset)
	for _, who := range checkers {
		require.Zero(c, c.lost(who))
		require.Contains(c, paidTo(j), who)
	}
	worker := c.w[0]
	coalition := c.gained(friend) - c.lost(friend) + c.gained(worker) - c.lost(worker)
	require.Less(c, coalition, int64(0))
}

// TestACheckerThatAgreedWithALieAnswersForIt, and loses as its author did. Nobody else does.
func TestACheckerThatAgreedWithALieAnswersForIt(t *testing.T) {
	c := newTown(t)
	lie := lies()[1]
	id := c.claimed(trainTerms(c.data...), lie.claim(1000))
	lazy := c.drawn(id)[0]
	require.NoError(t, c.seat(id, lazy))
	_, err := c.k.Report(c.Ctx, lie.report(c.job(id), lazy))
	require.NoError(t, err)
	d, err := c.challenge(id, c.drawn(id)[0], "trace")
	require.NoError(t, err)
	finder := c.dispute(d).Challenger
	for _, holder := range []string{c.w[0], lazy} {
		require.Equal(t, holder, c.dispute(d).Claimant)
		c.duel(d, lie, truth())
		c.next()
		require.EqualValues(t, 1_000_000, c.lost(holder))
	}
	j := c.job(id)
	require.Equal(t, []any{StateOpen, ""}, []any{j.State, j.Defender})
	require.EqualValues(t, 1_000_000, c.gained(finder)+5_000_000, "half of each")
	require.ErrorContains(t, c.take(id, lazy), "lost its stake")
}

// TestTheFineForBeingLateIsBurned: nobody sets a trap for workers and gets what they lose.
func TestTheFineForBeingLateIsBurned(t *testing.T) {
	c := newTown(t)
	terms := trainTerms(c.data...)
	terms.Work = 1
	id := c.post(c.creator, terms)
	require.NoError(t, c.take(id, c.w[0]))
	j := c.ended(id)
	require.Equal(t, StateFailed, j.State)
	require.EqualValues(t, 100_000, c.lost(c.w[0]))
	require.Zero(t, c.gained(c.creator))
}

// TestASilentCheckerIsReplaced: its silence costs it a fine and costs the worker nothing.
func TestASilentCheckerIsReplaced(t *testing.T) {
	c := newTown(t)
	id := c.claimed(trainTerms(c.data...), honest())
	saboteur := c.drawn(id)[0]
	require.NoError(t, c.seat(id, saboteur))
	c.At(c.job(id).Due)
	c.next()
	require.Equal(t, StateClaimed, c.job(id).State)
	require.EqualValues(t, 100_000, c.lost(saboteur))
	require.NotContains(t, c.drawn(id), saboteur)
	c.checks(id, c.drawn(id)[0], honest())
	j := c.ended(id)
	require.Equal(t, StatePaid, j.State)
	require.NotZero(t, j.Asset)
}

// TestACreatorGetsNoWorkForNothing: there is no checker that fits. The worker is paid, and there is no
// model.
func TestACreatorGetsNoWorkForNothing(t *testing.T) {
	c := newTown(t)
	terms := trainTerms(c.data...)
	terms.Stake = math.NewInt(5_000_000)
	id := c.post(c.creator, terms)
	require.NoError(t, c.take(id, c.w[0]))
	for _, who := range c.w[1:] {
		_, err := c.workers.Unbond(c.Ctx, &worker.MsgUnbond{Worker: who})
		require.NoError(t, err)
	}
	require.NoError(t, c.claim(id, c.w[0], honest()))
	j := c.ended(id)
	require.Equal(t, []any{StatePaid, unheard, uint64(0)}, []any{j.State, j.Reason, j.Asset})
	require.Contains(t, paidTo(j), c.w[0])
	require.EqualValues(t, 2000, c.gained(c.w[0])+5_000_000)
}

// TestDisputesWaitTheirTurn: a crowd of friends fills no places. An honest challenge waits behind them, and the claim
// waits for it.
func TestDisputesWaitTheirTurn(t *testing.T) {
	c := newTown(t)
	id := c.claimed(trainTerms(c.data...), lies()[1].claim(1000))
	due := c.job(id).Due
	for i := range mostDisputes {
		_, err := c.challenge(id, c.worker(fmt.Sprint("friend", i), 9), "trace")
		require.NoError(t, err)
	}
	d, err := c.challenge(id, c.w[1], "trace")
	require.NoError(t, err)
	require.Zero(t, c.dispute(d).Due)
	require.Contains(t, c.explained(id), "waits for its turn")
	_, err = c.k.Deny(c.Ctx, &MsgDeny{Challenger: c.w[1], Dispute: d})
	require.ErrorContains(t, err, "32 disputes about job 1 come first")
	for friend := range uint64(mostDisputes) {
		c.decides(friend+1, verify.Claimant)
		require.NotZero(t, c.dispute(d).Due, "a place is free")
	}
	require.Greater(t, c.Ctx.BlockHeight(), due)
	require.Equal(t, StateDisputed, c.job(id).State)
	c.duel(d, lies()[1], truth())
	c.next()
	require.Equal(t, StateOpen, c.job(id).State)
}

// TestTheTimeForAMoveGrowsWithTheOpponents of a claimant, not of a challenger.
func TestTheTimeForAMoveGrowsWithTheOpponents(t *testing.T) {
	c := newTown(t)
	terms := trainTerms(c.data...)
	terms.Work = 160
	id := c.claimed(terms, honest())
	h := c.Ctx.BlockHeight()
	for i, who := range c.w[1:] {
		d, err := c.challenge(id, who, "trace")
		require.NoError(t, err)
		require.Equal(t, h+20+10*int64(i+1), c.dispute(d).Due)
	}
	move, err := truth().player().Answer(c.game(1))
	require.NoError(t, err)
	_, err = c.k.Answer(c.Ctx, &MsgAnswer{Claimant: c.w[0], Dispute: 1, Answer: move.Encode()})
	require.NoError(t, err)
	require.Equal(t, h+30, c.dispute(1).Due)
}

// TestAGameThatCannotBeReadIsRefused, when it is opened, so that no dispute is stored that never ends.
func TestAGameThatCannotBeReadIsRefused(t *testing.T) {
	g, err := verify.Open(toyTask().Task(), verify.Claimed{}, verify.Trace)
	require.NoError(t, err)
	_, err = kept(g)
	require.NoError(t, err)
	g.Last().Words = 1 << 41
	_, err = kept(g)
	require.ErrorIs(t, err, ErrChallenge)

	c := newTown(t)
	poison := *toyTask()
	poison.Words = 1 << 40
	terms := trainTerms(c.data...)
	terms.Task = poison.Encode()
	_, err = c.k.Post(c.Ctx, &MsgPost{Creator: c.creator, Terms: terms})
	require.ErrorIs(t, err, ErrTerms)
}

// TestAnUnreadableDisputeEndsNeutrally: should one be stored all the same, it ends after some tries, the bond is free,
// and the claim goes on. Others' disputes can be listed.
func TestAnUnreadableDisputeEndsNeutrally(t *testing.T) {
	c := newTown(t)
	id := c.claimed(trainTerms(c.data...), honest())
	c.checks(id, c.drawn(id)[0], honest())
	challenger := c.drawn(id)[0]
	d, err := c.challenge(id, challenger, "trace")
	require.NoError(t, err)
	poisoned := c.dispute(d)
	poisoned.Game = []byte{1}
	require.NoError(t, c.k.Disputes.Set(c.Ctx, d, poisoned))
	res, err := queries{c.k}.Disputes(c.Ctx, &QueryDisputesRequest{})
	require.NoError(t, err)
	require.Len(t, res.Disputes, 1)
	c.explained(id)
	for range tries + 1 {
		c.At(c.dispute(d).Due)
		c.next()
	}
	require.Equal(t, unended, c.dispute(d).Reason)
	require.Zero(t, c.lost(challenger))
	require.Equal(t, StatePaid, c.ended(id).State)
}

// TestAJobThatCannotBeEndedEndsNeutrally: the bank refuses the creator for ever. The stakes are free again, and the
// commons gets the budget.
func TestAJobThatCannotBeEndedEndsNeutrally(t *testing.T) {
	c := newTown(t)
	creator := c.address(c.creator)
	c.Bank.AppendSendRestriction(func(_ context.Context, _, to sdk.AccAddress, _ sdk.Coins) (sdk.AccAddress, error) {
		if to.Equals(creator) {
			return to, errors.New("no coins for the creator")
		}
		return to, nil
	})
	id := c.claimed(trainTerms(c.data...), honest())
	c.checks(id, c.drawn(id)[0], honest())
	for range tries + 1 {
		c.At(c.job(id).Due)
		c.next()
	}
	j := c.job(id)
	require.Equal(t, []any{StateFailed, unended}, []any{j.State, j.Reason})
	require.Equal(t, RoleCommons, j.Paid[0].Role)
	require.Zero(t, c.lost(c.w[0]))
}

// TestAnEndingIsContained: neither a panic nor a loop without end stops a block.
func TestAnEndingIsContained(t *testing.T) {
	c := newTown(t)
	m := &meter{left: mostGas}
	require.False(t, m.wholly(c.Ctx, "job", 1, func(context.Context) error { panic("a mistake") }))
	require.False(t, m.wholly(c.Ctx, "job", 1, func(ctx context.Context) error {
		for {
			sdk.UnwrapSDKContext(ctx).GasMeter().ConsumeGas(1_000_000, "a loop")
		}
	}))
	require.EqualValues(t, mostGas-endingGas, m.left, "what it cost counts")
}

// TestHoldersCannotBeLeftOut: a model whose file was minted before is neither made again nor served, so nobody's shares
// and royalties are evaded by a copy.
func TestHoldersCannotBeLeftOut(t *testing.T) {
	c := newTown(t)
	var models []uint64
	for range 2 {
		id := c.claimed(trainTerms(c.data...), honest())
		c.checks(id, c.drawn(id)[0], honest())
		j := c.ended(id)
		require.Equal(t, StatePaid, j.State)
		models = append(models, j.Asset)
	}
	require.NotZero(t, models[0])
	require.Zero(t, models[1])
	require.Contains(t, c.job(2).Reason, "asset/4 has this file already")
}

// TestWithholdingTheRunsNeverPays: a creator with many tokens of no worth gets no more than by measuring.
func TestWithholdingTheRunsNeverPays(t *testing.T) {
	for data := range uint32(10_001) {
		split := Split{Data: data, Creator: (10_000 - data) / 3, Compute: 10_000 - data - (10_000-data)/3}
		j := &Job{Terms: Terms{Units: 100, Train: &TrainTerms{Split: split, Used: []uint64{100}}}}
		d := unmeasured(j)
		require.True(t, d.forfeit)
		require.LessOrEqual(t, d.shares[0], asset.Shares*uint64(split.Creator)/whole, "all tokens, against a value of 0")
	}
}

// TestALieInARunIsCheckedAndBounded: each run has a checker, and what one run says moves no more than it could.
func TestALieInARunIsCheckedAndBounded(t *testing.T) {
	c := newTown(t)
	_, first := c.measuredJob(all)
	for run := range uint64(3) {
		require.EqualValues(t, 1, c.job(first+run).Seats)
	}
}

package job

import (
	"fmt"
	"testing"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/x/worker"
)

// These attacks were found by somebody who had not written the module. Each paid once.

// nothing are the terms of a job that costs 1 uminga, whose creator gets the model.
func nothing(dataset uint64) Terms {
	t := trainTerms(dataset)
	t.MaxPrice, t.CheckPay, t.Budget, t.Stake = math.ZeroInt(), math.ZeroInt(), math.NewInt(1), math.OneInt()
	t.Units, t.Train.Used, t.Train.Split = 1, []uint64{1}, Split{Creator: 10_000, Method: "tokens"}
	return t
}

// takes has a worker take a job when its turn comes; seats has it take a seat.
func (c *town) takes(id uint64, who string) {
	for c.take(id, who) != nil {
		c.next()
	}
}

func (c *town) seats(id uint64, who string) {
	for c.seat(id, who) != nil {
		c.next()
	}
}

// TestConcedingToSeveralFriendsInOneBlock: the first dispute gives the claim to a checker, which is not silent yet in
// the others that are due in the same block.
func TestConcedingToSeveralFriendsInOneBlock(t *testing.T) {
	c, id, checkers, friend := confirmed(t)
	friends := []string{friend}
	for i := range 5 {
		friends = append(friends, c.worker(fmt.Sprint("friend", i), 99))
	}
	for _, f := range friends {
		_, err := c.challenge(id, f, "trace")
		require.NoError(t, err)
	}
	for i, f := range friends { // all answered and all denied in one block: all are due together
		c.answerOne(uint64(i+1), c.w[0])
		_, err := c.k.Deny(c.Ctx, &MsgDeny{Challenger: f, Dispute: uint64(i + 1),
			Denial: (&verify.Denial{Pick: 1}).Encode()})
		require.NoError(t, err)
	}
	c.At(c.dispute(1).Due)
	c.next()
	for _, who := range checkers {
		require.Zero(t, c.lost(who))
	}
}

// answerOne is the true answer in a dispute.
func (c *town) answerOne(id uint64, who string) {
	a, err := truth().player().Answer(c.game(id))
	require.NoError(c, err)
	_, err = c.k.Answer(c.Ctx, &MsgAnswer{Claimant: who, Dispute: id, Answer: a.Encode()})
	require.NoError(c, err)
}

// TestASilentChallengerDoesNotWin because the claim gets another defender in the block in which it would have lost.
func TestASilentChallengerDoesNotWin(t *testing.T) {
	c := newTown(t)
	terms := trainTerms(c.data...)
	terms.Window = 200
	id := c.claimed(terms, honest())
	checker := c.drawn(id)[0]
	c.checks(id, checker, honest())
	for i := range 2 {
		_, err := c.challenge(id, c.worker(fmt.Sprint("friend", i), 99), "trace")
		require.NoError(t, err)
	}
	c.answerOne(2, c.w[0])
	c.At(c.dispute(2).Due)
	c.next()
	require.Zero(t, c.lost(checker))
}

// TestSilenceIsRepaidOnce: a creator that sets a large pay for checkers does not make the silence of absent defenders
// pay.
func TestSilenceIsRepaidOnce(t *testing.T) {
	c, id, _, friend := confirmed(t)
	d, err := c.challenge(id, friend, "trace")
	require.NoError(t, err)
	for c.job(id).State == StateDisputed {
		c.At(c.dispute(d).Due)
		c.next()
	}
	require.LessOrEqual(t, c.gained(friend)+5_000_000, c.job(id).Terms.CheckPay.Int64())
}

// TestAClaimTakesNoModel: a job that lies in wait, or one that is copied, gets no file that was claimed before, by a
// true claim or a false one.
func TestAClaimTakesNoModel(t *testing.T) {
	c := newTown(t)
	parked := nothing(c.data[1])
	parked.Deadline, parked.Window = 10_000, 1
	first := c.post(c.user("thief"), parked)
	id := c.claimed(trainTerms(c.data...), honest())
	c.checks(id, c.drawn(id)[0], honest())
	model := c.ended(id).Asset
	require.NotZero(t, model)

	liar, friend := c.worker("thief's worker", 0), c.worker("thief's friend", 0)
	c.takes(first, liar)
	lie := lies()[1]
	claim := lie.claim(1)
	claim.Result = honest().Result // the victim's file, which this run does not make
	require.NoError(t, c.claim(first, liar, claim))
	c.seats(first, friend)
	msg := lie.report(c.job(first), friend)
	msg.Report = claim
	_, err := c.k.Report(c.Ctx, msg)
	require.NoError(t, err)
	require.Zero(t, c.ended(first).Asset)
	owner, err := c.assets.ModelOf(c.Ctx, honest().Result)
	require.NoError(t, err)
	require.Equal(t, model, owner)
	c.post(c.creator, inferTerms(model))
}

// TestFriendsBuyNoTime: disputes about other claims do not count.
func TestFriendsBuyNoTime(t *testing.T) {
	c := newTown(t)
	terms := trainTerms(c.data...)
	terms.Work = 160
	id := c.claimed(terms, honest())
	side := c.post(c.creator, nothing(c.data[1]))
	_, err := c.workers.Update(c.Ctx, &worker.MsgUpdate{Worker: c.w[0], AddStake: math.ZeroInt(),
		Offers: []worker.Offer{{Kind: KindTrain, Price: math.ZeroInt()}}})
	require.NoError(t, err)
	c.takes(side, c.w[0])
	claim := honest()
	claim.Units = 1
	require.NoError(t, c.claim(side, c.w[0], claim))
	for i := range 5 {
		_, err := c.challenge(side, c.worker(fmt.Sprint("friend", i), 99), "trace")
		require.NoError(t, err)
	}
	d, err := c.challenge(id, c.w[1], "trace")
	require.NoError(t, err)
	require.Equal(t, c.Ctx.BlockHeight()+20+10, c.dispute(d).Due)
}

// TestTurnsBeginWithTheSeed: who is fast has no more turns than its part of the stakes.
func TestTurnsBeginWithTheSeed(t *testing.T) {
	const rounds = 60
	got := 0
	for round := range rounds {
		c := newTown(t)
		c.beacon = lamp{salt: fmt.Sprint(round), wait: 8}
		id := c.claimed(trainTerms(c.data...), lies()[1].claim(1000))
		for len(c.job(id).Checks) == 0 {
			for _, who := range c.w[1:] { // the friend is the first in each block
				_ = c.seat(id, who)
			}
			c.next()
		}
		if c.job(id).Checks[0].Worker == c.w[1] {
			got++
		}
	}
	require.Less(t, got, rounds/2, "a third of the stake")
}

// TestSeatsAreDrawnInTime, however short the work is.
func TestSeatsAreDrawnInTime(t *testing.T) {
	c := newTown(t)
	c.beacon.wait = 8
	terms := trainTerms(c.data...)
	terms.Work = 1
	id := c.claimed(terms, honest())
	c.seats(id, c.w[1])
	require.Less(t, c.Ctx.BlockHeight(), int64(10+8+turns*5+1))
}

// TestASessionThatNobodySawPaysNeither: a server that keeps its file to itself is not paid, and a customer that keeps
// checkers away does not get the fee back.
func TestASessionThatNobodySawPaysNeither(t *testing.T) {
	c := newTown(t)
	terms := sessionTerms(c.model(c.w[0]), asItIs)
	terms.Checkers, terms.CheckPay = 1, math.NewInt(100)
	id := c.post(c.creator, terms)
	require.NoError(t, c.take(id, c.w[0]))
	require.NoError(t, c.claim(id, c.w[0], sessionClaim(1, 1000)))
	j := c.ended(id)
	require.Equal(t, StateFailed, j.State)
	require.NotContains(t, paidTo(j), c.w[0])
	require.Equal(t, j.Terms.Budget.Sub(j.fee()).Int64(), c.gained(c.creator)+j.Terms.Budget.Int64())
	require.Zero(t, c.lost(c.w[0]))
}

// TestADefenderHasTimeForAllItsClaims that are conceded together.
func TestADefenderHasTimeForAllItsClaims(t *testing.T) {
	c := newTown(t)
	const claims = 4
	friend := c.worker("friend", 99)
	for range claims {
		terms := trainTerms(c.data...)
		terms.Work, terms.Window, terms.Stake = 160, 500, math.NewInt(500_000)
		id := c.claimed(terms, honest())
		c.checks(id, c.w[1], honest())
		_, err := c.challenge(id, friend, "trace")
		require.NoError(t, err)
	}
	c.At(c.dispute(claims).Due)
	c.next()
	last := int64(0)
	for d := range uint64(claims) {
		require.Equal(t, c.w[1], c.dispute(d+1).Claimant)
		last = max(last, c.dispute(d+1).Due-c.Ctx.BlockHeight())
	}
	require.GreaterOrEqual(t, last, int64(claims*160))
}

// TestNobodyShowsThePublicLeaf: a checker that waits for a draw of the leaf that the claim has shown waits for ever.
func TestNobodyShowsThePublicLeaf(t *testing.T) {
	j := &Job{Checks: []Check{{Worker: "lazy"}}}
	for i := range 1000 {
		j.Checks[0].Seed = hash(fmt.Sprint(i))
		require.Less(t, j.Sample("lazy", toySteps), toySteps)
	}
}

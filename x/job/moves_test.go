package job

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/x/worker"
)

func TestChallengeRefuses(t *testing.T) {
	c := newTown(t)
	open := c.post(c.creator, trainTerms(c.data...))
	infer := c.claimed(inferTerms(c.model(c.ana)), outcome("log", 5))
	job := c.claimed(trainTerms(c.data...), honest())
	for _, x := range []struct {
		name   string
		job    uint64
		who    string
		target Target
		want   error
	}{
		{"a job there is not", 99, c.w[1], "trace", ErrUnknown},
		{"a job that nobody has claimed", open, c.w[1], "trace", ErrState},
		{"a job without a task", infer, c.w[1], "trace", ErrChallenge},
		{"a target there is not", job, c.w[1], "style", ErrChallenge},
		{"contradictions, which training has not", job, c.w[1], "sound", ErrChallenge},
		{"the claimant", job, c.w[0], "trace", ErrChallenge},
		{"somebody who is no worker", job, c.ana, "trace", worker.ErrUnknown},
		{"nobody", job, "me", "trace", ErrNotYours},
	} {
		_, err := c.challenge(x.job, x.who, x.target)
		require.ErrorIs(t, err, x.want, x.name)
	}
	_, err := c.challenge(job, c.w[1], "trace")
	require.NoError(t, err)
	_, err = c.challenge(job, c.w[1], "result")
	require.ErrorIs(t, err, ErrChallenge, "it has one open")
	require.ErrorIs(t, c.seat(job, c.w[1]), ErrSeats, "who challenges needs no seat")
	_, err = c.workers.Unbond(c.Ctx, &worker.MsgUnbond{Worker: c.w[2]})
	require.NoError(t, err)
	_, err = c.challenge(job, c.w[2], "trace")
	require.ErrorIs(t, err, worker.ErrLeaving)
	_, err = c.k.Challenge(c.Ctx.WithBlockHeight(31), &MsgChallenge{Challenger: c.w[3], Job: job, Target: "trace"})
	require.ErrorIs(t, err, ErrLate)
}

// TestACrowdKeepsNoCheckerOut: of outsiders' disputes 32 are played and the others wait. A seated checker's is played
// beside them.
func TestACrowdKeepsNoCheckerOut(t *testing.T) {
	c := newTown(t)
	job := c.claimed(trainTerms(c.data...), lies()[1].claim(1000))
	checker := c.drawn(job)[0]
	require.NoError(t, c.seat(job, checker))
	for i := range mostDisputes {
		_, err := c.challenge(job, c.worker(fmt.Sprint("crowd", i), 9), "trace")
		require.NoError(t, err)
	}
	waits, err := c.challenge(job, c.worker("one more", 9), "trace")
	require.NoError(t, err)
	require.Zero(t, c.dispute(waits).Due)
	id, err := c.challenge(job, checker, "trace")
	require.NoError(t, err)
	gas := c.duel(id, lies()[1], truth())
	require.Less(t, gas, uint64(300_000), "a crowd does not make the verdict dearer")
	c.next()
	require.Equal(t, StateOpen, c.job(job).State)
	require.Equal(t, int64(500_000), c.gained(checker)+5_000_000)
}

func TestMovesRefuse(t *testing.T) {
	c := newTown(t)
	_, id := c.opened(lies()[1], "trace")
	a, d := lies()[1].player(), truth().player()
	move, err := a.Answer(c.game(id))
	require.NoError(t, err)
	other, err := d.Answer(c.game(id))
	require.NoError(t, err)
	answer := func(who string, id uint64, message []byte) error {
		_, err := c.k.Answer(c.Ctx, &MsgAnswer{Claimant: who, Dispute: id, Answer: message})
		c.check()
		return err
	}
	deny := func(who string, id uint64, message []byte) error {
		_, err := c.k.Deny(c.Ctx, &MsgDeny{Challenger: who, Dispute: id, Denial: message})
		c.check()
		return err
	}
	before := c.dispute(id)
	require.ErrorIs(t, answer(c.w[0], 99, move.Encode()), ErrDispute)
	require.ErrorIs(t, answer(c.w[1], id, move.Encode()), ErrNotYours, "the other side")
	require.ErrorIs(t, answer("me", id, move.Encode()), ErrNotYours)
	require.ErrorIs(t, deny(c.w[1], id, (&verify.Denial{}).Encode()), ErrMove, "not its turn")
	require.ErrorIs(t, deny(c.w[0], id, (&verify.Denial{}).Encode()), ErrNotYours)
	require.ErrorIs(t, answer(c.w[0], id, nil), ErrMove)
	require.ErrorIs(t, answer(c.w[0], id, move.Encode()[1:]), ErrMove, "malformed")
	require.ErrorIs(t, answer(c.w[0], id, append(move.Encode(), 0)), ErrMove, "it goes on")
	require.ErrorContains(t, answer(c.w[0], id, make([]byte, verify.MaxMessage+1)), "at most 16384")
	require.ErrorIs(t, answer(c.w[0], id, other.Encode()), ErrMove, "not what was claimed")
	require.Equal(t, before, c.dispute(id), "what is refused changes nothing")
	late := c.Ctx.WithBlockHeight(before.Due + 1)
	_, err = c.k.Answer(late, &MsgAnswer{Claimant: c.w[0], Dispute: id, Answer: move.Encode()})
	require.ErrorIs(t, err, ErrLate)
	require.NoError(t, answer(c.w[0], id, move.Encode()))
	require.ErrorIs(t, answer(c.w[0], id, move.Encode()), ErrMove, "not its turn")
	c.duel(id, lies()[1], truth())
	require.ErrorIs(t, deny(c.w[1], id, (&verify.Denial{}).Encode()), ErrMove, "it is decided")
	c.next()
	require.ErrorIs(t, deny(c.w[1], id, (&verify.Denial{}).Encode()), ErrLate, "it has ended")
}

// TestMovesAreTold: the record, the events and the explanation follow the narrowing.
func TestMovesAreTold(t *testing.T) {
	c := newTown(t)
	job, id := c.opened(lies()[1], "trace")
	require.Contains(t, c.explained(job), "Job 1 was claimed by w0 and is disputed; others can challenge the claim "+
		"until height 30. Dispute 1 by w1 is at steps 0 to 20, the claimant moves by height 31.")
	c.duel(id, lies()[1], truth())
	var told []string
	for _, m := range c.dispute(id).Moves {
		told = append(told, fmt.Sprintf("%s %s %d %d %d", m.Side, m.Stage, m.Lo, m.Hi, m.Pick))
	}
	require.Equal(t, []string{
		"claimant steps 0 21 0", "challenger steps 12 14 6",
		"claimant steps 12 14 0", "challenger steps 12 13 0",
		"claimant nodes 0 5 0", "challenger nodes 3 4 3",
		"claimant chunks 0 3 0", "challenger chunks 2 3 2",
		"claimant element 512 768 0", "challenger element 700 701 188",
		"claimant position 0 32 0", "challenger position 30 32 15",
		"claimant position 30 32 0", "challenger position 31 32 1",
	}, told)
	var events []string
	for _, e := range c.Ctx.EventManager().Events() {
		if e.Type == "minga.job.v1.EventMoved" {
			view, _ := e.GetAttribute("view")
			events = append(events, view.Value)
		}
	}
	require.Len(t, events, len(told))
	require.Contains(t, events[len(events)-1], `"operator":"matmul"`)
	c.next()
	list, err := queries{c.k}.Disputes(c.Ctx, &QueryDisputesRequest{Job: job})
	require.NoError(t, err)
	require.Equal(t, []QueryDisputeResponse{c.seen(id)}, list.Disputes)
	require.Equal(t, c.w[1], list.Disputes[0].View.Winner)
	_, err = queries{c.k}.Dispute(c.Ctx, &QueryDisputeRequest{Id: 99})
	require.ErrorIs(t, err, ErrDispute)
}

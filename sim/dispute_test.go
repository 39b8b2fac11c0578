package sim_test

import (
	"context"
	"errors"
	"math/rand"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/minga-network/minga/daemon"
	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/kind"
	"github.com/minga-network/minga/sim"
	"github.com/minga-network/minga/train"
	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/job"
)

// stake is what the jobs of sim.Spec lock.
const stake = 5_000_000

// contest is a village where ana has posted a job, about which there will be a dispute.
type contest struct {
	*sim.Village
	ana    *sim.Person
	people []*sim.Person
	job    uint64
	want   *train.Result // of an execution outside the network
	lie    int           // the step that liars lie about, counted from 1 over the whole run
	before int64         // what all people together had at first
}

// everybody are the people who have coins.
var everybody = []string{"ana", "liar", "fabio", "gloria", "elena", "friend"}

// newContest registers workers. Each asks for more than the one before, so the first one trains.
func newContest(v *sim.Village, names ...string) *contest {
	c := &contest{Village: v}
	c.ana = c.Person("ana")
	for i, name := range names {
		p := c.Person(name)
		c.Register(p, int64(i+1), "train")
		c.people = append(c.people, p)
	}
	c.before = c.Wealth(append(c.people, c.ana)...)
	return c
}

// post posts the job, and trains the same model outside the network.
func (c *contest) post() {
	c.Helper()
	text := sim.Text("ana", 200)
	data := c.Publish(c.ana, text)
	spec := sim.Spec(steps, 1, data)
	c.Put(c.ana, []byte(spec))
	s, err := kind.Training([]byte(spec))
	require.NoError(c, err)
	b, err := kernel.New("", 1)
	require.NoError(c, err)
	have := []train.Data{{Asset: asset.Denom(data), Bytes: []byte(text)}}
	plan, err := train.NewPlan(s, have)
	require.NoError(c, err)
	c.want, err = train.Run(c.Ctx, plan, b, train.Options{})
	require.NoError(c, err)
	c.lie = plan.Phases[0].Steps + plan.Phases[1].Steps + 1 + rand.Intn(steps)
	c.job = c.Post(c.ana, c.Terms(c.ana, spec))
}

// honest starts a daemon that does its work, lying one that flips a bit.
func (c *contest) honest(p *sim.Person) (stop func()) {
	w := c.Config(p)
	return c.Start(func(ctx context.Context) error { return daemon.Run(ctx, w) })
}

func (c *contest) lying(p *sim.Person) (stop func()) {
	w := c.Config(p)
	w.Observe = sim.Lie(c.lie)
	return c.Start(func(ctx context.Context) error { return daemon.Run(ctx, w) })
}

// dispute waits until the dispute that somebody opened has ended, and returns it.
func (c *contest) dispute(challenger *sim.Person) (d job.QueryDisputeResponse) {
	c.Helper()
	c.Until(func() bool {
		for _, d = range c.Disputes(c.job) {
			if d.Dispute.Challenger == challenger.Signer.String() && d.Dispute.Ended != 0 {
				return true
			}
		}
		return false
	})
	c.Logf("dispute %d: %s: %s, %d exchanges, %d blocks, largest message %d; %v, %s: %s claimed, %s correct",
		d.Dispute.Id, d.Dispute.Reason, d.View.Stage, d.View.Exchanges, d.View.Blocks, d.View.LargestMessage,
		d.View.Places, d.View.Operator, d.View.Claimed, d.View.Correct)
	return d
}

// won checks that somebody won a dispute and that the other one lost a stake.
func (c *contest) won(d job.QueryDisputeResponse, winner *sim.Person) {
	c.Helper()
	require.Equal(c, winner.Signer.String(), d.Dispute.Winner)
	require.EqualValues(c, stake, d.Dispute.Slashed.Int64())
}

// truth waits until the job is paid, and checks that its bits are those of an execution outside the network.
func (c *contest) truth(by *sim.Person) {
	c.Helper()
	j := c.Await(c.job, job.StatePaid)
	require.Equal(c, by.Signer.String(), j.Worker)
	require.Equal(c, c.want.Trace[:], j.Claim.Trace)
	require.Equal(c, c.want.StateHash[:], j.Claim.State)
}

// burned checks that people together have lost just this amount since the beginning.
func (c *contest) burned(amount int64) {
	c.Helper()
	require.Equal(c, c.before-amount, c.Wealth(append(c.people, c.ana)...))
}

// TestLiarIsFound has a worker flip one bit of one gradient. Its checker finds that, and the chain
// executes one step and says who is right. Then the job is done again.
func TestLiarIsFound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newContest(sim.NewVillage(t, everybody...), "liar", "fabio", "gloria")
		liar, fabio, gloria := c.people[0], c.people[1], c.people[2]
		c.post()
		c.lying(liar)
		c.Await(c.job, job.StateClaimed)
		c.honest(fabio)
		d := c.dispute(fabio)
		c.won(d, fabio)
		require.EqualValues(t, c.lie, d.View.At("steps"))
		require.Equal(t, "matmul_tn", d.View.Operator)
		require.NotEqual(t, d.View.Claimed, d.View.Correct)
		require.LessOrEqual(t, d.View.LargestMessage, uint32(16<<10))
		require.EqualValues(t, sim.Stake-stake, c.Record(liar).Stake.Int64())
		require.EqualValues(t, sim.Purse-sim.Stake+stake/2, c.Balance(fabio))

		c.honest(gloria)
		c.truth(fabio)
		require.EqualValues(t, sim.Stake-stake, c.Record(liar).Stake.Int64())
		for _, p := range c.people {
			require.True(t, c.Record(p).Locked.IsZero(), p.Name)
		}
		c.burned(stake / 2)
	})
}

// TestSilentLiar has a liar stop after its claim.
func TestSilentLiar(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newContest(sim.NewVillage(t, everybody...), "liar", "fabio")
		c.post()
		stop := c.lying(c.people[0])
		c.Await(c.job, job.StateClaimed)
		stop()
		c.honest(c.people[1])
		d := c.dispute(c.people[1])
		c.won(d, c.people[1])
		require.Contains(t, d.Dispute.Reason, "claimant did not move in time")
		require.EqualValues(t, sim.Stake-stake, c.Record(c.people[0]).Stake.Int64())
	})
}

// TestConcedingClaimant has the author of a true claim say nothing against a friend, who denies it. The honest checker
// that has confirmed the claim answers in its place and wins.
func TestConcedingClaimant(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newContest(sim.NewVillage(t, everybody...), "elena", "gloria")
		elena, gloria, friend := c.people[0], c.people[1], c.Person("friend")
		c.Register(friend, 0, "infer")
		c.post()
		stop := c.honest(elena)
		c.Await(c.job, job.StateClaimed)
		stop()
		c.Send(friend.Signer, &job.MsgChallenge{Challenger: friend.Signer.String(), Job: c.job, Target: "trace"})
		c.lying(friend)
		c.honest(gloria)
		c.won(c.dispute(friend), gloria)
		c.truth(elena)
		require.Equal(t, gloria.Signer.String(), c.Job(c.job).Defender)
		require.NotZero(t, c.Job(c.job).Asset)
		require.EqualValues(t, sim.Stake-stake, c.Record(elena).Stake.Int64())
		require.EqualValues(t, sim.Stake-stake, c.Record(friend).Stake.Int64())
		require.EqualValues(t, sim.Stake, c.Record(gloria).Stake.Int64())
		require.EqualValues(t, sim.Purse-sim.Stake+stake/2+1_000_000, c.Balance(gloria), "for its answers and its check")
	})
}

// TestAccomplice has a friend of the liar challenge the claim too, and lose on purpose. The honest
// checker's dispute goes on all the same.
func TestAccomplice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newContest(sim.NewVillage(t, everybody...), "liar", "fabio")
		liar, fabio, friend := c.people[0], c.people[1], c.Person("friend")
		c.Register(friend, 0, "infer")
		c.people = append(c.people, friend)
		c.before += c.Wealth(friend)
		c.post()
		c.lying(liar)
		c.Await(c.job, job.StateClaimed)
		c.Send(friend.Signer, &job.MsgChallenge{Challenger: friend.Signer.String(), Job: c.job, Target: "trace"})
		c.lying(friend)
		c.honest(fabio)
		c.won(c.dispute(fabio), fabio)
		c.won(c.dispute(friend), liar)
		require.EqualValues(t, sim.Stake-stake, c.Record(liar).Stake.Int64())
		require.EqualValues(t, sim.Stake-stake, c.Record(friend).Stake.Int64())
	})
}

// TestNoSeat has a worker find two lies about one job. When the second one is claimed, a friend of the
// liar has the only seat. Who has done the work challenges the claim without a seat.
func TestNoSeat(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newContest(sim.NewVillage(t, everybody...), "liar", "elena", "friend")
		elena, friend, fabio := c.people[1], c.people[2], c.Person("fabio")
		c.Register(fabio, 1000, "train") // too expensive to train
		c.post()
		c.lying(c.people[0])
		c.Await(c.job, job.StateClaimed)
		stop := c.honest(fabio)
		c.won(c.dispute(fabio), fabio)
		stop()

		c.lying(elena)
		c.Await(c.job, job.StateClaimed)
		c.Until(func() bool {
			_, err := c.Client.Send(c.Ctx, friend.Signer, &job.MsgCheck{Worker: friend.Signer.String(), Job: c.job})
			require.True(t, err == nil || errors.Is(err, job.ErrTurn), "%v", err)
			return err == nil
		})
		c.honest(fabio)
		c.Await(c.job, job.StateOpen)
		second := c.Disputes(c.job)[1].Dispute
		require.Equal(t, []string{elena.Signer.String(), fabio.Signer.String(), fabio.Signer.String()},
			[]string{second.Claimant, second.Challenger, second.Winner})
		require.EqualValues(t, stake, second.Bond.Int64())
		require.EqualValues(t, sim.Stake-stake, c.Record(elena).Stake.Int64())
		require.EqualValues(t, sim.Purse-sim.Stake+stake/2+stake/2, c.Balance(fabio))
	})
}

// TestFalseChallenger has a liar deny an honest claim, while the claimant is busy with a training that
// does not end.
func TestFalseChallenger(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newContest(sim.NewVillage(t, everybody...), "elena", "liar", "gloria")
		elena, liar, gloria := c.people[0], c.people[1], c.people[2]
		c.post()
		c.honest(elena)
		c.Await(c.job, job.StateClaimed)
		endless := sim.Spec(50_000, 0, c.Publish(c.ana, sim.Text("somebody", 200)))
		c.Put(c.ana, []byte(endless))
		terms := c.Terms(c.ana, endless)
		c.before -= terms.Budget.Int64() // it stays in escrow
		c.Await(c.Post(c.ana, terms), job.StateTaken)
		c.lying(liar)
		c.won(c.dispute(liar), elena)
		c.honest(gloria)
		c.truth(elena)
		require.EqualValues(t, sim.Stake-stake, c.Record(liar).Stake.Int64())
		c.burned(stake - stake/2)
	})
}

// TestKillWhileDisputing kills both sides in the middle of their dispute, one after the other. They go
// on, and who is right wins.
func TestKillWhileDisputing(t *testing.T) {
	t.Parallel()
	c := newContest(sim.NewNetwork(t, everybody...))
	c.post()
	liar := newLiar(c.Village, "liar", c.lie)
	c.Register(liar.Person, 1, "train")
	fabio := newProcess(c.Village, "fabio")
	c.Register(fabio.Person, 4, "train") // too dear to train: it checks, later
	liar.free()
	c.Await(c.job, job.StateClaimed)
	fabio.free()
	moves := 0
	for _, p := range []*process{liar, fabio} {
		moves += 1 + rand.Intn(5)
		c.Until(func() bool {
			all := c.Disputes(c.job)
			return len(all) > 0 && len(all[0].Dispute.Moves) >= moves
		})
		t.Logf("kill -9 of %s after %d moves", p.Name, moves)
		p.kill()
		p.again()
		p.free()
	}
	c.won(c.dispute(fabio.Person), fabio.Person)
}

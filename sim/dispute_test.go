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

// court is a village with a job of ana's about which there will be a dispute.
type court struct {
	*sim.Village
	ana    *sim.Person
	people []*sim.Person
	job    uint64
	want   *train.Result // of an execution apart from the network
	lie    int           // the step, from 1 over the whole run, that liars lie about
	before int64         // what everybody has together
}

// everybody has coins.
var everybody = []string{"ana", "liar", "fabio", "gloria", "elena", "friend"}

// convene registers workers, the cheapest first, which is who comes first to train.
func convene(v *sim.Village, names ...string) *court {
	c := &court{Village: v}
	c.ana = c.Person("ana")
	for i, name := range names {
		p := c.Person(name)
		c.Register(p, int64(i+1), "train")
		c.people = append(c.people, p)
	}
	c.before = c.Wealth(append(c.people, c.ana)...)
	return c
}

// post posts the job and trains it apart from the network.
func (c *court) post() {
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

// honest and lying start daemons.
func (c *court) honest(p *sim.Person) (stop func()) {
	w := c.Config(p)
	return c.Start(func(ctx context.Context) error { return daemon.Run(ctx, w) })
}

func (c *court) lying(p *sim.Person) (stop func()) {
	w := c.Config(p)
	w.Observe = sim.Lie(c.lie)
	return c.Start(func(ctx context.Context) error { return daemon.Run(ctx, w) })
}

// dispute is the one that somebody opened, once it has ended.
func (c *court) dispute(challenger *sim.Person) (d job.QueryDisputeResponse) {
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

// won checks that somebody won a dispute and what the other lost.
func (c *court) won(d job.QueryDisputeResponse, winner *sim.Person) {
	c.Helper()
	require.Equal(c, winner.Signer.String(), d.Dispute.Winner)
	require.EqualValues(c, stake, d.Dispute.Slashed.Int64())
}

// truth awaits that the job is paid with the bits of an execution apart.
func (c *court) truth(by *sim.Person) {
	c.Helper()
	j := c.Await(c.job, job.StatePaid)
	require.Equal(c, by.Signer.String(), j.Worker)
	require.Equal(c, c.want.Trace[:], j.Claim.Trace)
	require.Equal(c, c.want.StateHash[:], j.Claim.State)
}

// burned checks that this is all that has gone of what everybody had.
func (c *court) burned(amount int64) {
	c.Helper()
	require.Equal(c, c.before-amount, c.Wealth(append(c.people, c.ana)...))
}

// TestLiarIsFound has a worker flip one bit of one gradient: its checker finds it,
// and the chain, executing one step, says who is right. The job is then done again.
func TestLiarIsFound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := convene(sim.NewVillage(t, everybody...), "liar", "fabio", "gloria")
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

// TestSilentLiar has a liar go away after its claim.
func TestSilentLiar(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := convene(sim.NewVillage(t, everybody...), "liar", "fabio")
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

// TestAccomplice has a friend of the liar challenge the claim as well, and lose on
// purpose: that settles nothing for the honest checker.
func TestAccomplice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := convene(sim.NewVillage(t, everybody...), "liar", "fabio")
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

// TestNoSeat has a checker find two lies about one job, of which the second comes when
// a friend of the liar has the only seat: whoever has done the work objects anyway.
func TestNoSeat(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := convene(sim.NewVillage(t, everybody...), "liar", "elena", "friend")
		elena, friend, fabio := c.people[1], c.people[2], c.Person("fabio")
		c.Register(fabio, 1000, "train") // too dear to train
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

// TestFalseChallenger has a liar check an honest claim, while the claimant is busy
// with a training that does not end.
func TestFalseChallenger(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := convene(sim.NewVillage(t, everybody...), "elena", "liar", "gloria")
		elena, liar, gloria := c.people[0], c.people[1], c.people[2]
		c.post()
		c.honest(elena)
		c.Await(c.job, job.StateClaimed)
		endless := sim.Spec(1_000_000, 0, c.Publish(c.ana, sim.Text("somebody", 200)))
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

// TestKillWhileDisputing kills both sides in the middle of their dispute, one after
// the other: they go on, and who is right wins.
func TestKillWhileDisputing(t *testing.T) {
	t.Parallel()
	c := convene(sim.NewNetwork(t, everybody...))
	c.post()
	liar := newLiar(c.Village, "liar", c.lie)
	c.Register(liar.Person, 1, "train")
	liar.free()
	c.Await(c.job, job.StateClaimed)
	fabio := newProcess(c.Village, "fabio")
	c.Register(fabio.Person, 2, "train")
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

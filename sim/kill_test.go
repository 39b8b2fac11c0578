package sim_test

import (
	"context"
	"math/rand"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/minga-network/minga/daemon"
	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/kind"
	"github.com/minga-network/minga/sim"
	"github.com/minga-network/minga/train"
	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/job"
)

// steps is how many steps the jobs here have. There is a checkpoint after each tenth step.
const steps, every = 300, 10

// TestKillWhileTraining kills the worker at random steps, and at the last one, when it may have sent its
// claim. The job ends as if nothing had happened.
func TestKillWhileTraining(t *testing.T) {
	for _, at := range []int{1 + rand.Intn(steps-1), 1 + rand.Intn(steps-1), steps} {
		v := sim.NewNetwork(t, "ana", "elena", "fabio")
		elena := newProcess(v, "elena")
		v.Register(elena.Person, 1, "train")
		startDaemon(v, 2, "fabio")
		id, want := postJob(v)
		killAt(t, elena, daemon.RoleTrain, at)
		sameEnd(v, id, want, elena.Person)
	}
}

// TestKillWhileChecking does the same to the checker.
func TestKillWhileChecking(t *testing.T) {
	v := sim.NewNetwork(t, "ana", "elena", "fabio")
	startDaemon(v, 1, "elena")
	fabio := newProcess(v, "fabio")
	v.Register(fabio.Person, 2, "train")
	id, want := postJob(v)
	killAt(t, fabio, daemon.RoleCheck, 1+rand.Intn(steps-1))
	sameEnd(v, id, want, fabio.Person)
}

// killAt kills a worker after a step and starts it again. The worker goes on from its last checkpoint.
// After the last step it is killed while it claims.
func killAt(t *testing.T, p *process, role daemon.Role, at int) {
	t.Helper()
	t.Logf("kill -9 at step %d of %d", at, steps)
	p.reach(role, at)
	if at == steps {
		p.free()
	}
	p.kill()
	p.again()
	if at < steps {
		require.Equal(t, at/every*every+1, p.step(role), "the step that it goes on with")
	}
	p.free()
}

func startDaemon(v *sim.Village, price int64, name string) {
	p := v.Person(name)
	v.Register(p, price, "train")
	c := v.Config(p)
	v.Start(func(ctx context.Context) error { return daemon.Run(ctx, c) })
}

// postJob posts a job with a checker, and trains the same model outside the network.
func postJob(v *sim.Village) (id uint64, want *train.Result) {
	ana := v.Person("ana")
	text := sim.Text("ana", 200)
	data := v.Publish(ana, text)
	spec := sim.Spec(steps, 1, data)
	v.Put(ana, []byte(spec))
	id = v.Post(ana, v.Terms(ana, spec))

	s, err := kind.Training([]byte(spec))
	require.NoError(v, err)
	b, err := kernel.New("", 2)
	require.NoError(v, err)
	p, err := train.NewPlan(s, []train.Data{{Asset: asset.Denom(data), Bytes: []byte(text)}})
	require.NoError(v, err)
	want, err = train.Run(v.Ctx, p, b, train.Options{})
	require.NoError(v, err)
	return id, want
}

// sameEnd waits until a job is paid, and checks that its bits are those of a run that nobody disturbed
// and that the worker that was killed still has all its stake.
func sameEnd(v *sim.Village, id uint64, want *train.Result, killed *sim.Person) {
	v.Helper()
	j := v.Await(id, job.StatePaid)
	require.Equal(v, want.StateHash[:], j.Claim.State)
	require.Equal(v, want.Trace[:], j.Claim.Trace)
	require.Equal(v, j.Claim, j.Checks[0].Report)
	w := v.Record(killed)
	require.EqualValues(v, sim.Stake, w.Stake.Int64())
	require.True(v, w.Locked.IsZero())
	require.EqualValues(v, 1, w.Done)
	require.EqualValues(v, 0, w.Failed)
}

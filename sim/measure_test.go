package sim_test

import (
	"context"
	"math/big"
	"math/rand/v2"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/minga-network/minga/daemon"
	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/kind"
	"github.com/minga-network/minga/rule/contribution"
	"github.com/minga-network/minga/sim"
	"github.com/minga-network/minga/train"
	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/job"
)

// training is a village where ana has posted a job with the data of four contributors. Ana and carla have
// texts of their own, noise has random bytes, and copycat has a part of ana's text.
type training struct {
	*sim.Village
	ana  *sim.Person
	spec string
	data []train.Data
	job  uint64
}

const (
	mainSteps = 40 // of the job's own training
	runSteps  = 30 // of a run that measures
)

// postTraining publishes the texts and posts the job.
func postTraining(v *sim.Village) *training {
	v.Helper()
	g := &training{Village: v, ana: v.Person("ana")}
	r := rand.New(rand.NewPCG(7, 7))
	noise := make([]byte, 2000)
	for i := range noise {
		noise[i] = byte(33 + r.IntN(90))
		if i%50 == 49 {
			noise[i] = '\n'
		}
	}
	ana := passage(v, 1, 4000)
	var datasets []uint64
	for _, c := range []struct{ name, text string }{{"ana", ana}, {"carla", passage(v, 2, 2000)}, {"noise", string(noise)},
		{"copycat", ana[500:3500]}} {
		p := g.ana
		if c.name != p.Name {
			p = v.Person(c.name)
		}
		id := v.Publish(p, c.text)
		datasets = append(datasets, id)
		g.data = append(g.data, train.Data{Asset: asset.Denom(id), Bytes: []byte(c.text)})
	}
	text, hidden := passage(v, 8, 1500), passage(v, 9, 1500)
	g.spec = sim.Measured(mainSteps, 1, v.Put(g.ana, []byte(text)), v.Put(g.ana, []byte(hidden)),
		datasets...)
	s := g.parsed()
	g.data = append(g.data, train.Data{Asset: s.Validation.Text, Bytes: []byte(text)},
		train.Data{Asset: s.Validation.Hidden, Bytes: []byte(hidden)})
	v.Put(g.ana, []byte(g.spec))
	g.job = v.Post(g.ana, v.Terms(g.ana, g.spec))
	return g
}

// passage is a part of a book. Each number gives another part.
func passage(v *sim.Village, number, size int) string {
	v.Helper()
	book, err := os.ReadFile("../examples/commons/moby-dick.txt")
	require.NoError(v, err)
	return string(book[20_000*number:][:size])
}

func (g *training) parsed() *train.Spec {
	g.Helper()
	s, err := kind.Training([]byte(g.spec))
	require.NoError(g, err)
	return s
}

// measured has the job measured as soon as it is claimed, and waits until its model is minted.
func (g *training) measured() job.Measured {
	g.Helper()
	g.Await(g.job, job.StateClaimed, job.StateWaiting)
	g.Measure(g.ana, g.job)
	began, first := time.Now(), g.height()
	g.Await(g.job, job.StatePaid)
	m, spent := g.Measured(g.job), time.Since(began)
	g.Logf("%d runs in %.1f s and %d blocks: %.0f a minute", m.Runs, spent.Seconds(), g.height()-first,
		float64(m.Runs)/spent.Minutes())
	require.Empty(g, m.Reason)
	return m
}

func (g *training) height() (height int64) {
	g.Helper()
	for height = range g.Client.Blocks(g.Ctx) {
		break
	}
	return height
}

// truth is what the runs measure of portions and datasets, computed outside the network.
func (g *training) truth() (portions, datasets []*big.Rat) {
	g.Helper()
	m, err := train.NewMeasure(g.parsed(), g.data)
	require.NoError(g, err)
	b, err := kernel.New("", 1)
	require.NoError(g, err)
	utilities := make([]*big.Rat, len(m.Design.Coalitions))
	var credits []float32
	for run := range utilities {
		p, err := m.Plan(run)
		require.NoError(g, err)
		r, err := train.Run(g.Ctx, p, b, train.Options{})
		require.NoError(g, err)
		utilities[run] = contribution.Utility(r.LossFirst, r.LossLast)
		if run == 0 {
			credits = r.Model.Extra[1].Data[2:]
		}
	}
	portions, err = m.Design.Values(utilities)
	require.NoError(g, err)
	datasets = make([]*big.Rat, 4)
	for i := range datasets {
		datasets[i] = new(big.Rat)
	}
	for i, value := range contribution.Inside(portions, m.Segments, credits) {
		d := datasets[m.Segments[i].Dataset]
		d.Add(d, value)
	}
	return portions, datasets
}

// same compares decimals that the chain shows with exact values.
func (g *training) same(want []*big.Rat, got ...string) {
	g.Helper()
	require.Len(g, got, len(want))
	for i, text := range got {
		shown, ok := new(big.Rat).SetString(text)
		require.True(g, ok, text)
		off := shown.Sub(shown, want[i])
		require.True(g, off.Abs(off).Cmp(big.NewRat(1, 1e9)) < 0, "%d: %s is shown, it is %s", i, text,
			want[i].FloatString(12))
	}
}

// right compares what was measured with the truth, and checks that the noise and the copy earn nothing.
func (g *training) right(m job.Measured) {
	g.Helper()
	portions, datasets := g.truth()
	g.same(portions, m.Portions...)
	var values []string
	for _, v := range m.Values {
		values = append(values, v.Value)
	}
	g.Logf("values %v of portions %v", values, m.Portions)
	g.same(datasets, values...)
	require.Positive(g, m.Values[0].Shares)
	require.Positive(g, m.Values[1].Shares)
	require.Zero(g, m.Values[2].Shares)
	require.Zero(g, m.Values[3].Shares)
	r, err := asset.NewQueryClient(g.Client).Asset(g.Ctx, &asset.QueryAssetRequest{Id: g.Job(g.job).Asset})
	require.NoError(g, err)
	for i, v := range m.Values {
		require.Equal(g, asset.Part{Holder: r.Asset.Parts[i].Holder, Role: "data", Asset: v.Dataset, Shares: v.Shares,
			Value: v.Value}, r.Asset.Parts[i])
	}
}

// TestMeasured has two workers train and measure, and check each other's runs.
func TestMeasured(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := sim.NewVillage(t, "ana", "carla", "noise", "copycat", "elena", "fabio")
		startDaemon(v, 1, "elena")
		startDaemon(v, 2, "fabio")
		g := postTraining(v)
		g.right(g.measured())
		done := map[string]int{}
		for _, r := range g.Runs(g.job) {
			require.Equal(t, job.StatePaid, r.State)
			require.Len(t, r.Checks, 1)
			done[r.Worker]++
		}
		t.Logf("runs by worker %v", done)
		require.Len(t, done, 2)
	})
}

// TestLiarInARun has a worker lie in the runs that measure. Whoever is drawn to check finds the lie, a
// scalar step decides, and the values are the true ones.
func TestLiarInARun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := sim.NewVillage(t, "ana", "carla", "noise", "copycat", "elena", "fabio", "liar")
		startDaemon(v, 2, "elena")
		startDaemon(v, 3, "fabio")
		g := postTraining(v)
		g.Await(g.job, job.StateClaimed, job.StateWaiting)
		m, err := train.NewMeasure(g.parsed(), g.data)
		require.NoError(t, err)
		p, err := m.Plan(0)
		require.NoError(t, err)
		lie := p.Phases[0].Steps + p.Phases[1].Steps + 1 + rand.IntN(runSteps)
		liar := v.Person("liar")
		v.Register(liar, 1, "train")
		w := v.Config(liar)
		w.Observe = sim.Lie(lie)
		stop := v.Start(func(ctx context.Context) error { return daemon.Run(ctx, w) })
		g.Measure(g.ana, g.job)
		d := g.decided(liar.Signer.String())
		t.Logf("dispute %d about job %d: %v, %s", d.Dispute.Id, d.Dispute.Job, d.View.Places, d.View.Operator)
		require.Equal(t, d.Dispute.Challenger, d.Dispute.Winner)
		require.Equal(t, "the disputed step was executed", d.Dispute.Reason)
		require.EqualValues(t, lie, d.View.At("steps"))
		require.Equal(t, "matmul_tn", d.View.Operator)
		stop()
		g.Await(g.job, job.StatePaid)
		measured := g.Measured(g.job)
		require.Empty(t, measured.Reason)
		g.right(measured)
	})
}

// decided waits until a dispute about a run that somebody claimed has ended, and returns it. (A liar that
// checks a true claim begins a dispute too, which is not meant here.)
func (g *training) decided(claimant string) (d job.QueryDisputeResponse) {
	g.Helper()
	g.Until(func() bool {
		for _, r := range g.Runs(g.job) {
			for _, d = range g.Disputes(r.Id) {
				if d.Dispute.Ended != 0 && d.Dispute.Claimant == claimant {
					return true
				}
			}
		}
		return false
	})
	return d
}

// TestKillWhileMeasuring kills a worker in the middle of a run. The worker does that run again and loses
// nothing.
func TestKillWhileMeasuring(t *testing.T) {
	t.Parallel()
	v := sim.NewNetwork(t, "ana", "carla", "noise", "copycat", "elena", "fabio", "gloria")
	elena := newProcess(v, "elena")
	v.Register(elena.Person, 1, "train")
	startDaemon(v, 2, "fabio") // too dear to train: both do the other runs, and check while elena is away
	startDaemon(v, 3, "gloria")
	g := postTraining(v)
	elena.reach(daemon.RoleTrain, mainSteps)
	_, err := elena.more.Write([]byte{0})
	require.NoError(t, err)
	g.Await(g.job, job.StateClaimed, job.StateWaiting)
	g.Measure(g.ana, g.job)
	elena.reach(daemon.RoleTrain, runSteps/2)
	elena.kill()
	elena.again()
	require.Equal(t, 1, elena.step(daemon.RoleTrain))
	elena.free()
	g.Await(g.job, job.StatePaid)
	g.right(g.Measured(g.job))
	w := v.Record(elena.Person)
	require.EqualValues(t, sim.Stake, w.Stake.Int64())
	require.True(t, w.Locked.IsZero())
	require.EqualValues(t, 0, w.Failed)
	done := 1 // the training
	for _, r := range g.Runs(g.job) {
		if r.Worker == elena.Signer.String() {
			done++
		}
	}
	require.Greater(t, done, 1)
	require.GreaterOrEqual(t, int(w.Done), done)
}

package daemon_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/stretchr/testify/require"

	"github.com/minga-network/minga/daemon"
	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/kind"
	"github.com/minga-network/minga/sim"
	"github.com/minga-network/minga/train"
	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/job"
)

// stake is what the jobs here lock, check what they pay a checker.
const stake, check = 5_000_000, 1_000_000

// start runs an honest daemon.
func start(v *sim.Village, p *sim.Person) {
	c := v.Config(p)
	v.Start(func(ctx context.Context) error { return daemon.Run(ctx, c) })
}

// counted is a counter of this process, as the metrics page shows it.
func counted(t *testing.T, series string) float64 {
	t.Helper()
	w := httptest.NewRecorder()
	promhttp.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	for line := range strings.Lines(w.Body.String()) {
		if value, ok := strings.CutPrefix(line, series+" "); ok {
			var n float64
			_, err := fmt.Sscan(value, &n)
			require.NoError(t, err)
			return n
		}
	}
	return 0
}

func refused(t *testing.T, reason string) float64 {
	t.Helper()
	return counted(t, fmt.Sprintf("minga_worker_refusals_total{reason=%q}", reason))
}

// truth is what an execution outside the network gives.
func truth(t *testing.T, spec string, data ...train.Data) *train.Result {
	t.Helper()
	s, err := kind.Training([]byte(spec))
	require.NoError(t, err)
	b, err := kernel.New("", 1)
	require.NoError(t, err)
	p, err := train.NewPlan(s, data)
	require.NoError(t, err)
	r, err := train.Run(t.Context(), p, b, train.Options{})
	require.NoError(t, err)
	return r
}

// TestTrainAndCheck: one worker trains and another checks. The first one waits until somebody can check. The second one
// is started before it registers.
func TestTrainAndCheck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := sim.NewVillage(t, "ana", "elena", "fabio")
		ana, elena, fabio := v.Person("ana"), v.Person("elena"), v.Person("fabio")
		start(v, fabio)
		v.Register(elena, 2, "train")
		start(v, elena)
		text := sim.Text("ana", 100)
		data := v.Publish(ana, text)
		spec := sim.Spec(40, 1, data)
		v.Put(ana, []byte(spec))
		before := refused(t, "checkers")
		id := v.Post(ana, v.Terms(ana, spec))
		v.Until(func() bool { return refused(t, "checkers") > before })
		require.Equal(t, job.StateOpen, v.Job(id).State, "nobody could check it")
		v.Register(fabio, 4, "train") // too dear to train
		j := v.Await(id, job.StatePaid)

		want := truth(t, spec, train.Data{Asset: asset.Denom(data), Bytes: []byte(text)})
		require.Equal(t, want.StateHash[:], j.Claim.State)
		require.Equal(t, want.Trace[:], j.Claim.Trace)
		require.Equal(t, want.Tokens, j.Terms.Train.Used)
		require.Equal(t, elena.Signer.String(), j.Worker)
		require.Len(t, j.Checks, 1)
		require.Equal(t, fabio.Signer.String(), j.Checks[0].Worker)
		require.Equal(t, uint64(1), v.Record(elena).Done)
		require.Equal(t, uint64(1), v.Record(fabio).Done)
		require.EqualValues(t, sim.Purse-sim.Stake+2*40*2*16, v.Balance(elena))
		require.EqualValues(t, sim.Purse-sim.Stake+check, v.Balance(fabio))

		// Both have nothing more to do, so they have removed their checkpoints.
		v.Until(func() bool { return empty(t, elena.Dir) && empty(t, fabio.Dir) })
	})
}

func empty(t *testing.T, dir string) bool {
	t.Helper()
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	return len(files) == 0
}

// TestRefusals: a worker does no jobs whose terms are not those of their file. It counts them.
func TestRefusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := sim.NewVillage(t, "ana", "elena")
		ana, elena := v.Person("ana"), v.Person("elena")
		long, short := v.Publish(ana, sim.Text("ana", 100)), v.Publish(ana, "too short\n")
		honest := v.Terms(ana, sim.Spec(10, 0, long))
		post := func(spec string, change func(*job.Terms)) uint64 {
			root := v.Put(ana, []byte(spec))
			terms, training := honest, *honest.Train
			terms.Spec, terms.Train = root[:], &training
			change(&terms)
			return v.Post(ana, terms)
		}
		same := func(*job.Terms) {}
		before := map[string]float64{}
		for _, r := range []string{"terms", "spec", "data"} {
			before[r] = refused(t, r)
		}
		bad := []uint64{
			post(sim.Spec(10, 0, long), func(t *job.Terms) { t.Units--; t.Train.Used = []uint64{t.Units} }),
			post(sim.Spec(10, 0, long), func(t *job.Terms) { t.Task = otherTask(v, t.Task) }),
			post(sim.Spec(11, 0, long), same), // more work than is paid for
			post(sim.Spec(10, 0, long), func(t *job.Terms) { t.Train.Split.Data, t.Train.Split.Creator = 0, 6500 }),
			post("steps = \"many\"", same),
			post(strings.Repeat("#", 65<<10), same),
			post(sim.Spec(10, 0, short), func(t *job.Terms) { t.Train.Datasets = []uint64{short} }),
		}
		good := post(sim.Spec(10, 0, long), same)
		v.Register(elena, 1, "train")
		start(v, elena)
		v.Await(good, job.StatePaid)
		for _, id := range bad {
			require.Equal(t, job.StateOpen, v.Job(id).State, "job %d", id)
		}
		for r, n := range map[string]float64{"terms": 4, "spec": 2, "data": 1} {
			require.Equal(t, before[r]+n, refused(t, r), r)
		}
	})
}

// otherTask is a task with another header. With it, a false claim could be defended.
func otherTask(v *sim.Village, task []byte) []byte {
	t, err := verify.DecodeTask(task)
	require.NoError(v, err)
	p, err := verify.ProgramsOf(t)
	require.NoError(v, err)
	p.Header.Root[7] ^= 1
	return t.Encode()
}

// TestMissingBlob: a worker asks again for a job file that nobody serves yet.
func TestMissingBlob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := sim.NewVillage(t, "ana", "elena")
		ana, elena := v.Person("ana"), v.Person("elena")
		spec := sim.Spec(10, 0, v.Publish(ana, sim.Text("ana", 100)))
		id := v.Post(ana, v.Terms(ana, spec))
		before := refused(t, "unreachable")
		v.Register(elena, 1, "train")
		start(v, elena)
		v.Until(func() bool { return refused(t, "unreachable") > before })
		require.Equal(t, job.StateOpen, v.Job(id).State)
		v.Put(ana, []byte(spec))
		v.Await(id, job.StatePaid)
	})
}

// TestLate: a worker stops working on a job that the chain has ended, and does the next one.
func TestLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := sim.NewVillage(t, "ana", "elena")
		ana, elena := v.Person("ana"), v.Person("elena")
		v.Register(elena, 1, "train")
		data := v.Publish(ana, sim.Text("ana", 100))
		endless := strings.Replace(sim.Spec(50_000, 0, data), "work = 300", "work = 8", 1)
		v.Put(ana, []byte(endless))
		const lost = `minga_worker_jobs_total{outcome="lost",role="train"}`
		before := counted(t, lost)
		start(v, elena)
		id := v.Post(ana, v.Terms(ana, endless))
		j := v.Await(id, job.StateFailed)
		require.Equal(t, elena.Signer.String(), j.Worker)
		v.Until(func() bool { return counted(t, lost) == before+1 })
		require.Equal(t, uint64(1), v.Record(elena).Failed)

		spec := sim.Spec(10, 0, data)
		v.Put(ana, []byte(spec))
		v.Await(v.Post(ana, v.Terms(ana, spec)), job.StatePaid)
	})
}

// TestTwoSlots: a worker does two jobs beside each other. It takes both before it claims one.
func TestTwoSlots(t *testing.T) {
	v := sim.NewVillage(t, "ana", "elena")
	ana, elena := v.Person("ana"), v.Person("elena")
	v.Register(elena, 1, "train")
	c := v.Config(elena)
	c.Cores = 2 * c.Threads
	begun := make(chan uint64, 2)
	both := make(chan struct{})
	c.Progress = func(id uint64, _ daemon.Role, p train.Progress) {
		if p.Step == 1 {
			begun <- id
			<-both // neither goes on before the other has begun
		}
	}
	spec := sim.Spec(10, 0, v.Publish(ana, sim.Text("ana", 100)))
	v.Put(ana, []byte(spec))
	one, other := v.Post(ana, v.Terms(ana, spec)), v.Post(ana, v.Terms(ana, spec))
	v.Start(func(ctx context.Context) error { return daemon.Run(ctx, c) })
	require.ElementsMatch(t, []uint64{one, other}, []uint64{<-begun, <-begun})
	close(both)
	v.Await(one, job.StatePaid)
	v.Await(other, job.StatePaid)
}

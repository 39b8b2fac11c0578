package worker_test

import (
	"context"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/minga-network/minga/sim"
	"github.com/minga-network/minga/worker"
	"github.com/minga-network/minga/x/job"
)

// postMeasured posts a job of two texts, others for each number, that is measured in two
// units, by three runs.
func postMeasured(v *sim.Village, p *sim.Person, n int) uint64 {
	book, err := os.ReadFile("../examples/commons/moby-dick.txt")
	require.NoError(v, err)
	spec := sim.Measured(10, 0, 1, v.Put(p, book[:1500]), v.Put(p, book[20_000:][:1500]),
		v.Publish(p, string(book[40_000+3000*n:][:1999])+"\n"), v.Publish(p, string(book[60_000+3000*n:][:1999])+"\n"))
	v.Put(p, []byte(spec))
	return v.Post(p, v.Terms(p, spec))
}

// measure is what the job's creator has to send.
func measure(v *sim.Village, p *sim.Person, id uint64) *job.MsgMeasure {
	spec, m, err := worker.Measuring(v.Ctx, v.Client, p.Store, v.Job(id))
	require.NoError(v, err)
	says, err := worker.Measure(spec, m)
	require.NoError(v, err)
	return &job.MsgMeasure{Creator: p.Signer.String(), Job: id, Measure: says}
}

// TestRunRefusals leaves runs alone that are not those of their job's spec.
func TestRunRefusals(t *testing.T) {
	v := sim.NewVillage(t, "ana", "elena")
	ana, elena := v.Person("ana"), v.Person("elena")
	v.Register(elena, 1, "train")
	start(v, elena)
	for i, c := range []struct {
		name    string
		change  func(*job.Measure)
		refused []int
	}{
		{"true", func(*job.Measure) {}, nil},
		{"other runs", func(m *job.Measure) { m.Tasks[1], m.Tasks[2] = m.Tasks[2], m.Tasks[1] }, []int{1, 2}},
		{"other units", func(m *job.Measure) { m.Units[2]++ }, []int{2}},
		{"less work time", func(m *job.Measure) { m.Work-- }, []int{0, 1, 2}},
		{"other segments", func(m *job.Measure) { m.Segments[0].Bytes++ }, []int{0, 1, 2}},
	} {
		id := postMeasured(v, ana, i)
		v.Await(id, job.StateMeasuring)
		msg := measure(v, ana, id)
		c.change(&msg.Measure)
		before := refused(t, "terms")
		v.Send(ana.Signer, msg)
		if len(c.refused) == 0 {
			v.Await(id, job.StatePaid)
			continue
		}
		v.Until(func() bool {
			return refused(t, "terms") == before+float64(len(c.refused)) && int(v.Measured(id).Left) == len(c.refused)
		})
		for _, run := range c.refused {
			require.Equal(t, job.StateOpen, v.Runs(id)[run].State, "%s: run %d", c.name, run)
		}
	}
}

// TestMemory leaves a job to machines that are larger.
func TestMemory(t *testing.T) {
	v := sim.NewVillage(t, "ana", "elena")
	ana, elena := v.Person("ana"), v.Person("elena")
	v.Register(elena, 1, "train")
	before := refused(t, "memory")
	c := v.Config(elena)
	c.Memory = 1000
	stop := v.Start(func(ctx context.Context) error { return worker.Run(ctx, c) })
	id := postMeasured(v, ana, 0)
	v.Until(func() bool { return refused(t, "memory") == before+1 })
	require.Equal(t, job.StateOpen, v.Job(id).State)
	stop()
	c.Memory = 1 << 30
	v.Start(func(ctx context.Context) error { return worker.Run(ctx, c) })
	v.Await(id, job.StateMeasuring)
	v.Send(ana.Signer, measure(v, ana, id))
	v.Await(id, job.StatePaid)
}

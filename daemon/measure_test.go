package daemon_test

import (
	"bytes"
	"context"
	"os"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/minga-network/minga/daemon"
	"github.com/minga-network/minga/kind"
	"github.com/minga-network/minga/sim"
	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/x/job"
)

// postMeasured posts a job with two texts, which are measured in two portions by three runs. Each number gives
// other texts.
func postMeasured(v *sim.Village, p *sim.Person, n int) uint64 {
	book, err := os.ReadFile("../examples/commons/moby-dick.txt")
	require.NoError(v, err)
	spec := sim.Measured(10, 0, v.Put(p, book[:1500]), v.Put(p, book[20_000:][:1500]),
		v.Publish(p, string(book[40_000+3000*n:][:1999])+"\n"), v.Publish(p, string(book[60_000+3000*n:][:1999])+"\n"))
	v.Put(p, []byte(spec))
	return v.Post(p, v.Terms(p, spec))
}

// measure is what the job's creator has to send.
func measure(v *sim.Village, p *sim.Person, id uint64) *job.MsgMeasure {
	return &job.MsgMeasure{Creator: p.Signer.String(), Job: id, Measure: v.Measuring(p, id).Says}
}

// program is the root of the Program of a task that trains.
func program(task []byte) []byte {
	t, err := verify.DecodeTask(task)
	if err != nil {
		return nil
	}
	p, err := verify.ProgramsOf(t)
	if err != nil {
		return nil
	}
	return p.Phases[2].Program[:]
}

// TestTheChainWritesTheTasksOfRuns: from the tasks of the shapes the chain makes those that the runs' plans have.
func TestTheChainWritesTheTasksOfRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := sim.NewVillage(t, "ana")
		ana := v.Person("ana")
		id := postMeasured(v, ana, 0)
		m, j := v.Measuring(ana, id), v.Job(id)
		runs, err := job.Runs(&j, &m.Says)
		require.NoError(t, err)
		require.Equal(t, m.Runs, runs)
		require.Equal(t, len(m.Design.Coalitions), len(runs))
		for run, terms := range runs {
			p, err := m.Plan(run)
			require.NoError(t, err)
			require.Equal(t, kind.Task(p).Encode(), terms.Task, "run %d", run)
			require.Equal(t, m.Units(run), terms.Units)
		}
	})
}

// TestRunRefusals: a worker does no runs that are not those of their job's spec.
func TestRunRefusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := sim.NewVillage(t, "ana", "elena", "fabio")
		ana := v.Person("ana")
		for _, name := range []string{"elena", "fabio"} {
			v.Register(v.Person(name), 1, "train")
			start(v, v.Person(name))
		}
		for i, c := range []struct {
			name    string
			change  func(*job.Measure)
			refused []int
		}{
			{"true", func(*job.Measure) {}, nil},
			{"another Program", func(m *job.Measure) {
				m.Tasks[1] = bytes.Replace(m.Tasks[1], program(m.Tasks[1]), program(m.Tasks[0]), 1)
			}, []int{1, 2}},
			{"other tokens", func(m *job.Measure) { m.Units[1]++ }, []int{1, 2}},
			{"other windows", func(m *job.Measure) { m.Context-- }, []int{0, 1, 2}},
			{"another place of a unit", func(m *job.Measure) {
				m.Tokens[7], m.Tokens[8] = m.Tokens[7]-1, m.Tokens[8]+1
			}, []int{0, 1, 2}},
			{"less work time", func(m *job.Measure) { m.Work-- }, []int{0, 1, 2}},
			{"other segments", func(m *job.Measure) { m.Segments[0].Bytes++ }, []int{0, 1, 2}},
		} {
			id := postMeasured(v, ana, i)
			v.Await(id, job.StateWaiting)
			msg := measure(v, ana, id)
			c.change(&msg.Measure)
			before := refused(t, "terms")
			v.Send(ana.Signer, msg)
			if len(c.refused) == 0 {
				v.Await(id, job.StatePaid)
				continue
			}
			v.Until(func() bool {
				return refused(t, "terms") >= before+2*float64(len(c.refused)) && v.Left(id) == len(c.refused)
			})
			for _, run := range c.refused {
				require.Equal(t, job.StateOpen, v.Runs(id)[run].State, "%s: run %d", c.name, run)
			}
		}
	})
}

// TestMemory: a worker leaves a job to larger machines if it takes too much memory.
func TestMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := sim.NewVillage(t, "ana", "elena", "fabio")
		ana, elena, fabio := v.Person("ana"), v.Person("elena"), v.Person("fabio")
		v.Register(elena, 1, "train")
		before := refused(t, "memory")
		c := v.Config(elena)
		c.Memory = 1000
		stop := v.Start(func(ctx context.Context) error { return daemon.Run(ctx, c) })
		id := postMeasured(v, ana, 0)
		v.Until(func() bool { return refused(t, "memory") == before+1 })
		require.Equal(t, job.StateOpen, v.Job(id).State)
		stop()
		c.Memory = 1 << 30
		v.Start(func(ctx context.Context) error { return daemon.Run(ctx, c) })
		v.Await(id, job.StateWaiting)
		v.Register(fabio, 2, "train") // checks
		start(v, fabio)
		v.Send(ana.Signer, measure(v, ana, id))
		v.Await(id, job.StatePaid)
	})
}

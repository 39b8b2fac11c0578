package daemon

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/minga-network/minga/x/job"
	"github.com/minga-network/minga/x/worker"
)

// board30 has a job with a free seat, two jobs to train, one to serve, and 30 runs.
func board30() (b board) {
	seat := job.Job{Id: 1, State: job.StateClaimed, Seats: 1}
	b.claimed = []job.Job{seat}
	for i := range uint64(33) {
		j := job.Job{Id: 2 + i, State: job.StateOpen, Opened: 9}
		j.Terms.Kind = worker.Train
		switch {
		case i == 1:
			j.Terms.Kind = worker.Infer
		case i > 2:
			j.Terms.Parent = 99
		}
		b.open = append(b.open, j)
	}
	return b
}

func ids(all []held) (ids []uint64) {
	for _, h := range all {
		ids = append(ids, h.Id)
	}
	return ids
}

func TestWanted(t *testing.T) {
	var orders [][]uint64
	for w := range 3 {
		d := &daemon{me: fmt.Sprintf("worker %d", w)}
		got := ids(d.wanted(board30()))
		require.Len(t, got, 33)
		require.Equal(t, uint64(1), got[0])
		require.Equal(t, []uint64{2, 4}, got[31:], "jobs of their own come last, by id")
		orders = append(orders, got[1:31])
		require.True(t, slices.Min(got[1:31]) == 5 && slices.Max(got[1:31]) == 34)
	}
	// Three workers that take from the same board rarely want the same.
	clashes := 0
	for i := range 10 {
		if orders[0][i] == orders[1][i] || orders[1][i] == orders[2][i] || orders[0][i] == orders[2][i] {
			clashes++
		}
	}
	require.Less(t, clashes, 4)

	d := &daemon{me: "worker 0", busy: map[uint64]int{1: 0, 2: 1, 7: 1}}
	require.Len(t, d.wanted(board30()), 30)
}

func TestRoom(t *testing.T) {
	for _, c := range []struct {
		last, has, load int
		want            bool
	}{
		{0, 0, ahead, true}, // something long, with nothing else
		{9, 1, ahead, false},
		{9, ahead, 1, false}, // nothing beside it
		{0, 1, 1, true},
		{0, 2, 1, false},
		{3, 4, 1, true},
		{3, 5, 1, false},
		{99, ahead - 1, 1, true},
	} {
		p := &pace{now: c.last}
		p.block()
		require.Equal(t, c.want, p.room(c.has, c.load), "%+v", c)
	}
}

func TestQueue(t *testing.T) {
	b := board30()
	run, other := held{b.open[5], RoleTrain}, held{b.open[6], RoleTrain}
	require.Equal(t, run.queue(), other.queue())
	other.Opened++
	require.NotEqual(t, run.queue(), other.queue(), "one that was open again has its turns anew")
	require.NotEqual(t, held{b.open[0], RoleTrain}.queue(), held{b.open[2], RoleTrain}.queue())
	run.role = RoleCheck
	require.Equal(t, run.self(), run.queue(), "seats are drawn for each claim")
}

// TestOut: a message is under way until it has come to something, and then there is news.
func TestOut(t *testing.T) {
	o := newOut()
	goes := make(chan struct{})
	o.send(7, 3, func() {
		<-goes
		o.refuse(queue{job: 7})
	})
	require.Equal(t, map[uint64]int{7: 3}, o.under())
	require.Equal(t, 3, o.asked())
	select {
	case <-o.news:
		t.Fatal("news before it has arrived")
	default:
	}
	close(goes)
	<-o.news
	o.sent.Wait()
	require.Empty(t, o.under())
	require.True(t, o.refused(queue{job: 7}))
	require.False(t, o.refused(queue{job: 8}))
	o.block()
	require.False(t, o.refused(queue{job: 7}))
}

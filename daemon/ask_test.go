package daemon

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	"github.com/minga-network/minga/kind"
	"github.com/minga-network/minga/x/job"
	"github.com/minga-network/minga/x/worker"
)

// board30 has a job with a free seat, two jobs to train, one to serve, and 30 runs.
func board30(busy map[uint64]bool) (b board) {
	b.busy = busy
	seat := job.Job{Id: 1, State: job.StateClaimed, Seats: 1}
	b.claimed = []job.Job{seat}
	for i := range uint64(33) {
		j := job.Job{Id: 2 + i, State: job.StateOpen, Opened: 9}
		j.Terms.Kind = job.KindTrain
		switch {
		case i == 1:
			j.Terms.Kind = job.KindInfer
		case i > 2:
			j.Terms.Kind, j.Terms.Parent = job.KindMeasure, 99
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
		d := &daemon{me: fmt.Sprintf("worker %d", w), opinions: newOpinions()}
		got := ids(d.wanted(board30(nil)))
		require.Len(t, got, 33)
		require.Equal(t, uint64(1), got[0])
		require.ElementsMatch(t, []uint64{2, 4}, got[31:], "jobs of their own come last")
		orders = append(orders, got[1:31])
		require.True(t, slices.Min(got[1:31]) == 5 && slices.Max(got[1:31]) == 34)
	}
	// Three workers that look at the same jobs rarely want the same one.
	clashes := 0
	for i := range 10 {
		if orders[0][i] == orders[1][i] || orders[1][i] == orders[2][i] || orders[0][i] == orders[2][i] {
			clashes++
		}
	}
	require.Less(t, clashes, 4)

	d := &daemon{me: "worker 0", opinions: newOpinions()}
	require.Len(t, d.wanted(board30(map[uint64]bool{1: true, 2: true, 7: true})), 30)
}

// TestTheBestPaidAreLookedAt: however many jobs are posted, a bounded number is looked at, the best paid, and those
// that are left alone for now make place for others.
func TestTheBestPaidAreLookedAt(t *testing.T) {
	d := &daemon{me: "me", opinions: newOpinions()}
	var b board
	b.me.Offers = []worker.Offer{{Kind: job.KindTrain, Price: math.NewInt(2)}}
	for i := range uint64(10 * mostLooked) {
		j := job.Job{Id: i, State: job.StateOpen}
		j.Terms.Kind, j.Terms.Units = job.KindTrain, i
		b.open = append(b.open, j)
		j.State, j.Seats, j.Terms.CheckPay = job.StateClaimed, 1, math.NewIntFromUint64(i)
		b.claimed = append(b.claimed, j)
	}
	all := d.wanted(b)
	require.Len(t, all, 2*mostLooked)
	for i, h := range all {
		require.EqualValues(t, 10*mostLooked-1-i%mostLooked, h.Id)
		d.opinions.set(h, opinion{Backoff: kind.Never()})
	}
	for _, h := range d.wanted(b) {
		require.Less(t, h.Id, uint64(9*mostLooked), "others have their turn")
	}
}

func TestRoom(t *testing.T) {
	for _, c := range []struct {
		slots, pace, shorts, longs int
		size                       size
		want                       bool
	}{
		{1, 0, 0, 0, long, true},
		{1, 9, 1, 0, long, false}, // nothing runs beside it
		{1, 9, 0, 1, short, false},
		{1, 0, 1, 0, short, true},
		{1, 0, 2, 0, short, false},
		{1, 3, 4, 0, short, true},
		{1, 3, 5, 0, short, false},
		{1, 99, ahead - 1, 0, short, true},
		{1, 99, ahead, 0, short, false},
		{2, 0, 0, 1, long, true},
		{2, 0, 0, 2, long, false},
		{2, 9, 8, 0, long, true}, // the other slot has the short ones
		{2, 9, 9, 0, long, false},
		{2, 0, 1, 1, short, true}, // it runs beside a long one
		{2, 0, 2, 1, short, false},
		{2, 9, 9, 2, short, false},
	} {
		r := room{slots: c.slots, pace: c.pace}
		r.has[short], r.has[long] = c.shorts, c.longs
		require.Equal(t, c.want, r.takes(c.size), "%+v", c)
	}
}

func TestTurn(t *testing.T) {
	b := board30(nil)
	run, other := held{b.open[5], RoleTrain}, held{b.open[6], RoleTrain}
	require.Equal(t, run.turn(), other.turn())
	other.Opened++
	require.NotEqual(t, run.turn(), other.turn(), "one that was open again has its turns anew")
	require.NotEqual(t, held{b.open[0], RoleTrain}.turn(), held{b.open[2], RoleTrain}.turn())
	run.role = RoleCheck
	require.Equal(t, run.self(), run.turn(), "seats are drawn for each claim")
}

// TestOutbox: a message is under way until it was accepted or refused, and then there is news.
func TestOutbox(t *testing.T) {
	d := &daemon{outbox: newOutbox(), news: newNews()}
	goes := make(chan struct{})
	d.send(held{Job: job.Job{Id: 7}}, short, func() {
		<-goes
		d.outbox.refuse(turn{job: 7})
	})
	require.Equal(t, map[uint64]size{7: short}, d.outbox.under())
	select {
	case <-d.news:
		t.Fatal("news before it has arrived")
	default:
	}
	close(goes)
	<-d.news
	d.beside.Wait()
	require.Empty(t, d.outbox.under())
	require.True(t, d.outbox.refused(turn{job: 7}))
	require.False(t, d.outbox.refused(turn{job: 8}))
	d.outbox.block()
	require.False(t, d.outbox.refused(turn{job: 7}))
}

package job

import (
	"cosmossdk.io/collections"
	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/minga-network/minga/x/worker"
)

// check fails the test unless every coin and every lock is where it belongs.
func (l *ledger) check() {
	l.t.Helper()
	escrow, locks := math.ZeroInt(), map[string]math.Int{}
	lock := func(who string, amount math.Int) {
		if had, ok := locks[who]; ok {
			amount = amount.Add(had)
		}
		locks[who] = amount
	}
	waiting := 0
	require.NoError(l.t, l.k.Jobs.Walk(l.ctx, nil, func(id uint64, j Job) (bool, error) {
		escrow = escrow.Add(j.Escrow)
		if j.State.Final() {
			l.checkPaid(j)
			require.Zero(l.t, j.Due, "job %d", id)
			return false, nil
		}
		waiting++
		queued, err := l.k.Queue.Has(l.ctx, collections.Join(j.Due, id))
		require.Equal(l.t, !j.held() && j.Due != 0, queued, "job %d is %s and due at %d", id, j.State.Word(), j.Due)
		if !queued {
			waiting--
		}
		if j.State == StateWaiting {
			l.checkPaid(j)
			return false, err
		}
		require.NotZero(l.t, j.Due, "job %d", id)
		require.True(l.t, j.Escrow.Equal(j.Terms.Budget), "job %d paid before it ended", id)
		if j.State != StateOpen {
			lock(j.Worker, j.Terms.Stake)
		}
		for _, c := range j.Checks {
			lock(c.Worker, j.Terms.Stake)
			require.False(l.t, c.Dispute != 0 && c.Report != nil, "job %d: a checker agrees and objects", id)
		}
		require.Equal(l.t, j.State == StateOpen, j.Worker == "", "job %d", id)
		require.LessOrEqual(l.t, len(j.Checks), int(j.Seats), "job %d", id)
		return false, err
	}))
	require.Equal(l.t, escrow.String(), l.held(Name), "escrows are not the module's balance")
	require.NoError(l.t, l.k.Queue.Walk(l.ctx, nil,
		func(collections.Pair[int64, uint64]) (bool, error) { waiting--; return false, nil }))
	require.Zero(l.t, waiting, "the queue holds other jobs than those that wait")
	l.checkDisputes(lock)
	l.checkMeasured()
	l.checkLocks(locks)
}

// checkDisputes wants every open dispute in its queues and about a job that it holds.
func (l *ledger) checkDisputes(lock func(who string, amount math.Int)) {
	l.t.Helper()
	open, deadlines := map[uint64]int{}, 0
	require.NoError(l.t, l.k.Disputes.Walk(l.ctx, nil, func(id uint64, d Dispute) (bool, error) {
		isOpen, err := l.k.Open.Has(l.ctx, collections.Join(d.Job, id))
		require.NoError(l.t, err)
		require.Equal(l.t, d.Ended == 0, isOpen, "dispute %d", id)
		require.Equal(l.t, d.Ended == 0, d.Due != 0, "dispute %d", id)
		require.Equal(l.t, d.Winner != "", d.Slashed.IsPositive(), "dispute %d", id)
		if !isOpen {
			return false, nil
		}
		queued, err := l.k.Deadlines.Has(l.ctx, collections.Join(d.Due, id))
		require.True(l.t, queued, "dispute %d is not in the queue", id)
		deadlines++
		j, jobErr := l.k.Get(l.ctx, d.Job)
		require.NoError(l.t, jobErr)
		require.Equal(l.t, d.Claimant, j.Worker)
		if d.Bond.IsPositive() {
			lock(d.Challenger, d.Bond)
		} else {
			require.Equal(l.t, id, j.seat(d.Challenger).Dispute, "dispute %d has no bond", id)
		}
		open[d.Job]++
		return false, err
	}))
	require.NoError(l.t, l.k.Deadlines.Walk(l.ctx, nil,
		func(collections.Pair[int64, uint64]) (bool, error) { deadlines--; return false, nil }))
	require.Zero(l.t, deadlines, "the queue holds other disputes than the open ones")
	require.NoError(l.t, l.k.Jobs.Walk(l.ctx, nil, func(id uint64, j Job) (bool, error) {
		require.Equal(l.t, j.held(), open[id] > 0, "job %d has %d open disputes", id, open[id])
		return false, nil
	}))
}

// checkMeasured wants the runs of each job that is measured counted, and none of them to
// wait for a worker once the measuring was given up.
func (l *ledger) checkMeasured() {
	l.t.Helper()
	require.NoError(l.t, l.k.Measured.Walk(l.ctx, nil, func(id uint64, m Measured) (bool, error) {
		left := uint32(0)
		c, _, err := l.k.children(l.ctx, id)
		require.NoError(l.t, err)
		require.Equal(l.t, []uint32{m.Runs, m.Runs}, []uint32{c.Count, c.Posted}, "job %d", id)
		for run := range uint64(m.Runs) {
			j := l.job(m.First + run)
			require.Equal(l.t, []uint64{id, run}, []uint64{j.Terms.Parent, uint64(j.Terms.Number)})
			require.Zero(l.t, j.Asset, "a run makes no model")
			if j.State != StatePaid {
				left++
			}
			if c.Reason == "" {
				require.False(l.t, j.State.Final() && j.State != StatePaid, "run %d of job %d is %s", run, id, j.State.Word())
			} else if dropping, err := l.k.GivenUp.Has(l.ctx, id); err != nil || !dropping {
				require.NoError(l.t, err)
				require.NotEqual(l.t, StateOpen, j.State, "run %d of job %d", run, id)
			}
		}
		require.Equal(l.t, c.Count-c.Paid, left, "job %d", id)
		j := l.job(id)
		if j.State == StateWaiting {
			require.Equal(l.t, c.Reason == "" && left > 0, j.Due == 0, "job %d is due at %d", id, j.Due)
		}
		if j.State.Final() && j.State != StatePaid {
			require.NotEmpty(l.t, c.Reason, "job %d", id)
		}
		return false, nil
	}))
}

// checkPaid wants all of a job's escrow given out.
func (l *ledger) checkPaid(j Job) {
	l.t.Helper()
	require.True(l.t, j.Escrow.IsZero(), "job %d is %s with %s in escrow", j.Id, j.State.Word(), j.Escrow)
	require.True(l.t, total(j.Paid).Equal(j.Terms.Budget), "job %d paid %s of %s", j.Id, total(j.Paid), j.Terms.Budget)
	for _, p := range j.Paid {
		require.True(l.t, p.Amount.IsPositive(), "job %d pays %s %s", j.Id, p.To, p.Amount)
	}
}

// checkLocks compares what jobs hold of each worker's stake with what x/worker says.
func (l *ledger) checkLocks(locks map[string]math.Int) {
	l.t.Helper()
	stakes := math.ZeroInt()
	require.NoError(l.t, l.workers.Workers.Walk(l.ctx, nil, func(_ sdk.AccAddress, w worker.Worker) (bool, error) {
		stakes = stakes.Add(w.Stake)
		want, ok := locks[w.Address]
		if !ok {
			want = math.ZeroInt()
		}
		require.Equal(l.t, want.String(), w.Locked.String(), "what jobs lock of %s", w.Address)
		delete(locks, w.Address)
		return false, nil
	}))
	require.Empty(l.t, locks, "locks of workers that are gone")
	require.Equal(l.t, stakes.String(), l.held(worker.Name), "stakes are not the module's balance")
}

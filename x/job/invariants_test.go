package job

import (
	"cmp"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/minga-network/minga/x/worker"
)

// check fails the test unless every coin and every lock is where it belongs.
func (l *ledger) check() {
	l.Helper()
	l.Conserved()
	escrow, locks := math.ZeroInt(), map[string]math.Int{}
	lock := func(who string, amount math.Int) {
		if had, ok := locks[who]; ok {
			amount = amount.Add(had)
		}
		locks[who] = amount
	}
	waiting, held := 0, map[uint64]bool{}
	require.NoError(l, l.k.Jobs.Walk(l.Ctx, nil, func(id uint64, j Job) (bool, error) {
		escrow = escrow.Add(j.Escrow)
		if j.held() {
			held[id] = true
		}
		if j.State.Final() {
			l.checkPaid(j)
			require.Zero(l, j.Due, "job %d", id)
			return false, nil
		}
		waiting++
		queued, err := l.k.Queue.Has(l.Ctx, collections.Join(j.Due, id))
		require.Equal(l, !j.held() && j.Due != 0, queued, "job %d is %s and due at %d", id, j.State.Word(), j.Due)
		if !queued {
			waiting--
		}
		if j.State == StateWaiting {
			l.checkPaid(j)
			return false, err
		}
		require.NotZero(l, j.Due, "job %d", id)
		require.True(l, j.Escrow.Equal(j.Terms.Budget), "job %d paid before it ended", id)
		if j.State != StateOpen && j.Defender == "" {
			lock(j.Worker, j.Terms.Stake)
		}
		for _, c := range j.Checks {
			lock(c.Worker, j.Terms.Stake)
			require.False(l, c.Dispute != 0 && c.Report != nil, "job %d: a checker agrees and objects", id)
		}
		require.Equal(l, j.State == StateOpen, j.Worker == "", "job %d", id)
		require.LessOrEqual(l, len(j.Checks), int(j.Seats), "job %d", id)
		return false, err
	}))
	require.Equal(l, escrow.String(), l.Held(Name).String(), "escrows are not the module's balance")
	require.NoError(l, l.k.Queue.Walk(l.Ctx, nil,
		func(collections.Pair[int64, uint64]) (bool, error) { waiting--; return false, nil }))
	require.Zero(l, waiting, "the queue holds other jobs than those that wait")
	l.checkDisputes(held, lock)
	l.checkMeasured()
	l.checkLocks(locks)
}

// checkDisputes wants every open dispute in its queues and about a job that it holds, and no other job held.
func (l *ledger) checkDisputes(held map[uint64]bool, lock func(who string, amount math.Int)) {
	l.Helper()
	open, deadlines := map[uint64]bool{}, 0
	require.NoError(l, l.k.Disputes.Walk(l.Ctx, nil, func(id uint64, d Dispute) (bool, error) {
		isOpen, err := l.k.Open.Has(l.Ctx, collections.Join(d.Job, id))
		require.NoError(l, err)
		require.Equal(l, d.Ended == 0, isOpen, "dispute %d", id)
		require.False(l, d.Ended != 0 && d.Due != 0, "dispute %d", id)
		require.Equal(l, d.Winner != "", d.Slashed.IsPositive(), "dispute %d", id)
		if !isOpen {
			return false, nil
		}
		queued, err := l.k.Deadlines.Has(l.Ctx, collections.Join(d.Due, id))
		require.Equal(l, d.Due != 0, queued, "dispute %d, due at %d, is not in the queue", id, d.Due)
		if queued {
			deadlines++
		}
		j, jobErr := l.k.Get(l.Ctx, d.Job)
		require.NoError(l, jobErr)
		require.Equal(l, cmp.Or(j.Defender, j.Worker), d.Claimant)
		if d.Bond.IsPositive() {
			lock(d.Challenger, d.Bond)
		} else {
			require.Equal(l, id, j.seat(d.Challenger).Dispute, "dispute %d has no bond", id)
		}
		open[d.Job] = true
		return false, err
	}))
	require.NoError(l, l.k.Deadlines.Walk(l.Ctx, nil,
		func(collections.Pair[int64, uint64]) (bool, error) { deadlines--; return false, nil }))
	require.Zero(l, deadlines, "the queue holds other disputes than the open ones")
	require.Equal(l, open, held, "the jobs with open disputes are not those that are held")
}

// checkMeasured wants the runs of each job that is measured counted, and none of them to
// wait for a worker once the measuring was given up.
func (l *ledger) checkMeasured() {
	l.Helper()
	require.NoError(l, l.k.Measured.Walk(l.Ctx, nil, func(id uint64, m Measured) (bool, error) {
		left := uint32(0)
		c, _, err := l.k.children(l.Ctx, id)
		require.NoError(l, err)
		require.Equal(l, []uint32{m.Runs, m.Runs}, []uint32{c.Count, c.Posted}, "job %d", id)
		for run := range uint64(m.Runs) {
			j := l.job(m.First + run)
			require.Equal(l, []uint64{id, run}, []uint64{j.Terms.Parent, uint64(j.Terms.Number)})
			require.Zero(l, j.Asset, "a run makes no model")
			if j.State != StatePaid {
				left++
			}
			if c.Reason == "" {
				require.False(l, j.State.Final() && j.State != StatePaid, "run %d of job %d is %s", run, id, j.State.Word())
			} else if dropping, err := l.k.GivenUp.Has(l.Ctx, id); err != nil || !dropping {
				require.NoError(l, err)
				require.NotEqual(l, StateOpen, j.State, "run %d of job %d", run, id)
			}
		}
		require.Equal(l, c.Count-c.Paid, left, "job %d", id)
		j := l.job(id)
		if j.State == StateWaiting {
			require.Equal(l, c.Reason == "" && left > 0, j.Due == 0, "job %d is due at %d", id, j.Due)
		}
		if j.State.Final() && j.State != StatePaid {
			require.NotEmpty(l, c.Reason, "job %d", id)
		}
		return false, nil
	}))
}

// checkPaid wants all of a job's escrow given out.
func (l *ledger) checkPaid(j Job) {
	l.Helper()
	require.True(l, j.Escrow.IsZero(), "job %d is %s with %s in escrow", j.Id, j.State.Word(), j.Escrow)
	require.True(l, total(j.Paid).Equal(j.Terms.Budget), "job %d paid %s of %s", j.Id, total(j.Paid), j.Terms.Budget)
	for _, p := range j.Paid {
		require.True(l, p.Amount.IsPositive(), "job %d pays %s %s", j.Id, p.To, p.Amount)
	}
}

// checkLocks compares what jobs hold of each worker's stake with what x/worker says.
func (l *ledger) checkLocks(locks map[string]math.Int) {
	l.Helper()
	stakes := math.ZeroInt()
	require.NoError(l, l.workers.Workers.Walk(l.Ctx, nil, func(_ sdk.AccAddress, w worker.Worker) (bool, error) {
		stakes = stakes.Add(w.Stake)
		want, ok := locks[w.Address]
		if !ok {
			want = math.ZeroInt()
		}
		require.Equal(l, want.String(), w.Locked.String(), "what jobs lock of %s", w.Address)
		delete(locks, w.Address)
		return false, nil
	}))
	require.Empty(l, locks, "locks of workers that are gone")
	require.Equal(l, stakes.String(), l.Held(worker.Name).String(), "stakes are not the module's balance")
}

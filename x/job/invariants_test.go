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
			l.checkEnded(j)
			return false, nil
		}
		waiting++
		queued, err := l.k.Queue.Has(l.ctx, collections.Join(j.Due, id))
		require.True(l.t, queued, "job %d is %s and not in the queue at %d", id, j.State.Word(), j.Due)
		require.True(l.t, j.Escrow.Equal(j.Terms.Budget), "job %d paid before it ended", id)
		if j.State != StateOpen {
			lock(j.Worker, j.Terms.Stake)
		}
		for _, c := range j.Checks {
			lock(c.Worker, j.Terms.Stake)
		}
		require.LessOrEqual(l.t, len(j.Checks), int(j.Seats), "job %d", id)
		return false, err
	}))
	require.Equal(l.t, escrow.String(), l.held(Name), "escrows are not the module's balance")
	require.NoError(l.t, l.k.Queue.Walk(l.ctx, nil, func(collections.Pair[int64, uint64]) (bool, error) { waiting--; return false, nil }))
	require.Zero(l.t, waiting, "the queue holds other jobs than those that wait")
	l.checkLocks(locks)
}

func (l *ledger) checkEnded(j Job) {
	l.t.Helper()
	require.True(l.t, j.Escrow.IsZero(), "job %d is %s with %s in escrow", j.Id, j.State.Word(), j.Escrow)
	require.True(l.t, total(j.Paid).Equal(j.Terms.Budget), "job %d paid %s of %s", j.Id, total(j.Paid), j.Terms.Budget)
	require.Zero(l.t, j.Due, "job %d", j.Id)
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

package daemon

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/minga-network/minga/x/job"
)

// TestMemoryWaits: work that does not fit waits. Work that never fits runs alone. A dispute waits for nothing.
func TestMemoryWaits(t *testing.T) {
	m := newMemory(100)
	whole, err := m.wait(t.Context(), 500)
	require.NoError(t, err)
	require.False(t, m.fits(1))
	ended, stop := context.WithCancelCause(t.Context())
	stop(errLost)
	_, err = m.wait(ended, 1)
	require.ErrorIs(t, err, errLost)

	dispute := m.take(60) // beside it
	got := make(chan func())
	go func() {
		release, err := m.wait(t.Context(), 50)
		if err != nil {
			t.Error(err)
		}
		got <- release
	}()
	whole()
	require.False(t, m.fits(50), "the dispute has 60 of 100")
	select {
	case <-got:
		t.Fatal("50 and 60 of 100")
	default:
	}
	dispute()
	release := <-got
	require.True(t, m.fits(50))
	require.False(t, m.fits(51))
	release()
	require.True(t, newMemory(0).fits(1<<60))
}

// TestSlots: work has its slot until its result is in the outbox. It is stopped when the chain does not wait any more.
func TestSlots(t *testing.T) {
	s := newSlots(2)
	var ended [4]context.Context
	take := func(id uint64) bool {
		ctx, stop := context.WithCancelCause(t.Context())
		ended[id] = ctx
		return s.take(id, RoleTrain, stop)
	}
	require.True(t, take(1))
	require.True(t, take(2))
	require.False(t, take(3))
	role, under := s.role(2)
	require.True(t, under && role == RoleTrain)

	s.lose([]held{{job.Job{Id: 1}, RoleTrain}})
	require.NoError(t, ended[1].Err())
	require.True(t, errors.Is(context.Cause(ended[2]), errLost))
	s.done(1) // its claim is on its way, so the board will no longer show it
	s.lose(nil)
	require.NoError(t, ended[1].Err())
	require.ElementsMatch(t, []uint64{1, 2}, s.under())
	s.leave(1, nil, 0)
	s.leave(2, nil, 0)
	require.Equal(t, 2, s.pace())
	s.block()
	require.Equal(t, 2, s.pace())
	s.block()
	require.Equal(t, 0, s.pace())
	require.True(t, take(3))
}

// TestAFailedWorkIsPutOff, ever longer, and no other work with it.
func TestAFailedWorkIsPutOff(t *testing.T) {
	s := newSlots(1)
	height := int64(50)
	for _, pause := range []int64{1, 2, 4, 4} {
		require.True(t, s.take(7, RoleTrain, func(error) {}))
		s.leave(7, errors.New("the disk is full"), height)
		require.True(t, s.waits(7, height+pause-1))
		require.False(t, s.waits(7, height+pause))
		require.False(t, s.waits(8, height))
		height += pause
	}
	s.lose(nil)
	require.False(t, s.waits(7, height), "a job that is over is forgotten")
}

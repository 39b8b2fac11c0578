package kind

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// What fails again and again is tried after 1, 2, 4, ... blocks, and in the end every 64.
func TestBackoff(t *testing.T) {
	var b Backoff
	require.False(t, b.Waits(0))
	height := int64(100)
	for _, pause := range []int64{1, 2, 4, 8, 16, 32, 64, 64, 64} {
		b = b.After(height, LongestPause)
		require.True(t, b.Waits(height+pause-1))
		require.False(t, b.Waits(height+pause))
		height += pause
	}
	require.False(t, b.After(height, 3).Waits(height+3), "where it hurries")
	require.True(t, Never().Waits(1<<60))
}

func TestAPanicIsAnError(t *testing.T) {
	err := Contain(func() error { panic("as strangers want it") })
	require.ErrorIs(t, err, ErrPanic)
	require.ErrorContains(t, err, "as strangers want it")
	require.ErrorContains(t, err, "backoff_test.go", "the log says where")
	require.NoError(t, Contain(func() error { return nil }))
	require.ErrorIs(t, Contain(func() error { return ErrJob }), ErrJob)
}

package job

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// TestManyEndingsTakeSeveralBlocksAndNoneIsLost: 500 jobs due at once.
func TestManyEndingsTakeSeveralBlocksAndNoneIsLost(t *testing.T) {
	c := newTown(t)
	terms := trainTerms(c.data...)
	var last uint64
	for range 500 {
		res, err := c.k.Post(c.Ctx, &MsgPost{Creator: c.creator, Terms: terms})
		require.NoError(t, err)
		last = res.Job
	}
	c.At(c.job(last).Due)
	for _, open := range []int{300, 100, 0} {
		c.next()
		left := 0
		require.NoError(t, c.k.Jobs.Walk(c.Ctx, nil, func(_ uint64, j Job) (bool, error) {
			if j.State == StateOpen {
				left++
			}
			return false, nil
		}))
		require.Equal(t, open, left)
		if open > 0 {
			require.ErrorIs(t, c.take(last, c.w[0]), ErrLate, "a job that waits to be ended is over")
		}
	}
	require.Zero(t, c.gained(c.creator))
}

// TestAJobThatCannotBePaidWaits: the bank refuses the creator, so its job is ended later,
// and the one beside it is ended in time.
func TestAJobThatCannotBePaidWaits(t *testing.T) {
	c := newTown(t)
	refuse := true
	creator := c.address(c.creator)
	c.Bank.AppendSendRestriction(func(_ context.Context, _, to sdk.AccAddress, _ sdk.Coins) (sdk.AccAddress, error) {
		if refuse && to.Equals(creator) {
			return to, errors.New("no coins for the creator")
		}
		return to, nil
	})
	stuck := c.claimed(trainTerms(c.data...), honest())
	c.checks(stuck, c.drawn(stuck)[0], honest())
	other := c.post(c.beto, trainTerms(c.data...))
	c.ended(other)
	j := c.job(stuck)
	require.Equal(t, StateClaimed, j.State, "wholly or not at all")
	require.Equal(t, "10000", j.Escrow.String())
	require.Equal(t, int64(20+retry), j.Due)
	d, err := c.assets.Get(c.Ctx, c.data[0])
	require.NoError(t, err)
	require.True(t, d.Income.IsZero(), "nobody was paid")

	refuse = false
	c.At(j.Due)
	require.Equal(t, StatePaid, c.ended(stuck).State)
}

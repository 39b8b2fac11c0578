package job

import (
	"testing"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	"github.com/minga-network/minga/x/asset"
)

// unmeasured wants a model that was given out by tokens, without a part for its creator. The data gets as much as that
// part was, a tenth, and the commons the rest.
func (c *town) unmeasured(id uint64, reason string) {
	c.Helper()
	j := c.ended(id)
	require.Equal(c, StatePaid, j.State)
	require.Contains(c, c.reason(id), reason)
	require.Equal(c, int64(33_300_000+100_000), c.shares(j.Asset, c.ana))
	require.Equal(c, int64(66_600_000), c.shares(j.Asset, c.beto))
	require.Equal(c, int64(250_000_000), c.shares(j.Asset, c.w[0]), "the worker's part stays")
	require.Zero(c, c.shares(j.Asset, c.creator))
	require.Equal(c, int64(650_000_000), c.shares(j.Asset, asset.CommonsAddress().String()))
}

// TestARunThatManyFailOver is given up at last.
func TestARunThatManyFailOver(t *testing.T) {
	c := newTown(t)
	terms, m := measuredTerms(c.data...), measureOf()
	terms.Deadline, m.Work = 1000, 1
	id := c.standing(terms)
	first, err := c.measure(id, m)
	require.NoError(t, err)
	for i := range mostFailures {
		require.Equal(t, StateOpen, c.job(first).State, "after %d", i)
		who := c.worker(string(rune('A'+i)), 1)
		for c.take(first, who) != nil {
			c.next()
		}
		c.next()
		c.next()
	}
	require.Equal(t, StateFailed, c.job(first).State)
	require.Equal(t, StateCancelled, c.job(first+1).State)
	c.unmeasured(id, "child 0 (job 2) failed: 32 workers have failed over it")
}

// TestRunsEndWithTheirJob, however that ends without a model.
func TestRunsEndWithTheirJob(t *testing.T) {
	for name, end := range map[string]func(c *town, id uint64) State{
		"nobody takes it": func(c *town, id uint64) State { return StateExpired },
		"cancelled": func(c *town, id uint64) State {
			_, err := c.k.Cancel(c.Ctx, &MsgCancel{Creator: c.creator, Job: id})
			require.NoError(c, err)
			return StateCancelled
		},
		"late": func(c *town, id uint64) State {
			require.NoError(c, c.take(id, c.w[3]))
			return StateFailed
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newTown(t)
			terms := measuredTerms(c.data...)
			terms.Deadline = 60
			id := c.post(c.creator, terms)
			first, err := c.measure(id, measureOf())
			require.NoError(t, err)
			c.do(first)
			who := c.starts(first + 1)
			for range 16 {
				c.next() // so that it is the last worker's turn
			}
			state := end(c, id)
			require.Equal(t, state, c.ended(id).State)
			c.next()
			require.Contains(t, c.reason(id), "the job itself "+state.Word())
			require.NotContains(t, []State{StateOpen, StateTaken}, c.job(first+1).State, "late by now, and not open again")
			require.Contains(t, c.job(first+1).Barred, who)
			require.Contains(t, []State{StateCancelled, StateExpired}, c.job(first+2).State)
			require.Equal(t, StatePaid, c.ended(first).State)
			require.Equal(t, "0", c.Held(Name).String())
			require.Equal(t, math.ZeroInt(), c.job(id).Escrow)
		})
	}
}

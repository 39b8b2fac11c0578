package job

import (
	"strings"
	"testing"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	"github.com/minga-network/minga/x/asset"
)

// checkVerdicts wants whoever was right to have won, unless it was silent.
func (s *storm) checkVerdicts(verdicts map[string]int) {
	require.NoError(s, s.k.Disputes.Walk(s.Ctx, nil, func(id uint64, d Dispute) (bool, error) {
		require.NotZero(s, d.Ended, "dispute %d is open for ever", id)
		side := "claimant"
		if d.Winner == d.Challenger {
			side = "challenger"
		}
		if d.Reason == "the disputed step was executed" {
			require.Equal(s, s.lied[id], side == "challenger", "dispute %d about %s", id, d.Target)
			verdicts[side+" was right"]++
			return false, nil
		}
		verdicts[d.Reason]++
		return false, nil
	}))
}

// run makes blocks of up to eight messages, then lets everything end.
func (s *storm) run(blocks int) {
	for range blocks {
		for range s.rng.Intn(9) {
			s.send()
		}
		if s.rng.Intn(4) == 0 {
			s.next()
		}
	}
	for range 120 {
		s.next()
	}
}

// TestRandomMessagesKeepTheInvariants checks the books after every message and block of six
// storms, and of more until every ending was reached. With -short there are two.
func TestRandomMessagesKeepTheInvariants(t *testing.T) {
	ends := map[string]int{}
	verdicts := map[string]int{}
	accepted, models, measured := map[string]int{}, 0, map[string]int{}
	complete := func() bool { return len(measured) == 4 && len(accepted) == 13 && len(ends) == 12 && len(verdicts) == 5 }
	least, most := int64(6), int64(40)
	if testing.Short() {
		least, most = 2, 2
	}
	for seed := int64(0); seed < least || !complete() && seed < most; seed++ {
		s := newStorm(t, seed)
		s.run(500)
		s.checkVerdicts(verdicts)
		require.NoError(t, s.k.Jobs.Walk(s.Ctx, nil, func(_ uint64, j Job) (bool, error) {
			require.True(t, j.State.Final(), "job %d is %s for ever", j.Id, j.State.Word())
			reason, _, _ := strings.Cut(j.Reason, ": ")
			ends[j.State.Word()+": "+reason]++
			return false, nil
		}))
		require.Equal(t, "0", s.Held(Name).String())
		for name, n := range s.accepted {
			accepted[name] += n
		}
		models += s.checkModels()
		s.countMeasured(measured)
	}
	t.Log("accepted", accepted)
	for end, n := range ends {
		t.Logf("%5d %s", n, end)
	}
	t.Log("disputes", verdicts)
	t.Log("measured", measured)
	if testing.Short() {
		return // two storms do not reach everything
	}
	require.Positive(t, models)
	require.Len(t, measured, 4, "measuring ended in every way")
	require.Len(t, accepted, 13, "every message was accepted at least once")
	require.Len(t, ends, 12, "every ending was reached")
	require.Len(t, verdicts, 5, "disputes ended in every way")
}

// countMeasured counts the ways in which measuring ended, and wants parts to say the same.
func (s *storm) countMeasured(ways map[string]int) {
	require.NoError(s, s.k.Jobs.Walk(s.Ctx, nil, func(_ uint64, j Job) (bool, error) {
		m, begun, err := s.k.measuring(s.Ctx, j.Id)
		require.NoError(s, err)
		switch {
		case !j.measured():
			require.False(s, begun)
			return false, nil
		case j.State != StatePaid || j.reported() == 0:
			ways["without a model"]++
			return false, nil
		case m.Reason == "":
			ways["with values"]++
			require.Len(s, m.Values, 3)
		case m.Runs == 0:
			ways["never begun"]++
		default:
			ways["given up"]++
		}
		if j.Asset == 0 {
			return false, nil // an earlier job has made the same file
		}
		a, err := s.assets.Get(s.Ctx, j.Asset)
		require.NoError(s, err)
		for _, p := range a.Parts {
			require.Equal(s, m.Reason == "" && p.Role == "data", p.Value != "", "model %d", a.Id)
			require.False(s, m.Reason != "" && p.Role == "creator", "model %d", a.Id)
		}
		return false, nil
	}))
}

// checkModels wants all shares of every model given out, and income where the jobs say.
func (s *storm) checkModels() (models int) {
	income := map[uint64]math.Int{}
	require.NoError(s, s.k.Jobs.Walk(s.Ctx, nil, func(_ uint64, j Job) (bool, error) {
		for _, p := range j.Paid {
			if had, ok := income[p.Asset]; ok {
				p.Amount = p.Amount.Add(had)
			}
			income[p.Asset] = p.Amount
		}
		if j.Asset != 0 {
			models++
			require.Equal(s, int64(asset.Shares), s.Bank.GetSupply(s.Ctx, asset.Denom(j.Asset)).Amount.Int64())
		}
		return false, nil
	}))
	for _, id := range append([]uint64{s.model}, s.data...) {
		a, err := s.assets.Get(s.Ctx, id)
		require.NoError(s, err)
		want, ok := income[id]
		if !ok {
			want = math.ZeroInt()
		}
		require.Equal(s, want.String(), a.Income.String(), "income of asset %d", id)
	}
	return models
}

// TestTheSameMessagesGiveTheSameStore runs one storm twice.
func TestTheSameMessagesGiveTheSameStore(t *testing.T) {
	a, b := newStorm(t, 99), newStorm(t, 99)
	a.run(60)
	b.run(60)
	require.Equal(t, a.export(), b.export())
	require.Equal(t, a.Ctx.EventManager().Events(), b.Ctx.EventManager().Events())
}

package main_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/math"

	minga "github.com/minga-network/minga/cmd/minga-verify"
	"github.com/minga-network/minga/x/asset"
	"github.com/minga-network/minga/x/job"
)

// attribution is that of every other model.
func (v *town) attribution() uint32 {
	if v.plain {
		return 0
	}
	if v.attributing = !v.attributing; v.attributing {
		return uint32(1 + v.rng.IntN(9999))
	}
	return 0
}

// room makes terms that leave room for what the model gives to data that is repeated.
func (v *town) room(t job.Terms) job.Terms {
	v.Helper()
	r, err := asset.NewQueryClient(v.client).Asset(v.ctx, &asset.QueryAssetRequest{Id: t.Infer.Model})
	require.NoError(v, err)
	if n := int(r.Asset.Attribution); n > 0 {
		t.Checkers, t.Infer.Serving = 1, uint32(v.rng.IntN(min(5000, 10000-n)+1))
	}
	return t
}

// quote has a session repeat some of the data of its model, if that is paid for.
func (v *town) quote(r *training, model asset.Asset) {
	if model.Attribution == 0 {
		return
	}
	left := r.claim.Units
	for range model.Parents {
		n := v.rng.Uint64N(left + 1)
		r.claim.Infer.Quoted = append(r.claim.Infer.Quoted, n)
		left -= n
	}
}

// quotes makes the kept session one that repeats data: its model gives a quarter of what
// that costs to the datasets, asset/1 and asset/2.
func (f *forger) quotes(quoted ...uint64) {
	const points = 2500
	var session, training uint64
	f.job(f.Session, func(j *job.Job) { session = j.Terms.Infer.Model })
	f.asset(session, func(a *asset.Asset) { a.Attribution, training = points, a.Job })
	f.job(training, func(j *job.Job) { j.Terms.Train.Split.Attribution = points })
	f.job(f.Session, func(j *job.Job) {
		j.Claim.Infer.Quoted, j.Terms.Infer.Serving = quoted, 3000
		fee := j.Price.Mul(math.NewIntFromUint64(j.Claim.Units))
		serving := fee.MulRaw(3000).QuoRaw(10_000)
		paid := []job.Payment{{To: j.Worker, Role: "serving", Amount: serving}}
		holders := fee.Sub(serving)
		for i, n := range quoted {
			amount := j.Price.Mul(math.NewIntFromUint64(n)).MulRaw(points).QuoRaw(10_000)
			holders = holders.Sub(amount)
			id := uint64(i + 1)
			if amount.IsPositive() {
				paid = append(paid, job.Payment{To: asset.Denom(id), Role: "quoted", Asset: id, Amount: amount})
				f.hold(id, map[string]int64{"ana": 250_000_000, "beto": 750_000_000})
			}
		}
		paid = append(paid, job.Payment{To: asset.Denom(session), Role: "holders", Asset: session, Amount: holders})
		j.Paid = append(paid, job.Payment{To: j.Creator, Role: "creator", Amount: j.Terms.Budget.Sub(fee)})
		j.Checks = nil
	})
}

func TestAReceiptSaysWhatWasRepeated(t *testing.T) {
	f := newForger(t)
	f.quotes(4000, 40)
	words, err := minga.Verify(f.signed())
	require.NoError(t, err)
	for _, line := range []string{
		" 3000 uminga to asset/1 (quoted)", " 30 uminga to asset/2 (quoted)",
		" 4000 of ", " tokens repeat asset/1, which gets 25.00 % of what they cost",
		"HOLDERS   3000 uminga of the fee, to all who hold asset/1:", " 750 uminga to ", " 2250 uminga to ",
		"HOLDERS   30 uminga of the fee, to all who hold asset/2:",
	} {
		require.Contains(t, words, line)
	}
	f = newForger(t)
	f.quotes(0, 40)
	words, err = minga.Verify(f.signed())
	require.NoError(t, err)
	require.NotContains(t, words, "who hold asset/1:")
}

// TestAReceiptOfNoMajority: its checkers found other quotes, each his own, and get nothing.
func TestAReceiptOfNoMajority(t *testing.T) {
	f := newForger(t)
	f.quotes()
	f.job(f.Session, func(j *job.Job) {
		for _, n := range []uint64{1, 2} {
			report := *j.Claim
			report.Infer = &job.InferClaim{Quoted: []uint64{n, 0}}
			j.Checks = append(j.Checks, job.Check{Worker: j.Creator, Report: &report})
		}
	})
	words, err := minga.Verify(f.signed())
	require.NoError(t, err)
	require.Contains(t, words, "no majority of its checkers found the same quotes")
	require.Equal(t, 1, strings.Count(words, "got every bit of the claim"), "that of the training")
}

func TestSignedLiesAboutQuotesAreRefused(t *testing.T) {
	for _, lie := range []struct {
		name, place, reason string
		tell                func(f *forger, j *job.Job)
	}{
		{"another number of tokens", "session", "payment 2", func(_ *forger, j *job.Job) { j.Claim.Infer.Quoted[0] += 4 }},
		{"the other dataset's tokens", "session", "payment 2", func(_ *forger, j *job.Job) {
			q := j.Claim.Infer.Quoted
			q[0], q[1] = q[1], q[0]
		}},
		{"no quotes", "session", "payment 2", func(_ *forger, j *job.Job) { j.Claim.Infer.Quoted = nil }},
		{"quotes of one dataset", "session", "quotes 1 datasets",
			func(_ *forger, j *job.Job) { j.Claim.Infer.Quoted = j.Claim.Infer.Quoted[:1] }},
		{"more than all tokens", "session", "quotes more than",
			func(_ *forger, j *job.Job) { j.Claim.Infer.Quoted[1] = j.Claim.Units }},
		{"a sum that wraps round", "session", "quotes more than",
			func(_ *forger, j *job.Job) { j.Claim.Infer.Quoted[1] = 1<<64 - 1 }},
		{"a server that takes the data's part", "session", "more than its fee",
			func(_ *forger, j *job.Job) { j.Terms.Infer.Serving = 7501 }},
		{"a coin for the other dataset", "session", "payment 2", func(_ *forger, j *job.Job) {
			j.Paid[1].Amount, j.Paid[2].Amount = j.Paid[1].Amount.AddRaw(1), j.Paid[2].Amount.SubRaw(1)
		}},
		{"another dataset", "session", "payment 3",
			func(_ *forger, j *job.Job) { j.Paid[2].To, j.Paid[2].Asset = "asset/1", 1 }},
		{"a part that the training did not give", "session", "payment 2", func(f *forger, j *job.Job) {
			f.asset(j.Terms.Infer.Model, func(a *asset.Asset) { a.Attribution = 2600 })
		}},
		{"a part that the terms did not give", "training", "attribution is not that of", func(f *forger, j *job.Job) {
			var id uint64
			f.asset(j.Terms.Infer.Model, func(a *asset.Asset) { id = a.Job })
			f.job(id, func(j *job.Job) { j.Terms.Train.Split.Attribution = 2400 })
		}},
		{"a holder of the data left out", "holders of asset/2", "balances shown", func(f *forger, _ *job.Job) {
			for key := range f.records["bank"] {
				if strings.HasSuffix(key, "asset/2") {
					delete(f.records["bank"], key)
					return
				}
			}
		}},
		{"holders of data that was not repeated", "entry bank/", "nothing leads to it", func(f *forger, _ *job.Job) {
			f.hold(77, map[string]int64{"ana": asset.Shares})
		}},
	} {
		t.Run(lie.name, func(t *testing.T) {
			f := newForger(t)
			f.quotes(4000, 40)
			f.job(f.Session, func(j *job.Job) { lie.tell(f, j) })
			words, err := minga.Verify(f.signed())
			require.Error(t, err, words)
			require.True(t, strings.HasPrefix(minga.Place(err), lie.place), "refused at %s", err)
			require.ErrorContains(t, err, lie.reason)
		})
	}
}

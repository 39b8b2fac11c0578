package job

import (
	"errors"
	"testing"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/x/asset"
)

// attributing is a model, trained on the town's three datasets, that gives a fifth of what
// its answers cost to those that they repeat.
func (c *town) attributing() asset.Asset {
	terms := trainTerms(c.data...)
	terms.Train.Split.Attribution = 2000
	id := c.claimed(terms, honest())
	c.checks(id, c.drawn(id)[0], honest())
	m, err := c.assets.Get(c.Ctx, c.ended(id).Asset)
	require.NoError(c, err)
	return m
}

// quotingTerms are of a session with a model.
func quotingTerms(m asset.Asset) Terms {
	terms := sessionTerms(m.Id, func(t *verify.Programs) {
		t.Start = verify.File{Root: verify.Hash(m.Root), Size: int64(m.Bytes), From: 4}
	})
	terms.Infer.Serving, terms.Checkers, terms.CheckPay = 3000, 1, math.NewInt(100)
	return terms
}

// quoting is what a session of one call and 100 units gives.
func quoting(quoted ...uint64) Claim {
	c := sessionClaim(1, 100)
	c.Infer.Quoted = quoted
	return c
}

// serve has the first worker serve a session and claim so much quoted.
func (c *town) serve(m asset.Asset, quoted ...uint64) uint64 {
	id := c.post(c.creator, quotingTerms(m))
	require.NoError(c, c.take(id, c.w[0]))
	require.NoError(c, c.claim(id, c.w[0], quoting(quoted...)))
	return id
}

// finds takes a seat and reports what was found quoted.
func (c *town) finds(id uint64, who string, quoted ...uint64) error {
	for errors.Is(c.seat(id, who), ErrTurn) {
		c.next()
	}
	_, err := c.k.Report(c.Ctx, c.finding(id, who, quoting(quoted...)))
	c.check()
	return err
}

func (c *town) finding(id uint64, who string, report Claim) *MsgReport {
	return &MsgReport{Worker: who, Job: id, Report: report, Leaf: report.State, Path: [][]byte{make([]byte, 32)}}
}

func (c *town) earned(id uint64) int64 {
	a, err := c.assets.Get(c.Ctx, id)
	require.NoError(c, err)
	return a.Income.Int64()
}

func TestPostRefusesSessionsThatCannotAttribute(t *testing.T) {
	c := newTown(t)
	m := c.attributing()
	for name, r := range map[string]struct {
		change func(x *Terms)
		says   string
	}{
		"a server that wants more than half": {func(x *Terms) { x.Infer.Serving = 5001 }, "give 0 to 5000"},
		"no checkers":                        {func(x *Terms) { x.Checkers = 0 }, "ask for 1 checker"},
		"an attribution of its own": {func(x *Terms) { x.Train = &TrainTerms{Split: Split{Attribution: 1}} },
			"exactly the terms of the kind"},
		"a training that gives more than all": {func(x *Terms) {
			*x = trainTerms(
				c.data...)
			x.Train.Split.Attribution = 10_001
		}, "attribution 10001"},
	} {
		terms := quotingTerms(m)
		r.change(&terms)
		_, err := c.k.Post(c.Ctx, &MsgPost{Creator: c.creator, Terms: terms})
		require.ErrorIs(t, err, ErrTerms, name)
		require.ErrorContains(t, err, r.says, name)
	}
	all := quotingTerms(m)
	all.Infer.Serving = 5000
	c.post(c.creator, all)
	err := checkAttribution(all, asset.Asset{Id: 9, Attribution: 5001})
	require.ErrorContains(t, err, "offer at most 4999")
}

func TestQuotesFitTheirModel(t *testing.T) {
	c := newTown(t)
	m := c.attributing()
	id := c.post(c.creator, quotingTerms(m))
	require.NoError(t, c.take(id, c.w[0]))
	bad := [][]uint64{nil, {1, 2}, {1, 2, 3, 4}, {50, 50, 1}, {1 << 63, 1 << 63, 0}}
	for _, quoted := range bad {
		require.ErrorIs(t, c.claim(id, c.w[0], quoting(quoted...)), ErrClaim, "%d", quoted)
	}
	require.NoError(t, c.claim(id, c.w[0], quoting(50, 50, 0)))
	checker := c.drawn(id)[0]
	for _, quoted := range bad {
		require.ErrorIs(t, c.finds(id, checker, quoted...), ErrClaim, "%d", quoted)
	}
	for name, change := range map[string]func(x *MsgReport){
		"another result":  func(x *MsgReport) { x.Report.Result = hash("other") },
		"no part to show": func(x *MsgReport) { x.Leaf = hash("other") },
	} {
		x := c.finding(id, checker, quoting(1, 2, 3))
		change(x)
		_, err := c.k.Report(c.Ctx, x)
		require.ErrorIs(t, err, ErrClaim, name)
	}
	require.NoError(t, c.finds(id, checker, 50, 50, 0))

	plain := sessionTerms(c.model(c.ana), asItIs)
	plain.Infer.Key = hash("another key")
	id = c.post(c.creator, plain)
	require.NoError(t, c.take(id, c.w[0]))
	require.ErrorIs(t, c.claim(id, c.w[0], quoting(0)), ErrClaim, "of a model without attribution")
	require.NoError(t, c.claim(id, c.w[0], quoting()))
}

// silent is a checker that takes a seat and says nothing.
var silent = []uint64{404}

// TestAMajorityDecidesWhatIsQuoted: the first checker contests the claim; the others come
// after it.
func TestAMajorityDecidesWhatIsQuoted(t *testing.T) {
	lie, right := []uint64{100, 0, 0}, []uint64{10, 20, 30}
	const fined = 100_000
	for _, r := range []struct {
		name    string
		claim   []uint64
		found   [][]uint64
		quoted  []uint64
		lost    []int64 // by the server, and by each checker
		checked int     // checkers that are paid
	}{
		{"all find the lie", lie, [][]uint64{right, right, right}, right, []int64{0, 0, 0, 0}, 3},
		{"an accomplice cannot save it", lie, [][]uint64{right, lie, right}, right, []int64{0, 0, 0, 0}, 2},
		{"a silent checker cannot save it", lie, [][]uint64{right, right, silent}, right, []int64{0, 0, 0, fined}, 2},
		{"nor can a seat that nobody takes", lie, [][]uint64{right, right}, right, []int64{0, 0, 0}, 2},
		{"a false objection", right, [][]uint64{lie, right, right}, right, []int64{0, 0, 0, 0}, 2},
		{"two false objections", right, [][]uint64{lie, {1, 1, 1}, right}, nil, []int64{0, 0, 0, 0}, 0},
		{"an objection that nobody joins", lie, [][]uint64{right}, nil, []int64{0, 0}, 0},
		{"one against one", right, [][]uint64{lie, right}, nil, []int64{0, 0, 0}, 0},
		{"one against silence", right, [][]uint64{lie, silent, silent}, nil, []int64{0, 0, fined, fined}, 0},
	} {
		t.Run(r.name, func(t *testing.T) {
			c := newTown(t)
			m := c.attributing()
			done := c.who(c.w[0]).Done
			id := c.serve(m, r.claim...)
			people := append([]string{c.w[0]}, c.drawn(id)...)
			for i, found := range r.found {
				who := people[1+i]
				if len(found) == 1 {
					for errors.Is(c.seat(id, who), ErrTurn) {
						c.next()
					}
					continue
				}
				require.NoError(t, c.finds(id, who, found...))
				require.Equal(t, []any{StateClaimed, uint32(3)}, []any{c.job(id).State, c.job(id).Seats})
			}
			j := c.ended(id)
			require.Equal(t, StatePaid, j.State)
			require.Equal(t, r.quoted, j.Claim.Infer.Quoted)
			for i, lost := range r.lost {
				require.Equal(t, lost, c.lost(people[i]), "person %d", i)
			}
			require.Greater(t, c.who(c.w[0]).Done, done)
			checked := 0
			for _, p := range j.Paid {
				if p.Role == "checker" {
					checked++
				}
			}
			require.Equal(t, r.checked, checked)
			want := []int64{300, 0, 40}
			for i, n := range r.quoted {
				want[i] += int64(n) * 2 / 5
			}
			require.Equal(t, want, []int64{c.earned(c.data[0]), c.earned(c.data[1]), c.earned(c.data[2])})
		})
	}
}

package job

import (
	"errors"
	"fmt"
	"math/rand"
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
	m, err := c.assets.Get(c.ctx, c.ended(id).Asset)
	require.NoError(c.t, err)
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
	require.NoError(c.t, c.take(id, c.w[0]))
	require.NoError(c.t, c.claim(id, c.w[0], quoting(quoted...)))
	return id
}

// finds takes a seat and reports what was found quoted.
func (c *town) finds(id uint64, who string, quoted ...uint64) error {
	for errors.Is(c.seat(id, who), ErrTurn) {
		c.next()
	}
	_, err := c.k.Report(c.ctx, c.finding(id, who, quoting(quoted...)))
	c.check()
	return err
}

func (c *town) finding(id uint64, who string, report Claim) *MsgReport {
	return &MsgReport{Worker: who, Job: id, Report: report, Leaf: report.State, Path: [][]byte{make([]byte, 32)}}
}

func (c *town) earned(id uint64) int64 {
	a, err := c.assets.Get(c.ctx, id)
	require.NoError(c.t, err)
	return a.Income.Int64()
}

// TestASessionPaysWhatItQuotes: 100 tokens at 2 uminga, of which 50 and 25 repeat data. The
// data of ana earned 300 and 40 by its price before, and the model nothing.
func TestASessionPaysWhatItQuotes(t *testing.T) {
	c := newTown(t)
	m := c.attributing()
	require.EqualValues(t, 2000, m.Attribution)
	id := c.serve(m, 50, 0, 25)
	checker := c.drawn(id)[0]
	require.NoError(t, c.finds(id, checker, 50, 0, 25))
	j := c.ended(id)
	require.Equal(t, StatePaid, j.State)
	require.Equal(t, []Payment{
		{To: c.w[0], Role: "serving", Amount: math.NewInt(60)},
		{To: asset.Denom(c.data[0]), Role: "quoted", Amount: math.NewInt(20), Asset: c.data[0]},
		{To: asset.Denom(c.data[2]), Role: "quoted", Amount: math.NewInt(10), Asset: c.data[2]},
		{To: asset.Denom(m.Id), Role: "holders", Amount: math.NewInt(110), Asset: m.Id},
		{To: checker, Role: "checker", Amount: math.NewInt(100)},
		{To: c.creator, Role: "creator", Amount: math.NewInt(9700)},
	}, j.Paid)
	require.Equal(t, []int64{320, 0, 50, 110},
		[]int64{c.earned(c.data[0]), c.earned(c.data[1]), c.earned(c.data[2]), c.earned(m.Id)})
}

func TestPostRefusesSessionsThatCannotAttribute(t *testing.T) {
	c := newTown(t)
	m := c.attributing()
	for name, r := range map[string]struct {
		change func(x *Terms)
		says   string
	}{
		"a server that wants more than is left": {func(x *Terms) { x.Infer.Serving = 8001 }, "offer at most 8000"},
		"no checkers":                           {func(x *Terms) { x.Checkers = 0 }, "ask for 1 checker"},
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
		_, err := c.k.Post(c.ctx, &MsgPost{Creator: c.creator, Terms: terms})
		require.ErrorIs(t, err, ErrTerms, name)
		require.ErrorContains(t, err, r.says, name)
	}
	all := quotingTerms(m)
	all.Infer.Serving = 8000
	c.post(c.creator, all)
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
		_, err := c.k.Report(c.ctx, x)
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
	const slashed, fined = 1_000_000, 100_000
	for _, r := range []struct {
		name    string
		claim   []uint64
		found   [][]uint64
		quoted  []uint64
		lost    []int64 // by the server, and by each checker
		checked int     // checkers that are paid
	}{
		{"all find the lie", lie, [][]uint64{right, right, right}, right, []int64{slashed, 0, 0, 0}, 3},
		{"an accomplice cannot save it", lie, [][]uint64{right, lie, right}, right, []int64{slashed, 0, slashed, 0}, 2},
		{"a silent checker cannot save it", lie, [][]uint64{right, right, silent}, right, []int64{slashed, 0, 0, fined}, 2},
		{"nor can a seat that nobody takes", lie, [][]uint64{right, right}, right, []int64{slashed, 0, 0}, 2},
		{"a false objection", right, [][]uint64{lie, right, right}, right, []int64{0, slashed, 0, 0}, 2},
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
			require.Equal(t, r.lost[0] == 0, c.who(c.w[0]).Done > done)
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

// TestContestedQuotesWaitForTheSeats, and then for the window, in which the trace can
// still be challenged.
func TestContestedQuotesWaitForTheSeats(t *testing.T) {
	c := newTown(t)
	id := c.serve(c.attributing(), 10, 20, 30)
	people := c.drawn(id)
	require.NoError(t, c.finds(id, people[0], 0, 0, 0))
	require.Equal(t, c.ctx.BlockHeight()+20, c.job(id).Due, "time for the work")
	require.Contains(t, c.explained(id), "what it quotes is contested: 1 of 3 seats have reported")
	require.NoError(t, c.finds(id, people[1], 10, 20, 30))
	require.NoError(t, c.finds(id, people[2], 10, 20, 30))
	require.Equal(t, c.ctx.BlockHeight()+10, c.job(id).Due, "the window")
	require.Equal(t, []uint64{10, 20, 30}, c.ended(id).Claim.Infer.Quoted)
}

// decides ends a dispute in favour of a side.
func (c *town) decides(id uint64, side verify.Side) {
	d, g := c.dispute(id), c.game(id)
	g.Winner = side
	d.Game = g.Verdict().Encode()
	require.NoError(c.t, c.k.await(c.ctx, &d, c.ctx.BlockHeight()))
	c.next()
}

// TestQuotesAreContestedBesideADispute: whichever of both comes first, and the job goes on
// when the challenger loses.
func TestQuotesAreContestedBesideADispute(t *testing.T) {
	for _, first := range []string{"contest", "dispute"} {
		t.Run(first, func(t *testing.T) {
			c := newTown(t)
			id := c.serve(c.attributing(), 100, 0, 0)
			people := c.drawn(id)
			contest := func() { require.NoError(t, c.finds(id, people[0], 1, 2, 3)) }
			if first == "contest" {
				contest()
			}
			d, err := c.challenge(id, people[2], "trace")
			require.NoError(t, err)
			if first == "dispute" {
				contest()
			}
			require.Equal(t, []any{StateDisputed, uint32(3)}, []any{c.job(id).State, c.job(id).Seats})
			require.NoError(t, c.finds(id, people[1], 1, 2, 3))
			c.decides(d, verify.Claimant)
			require.Equal(t, StateClaimed, c.job(id).State)
			j := c.ended(id)
			require.Equal(t, StatePaid, j.State)
			require.Equal(t, []uint64{1, 2, 3}, j.Claim.Infer.Quoted)
			require.EqualValues(t, 1_000_000, c.lost(c.w[0]))
			require.EqualValues(t, 1_000_000, c.lost(people[2]))
		})
	}
}

// TestAContestedClaimFalls: what was quoted is of no interest any more, and who confirmed
// the trace loses the stake.
func TestAContestedClaimFalls(t *testing.T) {
	c := newTown(t)
	id := c.serve(c.attributing(), 100, 0, 0)
	people := c.drawn(id)
	require.NoError(t, c.finds(id, people[0], 1, 2, 3))
	d, err := c.challenge(id, people[2], "trace")
	require.NoError(t, err)
	c.decides(d, verify.Challenger)
	j := c.job(id)
	require.Equal(t, []any{StateOpen, uint32(1), 0}, []any{j.State, j.Seats, len(j.Checks)})
	require.EqualValues(t, 1_000_000, c.lost(people[0]))
	require.NoError(t, c.take(id, people[2]))
	require.NoError(t, c.claim(id, people[2], quoting(1, 2, 3)))
	require.NoError(t, c.finds(id, people[1], 1, 2, 3))
	require.Equal(t, []uint64{1, 2, 3}, c.ended(id).Claim.Infer.Quoted)
}

// TestACheckerOfAContestedClaimChallengesIt by its seat, and loses that to another.
func TestACheckerOfAContestedClaimChallengesIt(t *testing.T) {
	c := newTown(t)
	c.w = append(c.w, c.worker("w6", 6))
	id := c.serve(c.attributing(), 100, 0, 0)
	people := c.drawn(id)
	require.NoError(t, c.finds(id, people[0], 1, 2, 3))
	for errors.Is(c.seat(id, people[1]), ErrTurn) {
		c.next()
	}
	d, err := c.challenge(id, people[1], "trace")
	require.NoError(t, err)
	require.NoError(t, c.finds(id, people[2], 1, 2, 3))
	c.decides(d, verify.Claimant)
	require.Len(t, c.job(id).Checks, 2)
	require.NoError(t, c.finds(id, people[3], 100, 0, 0))
	require.Equal(t, []uint64{1, 2, 3}, c.ended(id).Claim.Infer.Quoted)
	require.EqualValues(t, 1_000_000, c.lost(people[3]))
}

// TestUncheckedQuotesPayNobody: as any session that asks for checkers.
func TestUncheckedQuotesPayNobody(t *testing.T) {
	c := newTown(t)
	j := c.ended(c.serve(c.attributing(), 100, 0, 0))
	require.Equal(t, StateFailed, j.State)
	require.Contains(t, j.Reason, "too few checkers")
	require.Equal(t, []Payment{{To: c.creator, Role: "creator", Amount: math.NewInt(10_000)}}, j.Paid)
}

// TestTwoCheckersContest: with two asked for, five seats decide; the first to report had
// agreed with the lie.
func TestTwoCheckersContest(t *testing.T) {
	c := newTown(t)
	c.w = append(c.w, c.worker("w6", 6), c.worker("w7", 7))
	m := c.attributing()
	terms := quotingTerms(m)
	terms.Checkers = 2
	id := c.post(c.creator, terms)
	require.NoError(t, c.take(id, c.w[0]))
	require.NoError(t, c.claim(id, c.w[0], quoting(100, 0, 0)))
	people := c.drawn(id)
	require.NoError(t, c.finds(id, people[0], 100, 0, 0))
	require.EqualValues(t, 2, c.job(id).Seats)
	for _, who := range people[1:] {
		require.NoError(t, c.finds(id, who, 1, 2, 3))
		require.EqualValues(t, 5, c.job(id).Seats)
	}
	require.Equal(t, []uint64{1, 2, 3}, c.ended(id).Claim.Infer.Quoted)
	require.EqualValues(t, 1_000_000, c.lost(people[0]))
}

// TestQuotesWithoutATask are a part of the claim like any other.
func TestQuotesWithoutATask(t *testing.T) {
	c := newTown(t)
	terms := quotingTerms(c.attributing())
	terms.Task, terms.Proof = nil, ProofQuorum
	say := func(quoted ...uint64) Claim {
		x := outcome("", 100)
		x.Infer.Quoted = quoted
		return x
	}
	id := c.post(c.creator, terms)
	require.NoError(t, c.take(id, c.w[0]))
	require.NoError(t, c.claim(id, c.w[0], say(100, 0, 0)))
	for _, who := range c.drawn(id) {
		c.checks(id, who, say(1, 2, 3))
		require.Equal(t, StateDisputed, c.job(id).State)
	}
	require.Equal(t, StateFailed, c.ended(id).State)
	require.EqualValues(t, 1_000_000, c.lost(c.w[0]))
}

// TestContestsAtRandomKeepEveryCoin: seats, reports of one of a few quotes, disputes won
// by either side, and silence, in any order; every step is followed by check.
func TestContestsAtRandomKeepEveryCoin(t *testing.T) {
	ends := map[string]int{}
	for seed := range int64(12) {
		rng := rand.New(rand.NewSource(seed))
		c := newTown(t)
		c.w = append(c.w, c.worker("w6", 6), c.worker("w7", 7))
		some := func() []uint64 { return [][]uint64{{100, 0, 0}, {1, 2, 3}, {1, 2, 3}, {0, 0, 0}}[rng.Intn(4)] }
		terms := quotingTerms(c.attributing())
		terms.Checkers = 1 + uint32(rng.Intn(2))
		id := c.post(c.creator, terms)
		var dispute uint64
		for !c.job(id).State.Final() {
			who := c.w[rng.Intn(len(c.w))]
			switch j := c.job(id); rng.Intn(20) {
			case 0:
				c.next()
			case 1, 17, 18:
				_ = c.take(id, who)
			case 2, 19:
				_ = c.claim(id, who, quoting(some()...))
			case 3, 4, 5, 6, 7, 8:
				_ = c.seat(id, who)
			case 9, 10, 11, 12, 13, 14, 15:
				if len(j.Checks) > 0 {
					_, _ = c.k.Report(c.ctx, c.finding(id, j.Checks[rng.Intn(len(j.Checks))].Worker, quoting(some()...)))
					c.check()
				}
			case 16:
				if j.held() {
					c.decides(dispute, []verify.Side{verify.Claimant, verify.Challenger}[rng.Intn(2)])
				} else if d, err := c.challenge(id, who, "trace"); err == nil && rng.Intn(3) == 0 {
					dispute = d
				} else if err == nil {
					c.decides(d, verify.Claimant)
				}
			}
		}
		j := c.job(id)
		ends[fmt.Sprintf("%s, contested %t, quotes %t", j.State.Word(), j.contested(), j.Claim != nil &&
			j.Claim.Infer.Quoted != nil)]++
	}
	t.Log(ends)
	for _, end := range []string{"paid, contested false, quotes true", "paid, contested true, quotes true",
		"paid, contested true, quotes false"} {
		require.NotZero(t, ends[end], end)
	}
}

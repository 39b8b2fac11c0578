package job

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"cosmossdk.io/math"
	"github.com/stretchr/testify/require"

	"github.com/minga-network/minga/x/worker"
)

// explained is the answer as text, with people's names for their addresses.
func (c *town) explained(id uint64) string {
	res, err := queries{c.k}.Explain(c.Ctx, &QueryExplainRequest{Id: id})
	require.NoError(c, err)
	var b strings.Builder
	fmt.Fprintln(&b, res.Summary)
	for _, x := range res.Candidates {
		fmt.Fprintf(&b, "%s %t: %s\n", x.Worker, x.Fits, x.Reason)
	}
	names := []string{c.creator, "creator", c.ana, "ana", c.beto, "beto"}
	for i, w := range c.w {
		names = append(names, w, fmt.Sprint("w", i))
	}
	return strings.NewReplacer(names...).Replace(b.String())
}

func TestExplainMeasuring(t *testing.T) {
	c := newTown(t)
	id := c.standing(measuredTerms(c.data...))
	require.Contains(t, c.explained(id), "Job 1 is done and its work is paid: 2000uminga to w0 (worker), 300uminga to "+
		"asset/1 (data), 40uminga to asset/3 (data), 700uminga to")
	require.Contains(t, c.explained(id), "; its model is made once its data is measured. Its creator has until height "+
		"50 to post the runs that measure its data.\n")
	first, err := c.measure(id, measureOf())
	require.NoError(t, err)
	require.Contains(t, c.explained(id), " Jobs 2 to 4 measure its data; 3 of these 3 are not paid yet.\n")
	require.Contains(t, c.explained(first+1),
		"is open until height 51. It is part 1 of job 1. Of the 4 workers that offer train")
	c.do(first + 2)
	require.Contains(t, c.explained(first+2), "confirmed by 1 of 1 checkers; it is paid after height 31. It is part 2")
	c.ended(id)
	require.Contains(t, c.explained(id),
		"the rest of both parts goes to the commons: child 0 (job 2) expired: nobody took it before its deadline.\n")
}

func TestExplainThroughALife(t *testing.T) {
	c := newTown(t)
	terms := trainTerms(c.data...)
	terms.MaxPrice, terms.Stake = math.NewInt(4), math.NewInt(4_500_000)
	require.NoError(t, c.workers.Lock(c.Ctx, c.w[1], math.NewInt(600_000)))
	res, err := c.k.Post(c.Ctx, &MsgPost{Creator: c.creator, Terms: terms})
	require.NoError(t, err)
	id := res.Job
	require.Equal(t, `Job 1 (train, 1000 units at up to 4uminga) is open until height 40. `+
		`Of the 4 workers that offer train, 2 fit and 1 may step in now.
w0 true: may step in now
w1 false: has 4400000uminga of its stake free, the job locks 4500000uminga
w2 true: may step in from height 15
w3 false: asks 5uminga a unit, the job pays at most 4uminga
`, c.explained(id))
	require.NoError(t, c.workers.Unlock(c.Ctx, c.w[1], math.NewInt(600_000)))

	require.NoError(t, c.take(id, c.w[0]))
	require.Equal(t, "Job 1 was taken by w0 at height 10 for 2uminga a unit; it has to claim by height 30.\n",
		c.explained(id))
	require.NoError(t, c.claim(id, c.w[0], honest()))
	text := c.explained(id)
	require.Contains(t, text, "Job 1 was claimed by w0; 0 of 1 checkers have reported, the others have until height 30. "+
		"Of the 4 workers that offer train, 3 fit and 1 may step in now.\n")
	require.Contains(t, text, "w0 false: made the claim\n")
	for _, from := range []string{" true: may step in now\n", " true: may step in from height 15\n",
		" true: may step in from height 20\n"} {
		at := strings.Index(text, from)
		require.NotEqual(t, -1, at)
		text = text[at:]
	}
	first := c.drawn(id)[0]
	checker := fmt.Sprint("w", slices.Index(c.w, first))
	require.NoError(t, c.seat(id, first))
	require.Equal(t, "Job 1 was claimed by w0; 0 of 1 checkers have reported, the others have until height 30.\n",
		c.explained(id))
	require.NoError(t, c.report(id, first, honest()))
	require.Equal(t, "Job 1 was claimed by w0 and confirmed by 1 of 1 checkers; it is paid after height 20.\n",
		c.explained(id))
	c.ended(id)
	require.Equal(t, "Job 1 is paid: 2000uminga to w0 (worker), 300uminga to asset/1 (data), 40uminga to asset/3 "+
		"(data), 700uminga to "+checker+" (checker), 6960uminga to creator (creator).\n", c.explained(id))
}

func TestExplainWhenNobodyComes(t *testing.T) {
	c := newTown(t)
	terms := trainTerms(c.data...)
	terms.MaxPrice = math.OneInt()
	id := c.post(c.creator, terms)
	require.Contains(t, c.explained(id),
		"None of the 4 workers that offer train fits, the reasons are below: change the terms in a new job, or wait.")
	c.ended(id)
	require.Equal(t, "Job 1 is expired: nobody took it before its deadline. Paid out: 10000uminga to creator (creator).\n",
		c.explained(id))
	for _, w := range c.w {
		_, err := c.workers.Update(c.Ctx, &worker.MsgUpdate{Worker: w, AddStake: math.ZeroInt(),
			Offers: []worker.Offer{{Kind: KindInfer, Price: math.OneInt()}}})
		require.NoError(t, err)
	}
	require.Contains(t, c.explained(c.post(c.creator, terms)),
		"No worker offers train: wait for one to register, or register one.")
	_, err := queries{c.k}.Explain(c.Ctx, &QueryExplainRequest{Id: 99})
	require.ErrorIs(t, err, ErrUnknown)
}

func TestExplainADispute(t *testing.T) {
	c := newTown(t)
	id := c.contested(outcome("", 1000))
	c.checks(id, c.drawn(id)[0], outcome("lie", 1000))
	require.Contains(t, c.explained(id), "Job 1 is disputed: 1 of 3 seats have reported; the majority of the seats "+
		"decides by height 110. Of the 4 workers that offer infer, 2 fit and 2 may step in now.\n")
}

// TestManyOffersAreNotWalked: behind the bound, and after a few turns, all workers may come.
func TestManyOffersAreNotWalked(t *testing.T) {
	c := newTown(t)
	for i := range walk {
		c.worker(fmt.Sprint("dear", i), 1)
	}
	terms := trainTerms(c.data...)
	id := c.post(c.creator, terms)
	require.ErrorIs(t, c.take(id, c.w[3]), ErrTurn)
	all, _, err := c.k.candidates(c.Ctx, c.job(id))
	require.NoError(t, err)
	require.Len(t, all, walk)
	res, err := queries{c.k}.Explain(c.Ctx, &QueryExplainRequest{Id: id})
	require.NoError(t, err)
	require.Contains(t, res.Summary, "Of the first 128 workers")
	c.At(10 + 5*turns)
	j := c.job(id)
	for _, w := range c.w {
		_, err := c.k.turn(c.Ctx, j, w)
		require.NoError(t, err)
		_, err = c.k.turn(c.Ctx.WithBlockHeight(9+5*turns), j, w)
		require.ErrorIs(t, err, ErrTurn)
	}
}

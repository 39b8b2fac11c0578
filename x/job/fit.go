package job

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"cosmossdk.io/math"

	"github.com/minga-network/minga/x/worker"
)

// walk bounds how many offers of a kind are looked at for one job. All workers that are ranked behind these have the
// same turn, the next one.
const walk = 128

// candidate is one worker seen from one job that is open or has free seats.
type candidate struct {
	worker worker.Worker
	price  math.Int
	// unfit says why it cannot take the job or the seat; empty if it can.
	unfit string
	// from is the height at which its turn begins, if it fits.
	from int64
}

// candidates looks at the workers that offer the job's kind, up to the bound. They are in the order in which they may
// step in: for the job the best ranked first, for a checker's seat by lot. Each child of a job has another worker
// first, so that all of them work at once and no worker makes all results. The first turn begins with the job or the
// claim, and each fitting worker's turn offer_blocks after the one before. behind is when those may step in that were
// not looked at.
func (k Keeper) candidates(ctx context.Context, j Job) (all []candidate, behind int64, err error) {
	p, err := k.params(ctx)
	if err != nil {
		return nil, 0, err
	}
	err = k.workers.Rank(ctx, Offered(j.Terms.Kind), func(w worker.Worker, price math.Int) (bool, error) {
		all = append(all, candidate{worker: w, price: price, unfit: unfit(j, w, price)})
		return len(all) == walk, nil
	})
	turn := j.Opened
	switch {
	case j.State == StateOpen && len(all) > 0:
		first := int(j.Terms.Number) % len(all)
		all = slices.Concat(all[first:], all[:first])
	case j.State != StateOpen:
		turn = j.Claimed
		slices.SortFunc(all, func(a, b candidate) int {
			x, y := j.lot(a.worker.Address), j.lot(b.worker.Address)
			return bytes.Compare(x[:], y[:])
		})
	}
	for i := range all {
		if all[i].from = turn; all[i].unfit == "" {
			turn += p.OfferBlocks
		}
	}
	return all, turn, err
}

// behind is the candidate of a worker that was not looked at.
func behind(j Job, w worker.Worker, turn int64) candidate {
	kind := Offered(j.Terms.Kind)
	for _, o := range w.Offers {
		if o.Kind == kind {
			return candidate{worker: w, price: o.Price, unfit: unfit(j, w, o.Price), from: turn}
		}
	}
	return candidate{worker: w, unfit: "does not offer " + string(kind)}
}

// turn returns the worker as a candidate that may take the job, or the seat, now.
func (k Keeper) turn(ctx context.Context, j Job, addr string) (candidate, error) {
	w, err := k.workers.Get(ctx, addr)
	if err != nil {
		return candidate{}, err
	}
	all, last, err := k.candidates(ctx, j)
	if err != nil {
		return candidate{}, err
	}
	c := behind(j, w, last)
	if at := slices.IndexFunc(all, func(c candidate) bool { return c.worker.Address == w.Address }); at >= 0 {
		c = all[at]
	}
	switch h := height(ctx); {
	case c.unfit != "":
		return candidate{}, ErrUnfit.Wrapf("job %d: %s %s", j.Id, w.Address, c.unfit)
	case c.from > h:
		return candidate{}, ErrTurn.Wrapf("job %d: other workers come first, the turn of %s begins at height %d and it is %d",
			j.Id, w.Address, c.from, h)
	}
	return c, nil
}

// unfit says why a worker cannot take an open job, or a seat at a claimed one.
// A checker's price does not matter, since the terms say what it is paid.
func unfit(j Job, w worker.Worker, price math.Int) string {
	switch {
	case w.Release != 0:
		return "is leaving"
	case slices.Contains(j.Barred, w.Address):
		return "lost its stake over this job"
	case w.Address == j.Creator:
		return "posted the job itself"
	case j.State == StateOpen && price.GT(j.Terms.MaxPrice):
		return fmt.Sprintf("asks %s a unit, the job pays at most %s", money(price), money(j.Terms.MaxPrice))
	case w.Address == j.Worker:
		return "made the claim"
	case j.seat(w.Address) != nil:
		return "has a seat already"
	case w.Free().LT(j.Terms.Stake):
		return fmt.Sprintf("has %s of its stake free, the job locks %s", money(w.Free()), money(j.Terms.Stake))
	}
	return ""
}

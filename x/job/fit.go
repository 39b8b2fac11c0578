package job

import (
	"context"
	"fmt"
	"slices"

	"cosmossdk.io/math"

	"github.com/minga-network/minga/x/worker"
)

// walk bounds how many offers of a kind are looked at for one open job. All workers that are ranked behind these have
// the same turn, the last one.
const walk = 128

// turns is how many fitting workers come one after the other, beyond those that are wanted. Then everybody may step in:
// workers that never come hold a job up for so many turns at most.
const turns = 3

// candidate is one worker seen from one job that is open or has free seats.
type candidate struct {
	worker worker.Worker
	price  math.Int
	// unfit says why it cannot take the job or the seat; empty if it can.
	unfit string
	// from is the height at which its turn begins, if it fits.
	from int64
}

// candidates lists workers that offer the job's kind, in the order in which they may step in: for the job the best
// ranked first, for a checker's seat those drawn. As many as are wanted may come at once, each further one
// offer_blocks later. behind is when everybody else may.
func (k Keeper) candidates(ctx context.Context, j Job) (all []candidate, behind int64, err error) {
	p, err := k.params(ctx)
	if err != nil {
		return nil, 0, err
	}
	from := j.Opened
	if j.State == StateOpen {
		all, err = k.ranked(ctx, j)
	} else {
		all, from, err = k.lottery(ctx, &j)
	}
	if err != nil {
		return nil, 0, err
	}
	ahead := 1 - j.wanted()
	for i := range all {
		all[i].from = from + p.OfferBlocks*int64(min(max(0, ahead), turns))
		if all[i].unfit == "" {
			ahead++
		}
	}
	return all, from + p.OfferBlocks*int64(min(max(0, ahead), turns)), nil
}

// ranked are the best ranked workers for an open job. Each child of a job has another one first, so that all of them
// work at once and no worker makes all results.
func (k Keeper) ranked(ctx context.Context, j Job) (all []candidate, err error) {
	err = k.workers.Rank(ctx, Offered(j.Terms.Kind), func(w worker.Worker, price math.Int) (bool, error) {
		all = append(all, candidate{worker: w, price: price, unfit: unfit(j, w, price)})
		return len(all) == walk, nil
	})
	if len(all) == 0 || err != nil {
		return nil, err
	}
	first := int(j.Terms.Number) % len(all)
	return slices.Concat(all[first:], all[:first]), nil
}

// behind is the candidate of a worker that was not looked at.
func behind(j Job, w worker.Worker, turn int64) candidate {
	kind := Offered(j.Terms.Kind)
	if price, offers := w.Price(kind); offers {
		return candidate{worker: w, price: price, unfit: unfit(j, w, price), from: turn}
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
	case c.from == later:
		return candidate{}, ErrTurn.Wrapf("job %d: the seats are drawn some blocks after height %d, try again in the next "+
			"block", j.Id, j.Drawn)
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

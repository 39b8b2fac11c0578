package job

import (
	"context"
	"fmt"

	"cosmossdk.io/math"

	"github.com/minga-network/minga/x/worker"
)

// walk bounds how many offers of a kind are looked at for one job. Workers ranked
// behind that many stand together in the next place.
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

// candidates looks at the workers that offer the job's kind, best first, up to and
// including the worker until, or up to the bound. A fitting worker's turn begins
// offer_blocks after that of the one before it; the first one's with the job.
func (k Keeper) candidates(ctx context.Context, j Job, until string) ([]candidate, error) {
	p, err := k.params(ctx)
	if err != nil {
		return nil, err
	}
	turn := j.Posted
	if j.State != StateOpen {
		turn = j.Claimed
	}
	var all []candidate
	err = k.workers.Rank(ctx, j.Terms.Kind, func(w worker.Worker, price math.Int) (bool, error) {
		c := candidate{worker: w, price: price, unfit: unfit(j, w, price), from: turn}
		if c.unfit == "" {
			turn += p.OfferBlocks
		}
		all = append(all, c)
		return w.Address == until || len(all) == walk, nil
	})
	if err != nil || until == "" || (len(all) > 0 && all[len(all)-1].worker.Address == until) {
		return all, err
	}
	c, err := k.behind(ctx, j, until, turn)
	return append(all, c), err
}

// behind is the candidate for a worker that the walk did not reach.
func (k Keeper) behind(ctx context.Context, j Job, addr string, turn int64) (candidate, error) {
	w, err := k.workers.Get(ctx, addr)
	if err != nil {
		return candidate{}, err
	}
	for _, o := range w.Offers {
		if o.Kind == j.Terms.Kind {
			return candidate{worker: w, price: o.Price, unfit: unfit(j, w, o.Price), from: turn}, nil
		}
	}
	return candidate{worker: w, unfit: "does not offer " + j.Terms.Kind}, nil
}

// turn returns the worker as a candidate that may take the job, or the seat, now.
func (k Keeper) turn(ctx context.Context, j Job, addr string) (candidate, error) {
	w, err := k.workers.Get(ctx, addr)
	if err != nil {
		return candidate{}, err
	}
	all, err := k.candidates(ctx, j, w.Address)
	if err != nil {
		return candidate{}, err
	}
	c := all[len(all)-1]
	switch h := height(ctx); {
	case c.unfit != "":
		return candidate{}, ErrUnfit.Wrapf("job %d: %s %s", j.Id, w.Address, c.unfit)
	case c.from > h:
		return candidate{}, ErrTurn.Wrapf("job %d: better ranked workers come first, the turn of %s begins at height %d and it is %d", j.Id, w.Address, c.from, h)
	}
	return c, nil
}

// unfit says why a worker cannot take an open job, or a seat at a claimed one.
// A checker's price does not matter: it is paid what the terms say.
func unfit(j Job, w worker.Worker, price math.Int) string {
	switch {
	case w.Release != 0:
		return "is leaving"
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

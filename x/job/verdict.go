package job

import (
	"context"
	"slices"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/x/worker"
)

// endDisputes ends the disputes that are decided, and those in which nothing came in time.
func (k Keeper) endDisputes(ctx context.Context) error {
	due, err := due(ctx, k.Deadlines)
	if err != nil {
		return err
	}
	for _, id := range due {
		d, err := k.Disputes.Get(ctx, id)
		if err != nil {
			return err
		}
		if d.Ended != 0 {
			continue // with another one in this block
		}
		ended := d
		if wholly(ctx, "dispute", id, func(ctx context.Context) error { return k.rule(ctx, &ended) }) {
			continue
		}
		if err := k.await(ctx, &d, height(ctx)+retry); err != nil {
			return err
		}
	}
	return nil
}

// rule ends one dispute. Silence loses.
func (k Keeper) rule(ctx context.Context, d *Dispute) error {
	g, err := verify.DecodeGame(d.Game)
	if err != nil {
		return err
	}
	d.Reason = "the disputed step was executed"
	if silent := g.Turn(); silent != verify.Nobody {
		d.Reason = "the " + string(sides[silent]) + " did not move in time"
		g.Silent()
		d.Game = g.Encode()
	}
	j, err := k.Get(ctx, d.Job)
	if err != nil {
		return err
	}
	if g.Winner == verify.Challenger {
		return k.fall(ctx, &j, d)
	}
	return k.repel(ctx, &j, d)
}

// repel ends a dispute that the challenger lost. It loses its bond. Half of that pays the claimant for its work, and
// half is burned, so that losing to a friend is not free. A checker that lost leaves its seat to another, who gets time
// for the work.
func (k Keeper) repel(ctx context.Context, j *Job, d *Dispute) error {
	half := worker.Reward{To: d.Claimant, Amount: j.Terms.Stake.QuoRaw(2)}
	if err := k.free(ctx, j, d.Challenger, j.Terms.Stake, []worker.Reward{half}, false); err != nil {
		return err
	}
	d.Winner, d.Slashed = d.Claimant, j.Terms.Stake
	if err := k.conclude(ctx, d); err != nil {
		return err
	}
	due := j.Due
	if seat := j.seat(d.Challenger); seat != nil && seat.Dispute == d.Id {
		j.Checks = slices.DeleteFunc(j.Checks, func(c Check) bool { return c.Dispute == d.Id })
		j.Barred = append(j.Barred, d.Challenger)
		due = max(due, height(ctx)+j.Terms.Work)
	}
	others, err := k.disputes(ctx, j.Id)
	if err != nil {
		return err
	}
	if len(others) == 0 {
		if err := move(j, StateClaimed); err != nil {
			return err
		}
		due = max(due, height(ctx))
	}
	if err := k.wait(ctx, j, due); err != nil {
		return err
	}
	return k.Jobs.Set(ctx, j.Id, *j)
}

// fall ends a claim that a challenger has shown to be false, and all disputes about it. The job is open again for an
// honest worker, and its escrow stays.
func (k Keeper) fall(ctx context.Context, j *Job, won *Dispute) error {
	finders := found(j, won)
	liar, stake := j.Worker, j.Terms.Stake
	if err := k.free(ctx, j, liar, stake, rewards(stake, finders), false); err != nil {
		return err
	}
	j.Barred = append(j.Barred, liar)
	open, err := k.disputes(ctx, j.Id)
	if err != nil {
		return err
	}
	for i := range open {
		d := &open[i]
		d.Reason = "the claim fell by another dispute"
		if d.Id == won.Id {
			d = won
			d.Winner, d.Slashed = d.Challenger, stake
		}
		if err := k.release(ctx, d); err != nil {
			return err
		}
	}
	if err := k.excuse(ctx, j, finders); err != nil {
		return err
	}
	return k.reopen(ctx, j, liar, stake)
}

// found are those who share the half of a liar's stake that is not burned: whoever won, and the checkers that object
// too. The chain drew these, so an accomplice of the liar that is faster cannot take all of it back.
func found(j *Job, won *Dispute) []string {
	var who []string
	for _, c := range j.Checks {
		if c.Dispute != 0 {
			who = append(who, c.Worker)
		}
	}
	if !slices.Contains(who, won.Challenger) {
		who = append(who, won.Challenger)
	}
	return who
}

// release ends a dispute about a claim that has fallen and gives the bond back.
func (k Keeper) release(ctx context.Context, d *Dispute) error {
	if d.Bond.IsPositive() {
		if err := k.workers.Unlock(ctx, d.Challenger, d.Bond); err != nil {
			return err
		}
		if d.Winner != "" {
			if err := k.workers.Record(ctx, d.Challenger, true); err != nil {
				return err
			}
		}
	}
	return k.conclude(ctx, d)
}

// excuse lets the checkers of a fallen claim go. Those that agreed lose the stake, half of it to those who found the
// lie. Those that are still at work lose nothing.
func (k Keeper) excuse(ctx context.Context, j *Job, finders []string) error {
	stake := j.Terms.Stake
	for _, c := range j.Checks {
		var err error
		switch {
		case c.Dispute != 0:
			err = k.free(ctx, j, c.Worker, math.ZeroInt(), nil, true)
		case c.Report != nil:
			j.Barred = append(j.Barred, c.Worker)
			err = k.free(ctx, j, c.Worker, stake, rewards(stake, finders), false)
		default:
			err = k.workers.Unlock(ctx, c.Worker, stake)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// reopen offers a job again as if it had been posted now: its claim fell, or its worker was late and the kind is
// retried.
func (k Keeper) reopen(ctx context.Context, j *Job, who string, slashed math.Int) error {
	why, err := k.useless(ctx, j)
	if err != nil {
		return err
	}
	if why != "" {
		return k.failed(ctx, j, refundAll(*j), slashed, why)
	}
	if err := move(j, StateOpen); err != nil {
		return err
	}
	j.Worker, j.Price, j.Taken, j.Claimed = "", math.ZeroInt(), 0, 0
	j.Claim, j.Seed, j.Checks, j.Seats = nil, nil, nil, j.Terms.Checkers
	j.Opened = height(ctx)
	if err := k.wait(ctx, j, j.Opened+j.Terms.Deadline); err != nil {
		return err
	}
	if err := k.Jobs.Set(ctx, j.Id, *j); err != nil {
		return err
	}
	return sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(
		&EventReopened{Job: j.Id, Worker: who, Slashed: money(slashed), Due: j.Due})
}

// conclude writes how a dispute ended.
func (k Keeper) conclude(ctx context.Context, d *Dispute) error {
	d.Ended = height(ctx)
	if err := k.Open.Remove(ctx, collections.Join(d.Job, d.Id)); err != nil {
		return err
	}
	if err := k.await(ctx, d, 0); err != nil {
		return err
	}
	return sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(
		&EventDecided{Dispute: d.Id, Job: d.Job, Winner: d.Winner, Slashed: money(d.Slashed), Reason: d.Reason})
}

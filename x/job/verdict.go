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
func (k Keeper) endDisputes(ctx context.Context, m *meter) error {
	due, err := due(ctx, k.Deadlines)
	if err != nil {
		return err
	}
	for _, id := range due {
		if m.left <= 0 {
			return nil
		}
		d, err := k.Disputes.Get(ctx, id)
		if err != nil {
			return err
		}
		if d.Due == 0 || d.Due > height(ctx) {
			continue // ended, or begun again, with another one in this block
		}
		ended, end := d, k.rule
		if d.Failures >= tries {
			end = k.annul
		}
		if m.wholly(ctx, "dispute", id, func(ctx context.Context) error { return end(ctx, &ended) }) {
			continue
		}
		d.Failures++
		if err := k.await(ctx, &d, height(ctx)+retry); err != nil {
			return err
		}
	}
	return nil
}

// rule ends one dispute, or gives the claim to another defender. Silence loses.
func (k Keeper) rule(ctx context.Context, d *Dispute) error {
	g, err := verify.DecodeGame(d.Game)
	if err != nil {
		return err
	}
	silent := g.Turn()
	d.Reason = "the disputed step was executed"
	if silent != verify.Nobody {
		d.Reason = "the " + string(sides[silent]) + " did not move in time"
		g.Silent()
		d.Game = g.Encode()
	}
	j, err := k.Get(ctx, d.Job)
	if err != nil {
		return err
	}
	if g.Winner == verify.Challenger {
		return k.overcome(ctx, &j, d, silent != verify.Nobody)
	}
	return k.repel(ctx, &j, d)
}

// repel ends a dispute that the challenger lost. It loses its bond. Half of that pays whoever answered for the claim,
// and half is burned, so that losing to a friend is not free. A checker that lost leaves its seat to another.
func (k Keeper) repel(ctx context.Context, j *Job, d *Dispute) error {
	half := worker.Reward{To: d.Claimant, Amount: j.Terms.Stake.QuoRaw(2)}
	if err := k.free(ctx, j, d.Challenger, j.Terms.Stake, []worker.Reward{half}, false); err != nil {
		return err
	}
	d.Winner, d.Slashed = d.Claimant, j.Terms.Stake
	if err := k.conclude(ctx, d); err != nil {
		return err
	}
	j.Barred = append(j.Barred, d.Challenger)
	return k.goOn(ctx, j, d)
}

// goOn has a claim go on after a dispute that did not end it. If the challenger was a checker, another takes its seat
// and gets time for the work. If no other dispute is left, the claim stands again as it did before.
func (k Keeper) goOn(ctx context.Context, j *Job, d *Dispute) error {
	due := j.Due
	if seat := j.seat(d.Challenger); seat != nil && seat.Dispute == d.Id {
		j.unseat(ctx, d.Challenger)
		due = max(due, k.checked(ctx, j))
	}
	others, err := k.disputes(ctx, j.Id)
	if err != nil {
		return err
	}
	if err := k.begins(ctx, j, others); err != nil {
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

// overcome is what follows when the claim's side has lost a dispute. Whoever answered for the claim loses its stake.
// That does not show yet that the claim is false: its side may have been silent, or have shown false parts of a true
// run. So the checkers that agreed answer in its place, one after the other. The claim falls when none is left.
func (k Keeper) overcome(ctx context.Context, j *Job, d *Dispute, silent bool) error {
	if err := k.forfeit(ctx, j, d, silent); err != nil {
		return err
	}
	next, err := k.successor(ctx, j)
	if err != nil {
		return err
	}
	if next == "" {
		return k.fall(ctx, j, d)
	}
	return k.defend(ctx, j, d, next)
}

// forfeit takes the stake of whoever answered for the claim. If a step showed it wrong, those who found that share a
// half, and the rest is burned. If it was silent, all is burned, but for what looking cost them, which they get once,
// from the worker: a claimant gains nothing by giving in to a friend.
func (k Keeper) forfeit(ctx context.Context, j *Job, d *Dispute, silent bool) error {
	stake := j.Terms.Stake
	to := rewards(stake, found(j, d))
	switch {
	case silent && j.Defender == "":
		to = repaid(j, found(j, d))
	case silent:
		to = nil
	}
	if err := k.free(ctx, j, d.Claimant, stake, to, false); err != nil {
		return err
	}
	j.Barred = append(j.Barred, d.Claimant)
	j.unseat(ctx, d.Claimant)
	return nil
}

// repaid gives each of those who looked a checker's pay, and all together at most half of the stake.
func repaid(j *Job, who []string) []worker.Reward {
	to := rewards(j.Terms.Stake, who)
	for i := range to {
		to[i].Amount = math.MinInt(to[i].Amount, j.Terms.CheckPay)
	}
	return to
}

// unseat takes a checker's seat away, if it has one. It is drawn anew, by a seed that nobody knows yet.
func (j *Job) unseat(ctx context.Context, who string) {
	if j.seat(who) != nil {
		j.Checks = slices.DeleteFunc(j.Checks, func(c Check) bool { return c.Worker == who })
		j.Drawn = height(ctx)
	}
}

// successor is the first checker that has agreed with the claim and can answer for it; empty if there is none.
func (k Keeper) successor(ctx context.Context, j *Job) (string, error) {
	for _, c := range j.Checks {
		if c.Report == nil {
			continue
		}
		agrees, err := onlyRequotes(j, *c.Report)
		if agrees || err != nil {
			return c.Worker, err
		}
	}
	return "", nil
}

// defend has a checker that agreed answer for the claim from now on. All disputes about it begin again, since others
// have moved so far. The first move may need the whole work again, and that of other claims that it defends before.
func (k Keeper) defend(ctx context.Context, j *Job, lost *Dispute, who string) error {
	event := &EventDefended{
		Job: j.Id, Dispute: lost.Id, Lost: lost.Claimant, Slashed: money(j.Terms.Stake), Defender: who,
	}
	j.Defender = who
	open, err := k.disputes(ctx, j.Id)
	if err != nil {
		return err
	}
	before, err := k.defended(ctx, who)
	if err != nil {
		return err
	}
	for i := range open {
		if err := k.again(ctx, j, &open[i], before+j.Terms.Work); err != nil {
			return err
		}
	}
	if err := k.Jobs.Set(ctx, j.Id, *j); err != nil {
		return err
	}
	return sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(event)
}

// defended is the work on the claims that a checker has to answer for already, in blocks.
func (k Keeper) defended(ctx context.Context, who string) (work int64, err error) {
	of := collections.NewPrefixedPairRange[string, uint64](who)
	err = k.Jobs.Indexes.Worker.Walk(ctx, of, func(key collections.Pair[string, uint64]) (bool, error) {
		j, wrong := k.Jobs.Get(ctx, key.K2())
		if wrong == nil && j.Defender == who {
			work += j.Terms.Work
		}
		return wrong != nil, wrong
	})
	return work, err
}

// again begins a dispute anew with the claim's present defender, who gets more time for the first move.
func (k Keeper) again(ctx context.Context, j *Job, d *Dispute, more int64) error {
	g, err := j.challenged(d.Target)
	if err != nil {
		return err
	}
	d.Claimant, d.Game = j.Defender, g.Encode()
	if d.Due == 0 {
		return k.Disputes.Set(ctx, d.Id, *d)
	}
	return k.allow(ctx, j, d, g.Turn(), more)
}

// fall ends a claim for which nobody answers any more, and all disputes about it. The job is open again for an honest
// worker, and its escrow stays.
func (k Keeper) fall(ctx context.Context, j *Job, won *Dispute) error {
	open, err := k.disputes(ctx, j.Id)
	if err != nil {
		return err
	}
	for i := range open {
		d := &open[i]
		d.Reason = "the claim fell by another dispute"
		if d.Id == won.Id {
			d = won
			d.Winner, d.Slashed = d.Challenger, j.Terms.Stake
		}
		if err := k.release(ctx, d); err != nil {
			return err
		}
	}
	for _, c := range j.Checks {
		if err := k.excuse(ctx, j, c); err != nil {
			return err
		}
	}
	return k.reopen(ctx, j, won.Claimant, j.Terms.Stake)
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

// excuse lets a checker of a fallen claim go. It has objected, or is still at work: those that agreed have answered for
// the claim and lost.
func (k Keeper) excuse(ctx context.Context, j *Job, c Check) error {
	if c.Dispute != 0 {
		return k.free(ctx, j, c.Worker, math.ZeroInt(), nil, true)
	}
	return k.workers.Unlock(ctx, c.Worker, j.Terms.Stake)
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
	j.Claim, j.Drawn, j.Checks, j.Seats, j.Defender = nil, 0, nil, j.Terms.Checkers, ""
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

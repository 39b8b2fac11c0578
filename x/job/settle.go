package job

import (
	"context"

	"cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"

	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/x/worker"
)

// settle ends a job whose claim has had its time.
func (k Keeper) settle(ctx context.Context, j *Job) error {
	proof := j.proof()
	decision, held, err := proof.decide(j, true)
	if err != nil {
		return err
	}
	if decision == verify.Undecided && j.reported() < int(j.Seats) {
		return k.unchecked(ctx, j)
	}
	v, err := judge(j, decision, held)
	if err != nil {
		return err
	}
	if err := k.dismiss(ctx, j, v); err != nil {
		return err
	}
	return proof.final(k, ctx, j, decision, v.right)
}

// undecided ends a job when nobody can say whether its claim is true. Nobody is blamed, and the budget goes back.
func (k Keeper) undecided(ctx context.Context, j *Job) error {
	if err := k.unlockWorker(ctx, j); err != nil {
		return err
	}
	reason := "too few checkers reported in time"
	if j.State == StateDisputed {
		reason = "no result was reported by a majority of the checkers' seats"
	}
	return k.failed(ctx, j, refundAll(*j), math.ZeroInt(), reason)
}

// unlockWorker gives the worker its stake back. If a checker answers for the claim, the worker has lost it before.
func (k Keeper) unlockWorker(ctx context.Context, j *Job) error {
	if j.Defender != "" {
		return nil
	}
	return k.workers.Unlock(ctx, j.Worker, j.Terms.Stake)
}

// verdict sorts a job's checkers by what they reported.
type verdict struct{ right, wrong, unjudged, silent []string }

// judge compares the reports with what held. If nothing held, the reports have no consequence.
func judge(j *Job, decision verify.Decision, held verify.Claim) (verdict, error) {
	var v verdict
	for _, c := range j.Checks {
		if c.Report == nil {
			v.silent = append(v.silent, c.Worker)
			continue
		}
		r, err := sum(c.Report)
		switch {
		case err != nil:
			return verdict{}, err
		case decision != verify.Stands && decision != verify.Falls:
			v.unjudged = append(v.unjudged, c.Worker)
		case r == held:
			v.right = append(v.right, c.Worker)
		default:
			v.wrong = append(v.wrong, c.Worker)
		}
	}
	return v, nil
}

// dismiss lets the checkers go. Only a step costs a stake, never a majority: a checker that reported something else
// than most is not paid, and that is all. A checker that said nothing pays the fine for being late. The fine is burned,
// so that nobody gains by keeping a checker from its work.
func (k Keeper) dismiss(ctx context.Context, j *Job, v verdict) error {
	fine, err := k.fine(ctx, j)
	if err != nil {
		return err
	}
	for _, who := range v.unjudged {
		if err := k.workers.Unlock(ctx, who, j.Terms.Stake); err != nil {
			return err
		}
	}
	for _, group := range []struct {
		who  []string
		lost math.Int
		done bool
	}{{v.right, math.ZeroInt(), true}, {v.wrong, math.ZeroInt(), false}, {v.silent, fine, false}} {
		for _, who := range group.who {
			if err := k.free(ctx, j, who, group.lost, nil, group.done); err != nil {
				return err
			}
		}
	}
	return nil
}

// free ends a worker's part in a job: it loses some of what it locked, gets the rest
// back, and has the outcome written into its record.
func (k Keeper) free(ctx context.Context, j *Job, who string, lost math.Int, to []worker.Reward, done bool) error {
	if lost.IsPositive() {
		if err := k.workers.Slash(ctx, who, lost, to); err != nil {
			return err
		}
	}
	if err := k.workers.Unlock(ctx, who, j.Terms.Stake.Sub(lost)); err != nil {
		return err
	}
	return k.workers.Record(ctx, who, done)
}

// fine is the part of the job's stake that being late costs, in uminga.
func (k Keeper) fine(ctx context.Context, j *Job) (math.Int, error) {
	p, err := k.params(ctx)
	return j.Terms.Stake.MulRaw(int64(p.LateSlash)).QuoRaw(whole), err
}

// stands ends the work on a job whose claim stands. If a checker answers for it, the worker's part has ended before; it
// is paid all the same, as the claim is true.
func (k Keeper) stands(ctx context.Context, j *Job, right []string) error {
	if j.Defender == "" {
		if err := k.free(ctx, j, j.Worker, math.ZeroInt(), nil, true); err != nil {
			return err
		}
	}
	return k.payOut(ctx, j, right)
}

// payOut pays for the work. A job with children then waits for them, unless they have ended.
func (k Keeper) payOut(ctx context.Context, j *Job, right []string) error {
	fees, err := k.fees(ctx, j)
	if err != nil {
		return err
	}
	if err = k.disburse(ctx, j, bill(*j, fees, right)); err != nil {
		return err
	}
	due, waits, err := k.awaited(ctx, j)
	if err != nil {
		return err
	}
	if !waits {
		return k.complete(ctx, j)
	}
	if err := move(j, StateWaiting); err != nil {
		return err
	}
	if err := k.wait(ctx, j, due); err != nil {
		return err
	}
	if err := k.Jobs.Set(ctx, j.Id, *j); err != nil {
		return err
	}
	return sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(
		&EventWaiting{Job: j.Id, Worker: j.Worker, Amount: money(j.fee()), Due: due})
}

// fees says who gets the fee, and what is paid besides it and the checkers.
func (k Keeper) fees(ctx context.Context, j *Job) ([]Payment, error) {
	if fees := j.kind().fees; fees != nil {
		return fees(ctx, k, j)
	}
	return workerFee(j), nil
}

// awaited tells whether a job whose work is paid has to wait for children, and until when; 0: until they have ended.
func (k Keeper) awaited(ctx context.Context, j *Job) (due int64, waits bool, err error) {
	c, _, err := k.children(ctx, j.Id)
	if err != nil || c.outstanding() {
		return 0, err == nil, err
	}
	if kindWaits := j.kind().waits; kindWaits != nil {
		return kindWaits(ctx, k, j)
	}
	return 0, false, nil
}

// complete ends a job that is paid for and waits for nothing.
func (k Keeper) complete(ctx context.Context, j *Job) error {
	if paid := j.kind().paid; paid != nil {
		if err := paid(k, ctx, j); err != nil {
			return err
		}
	}
	return k.completed(ctx, j, nil)
}

func (k Keeper) completed(ctx context.Context, j *Job, lines []Payment) error {
	if err := k.end(ctx, j, StatePaid, lines); err != nil {
		return err
	}
	return sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(
		&EventPaid{Job: j.Id, Worker: j.Worker, Amount: money(j.fee()), Asset: j.Asset})
}

// falls ends a job whose claim most checkers deny. Its worker is not paid.
func (k Keeper) falls(ctx context.Context, j *Job, right []string) error {
	if err := k.free(ctx, j, j.Worker, math.ZeroInt(), nil, false); err != nil {
		return err
	}
	return k.failed(ctx, j, withRest(*j, checkPay(*j, j.Escrow, right)), math.ZeroInt(),
		"most checkers got another result than the worker claimed")
}

func (k Keeper) failed(ctx context.Context, j *Job, lines []Payment, slashed math.Int, reason string) error {
	j.Reason = reason
	if err := k.end(ctx, j, StateFailed, lines); err != nil {
		return err
	}
	return sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(
		&EventFailed{Job: j.Id, Worker: j.Worker, Slashed: money(slashed), Reason: reason})
}

// end moves a job to its last state, and pays the rest of its escrow out by the lines.
func (k Keeper) end(ctx context.Context, j *Job, to State, lines []Payment) error {
	if err := move(j, to); err != nil {
		return err
	}
	if err := k.disburse(ctx, j, lines); err != nil {
		return err
	}
	if err := k.wait(ctx, j, 0); err != nil {
		return err
	}
	if err := k.Jobs.Set(ctx, j.Id, *j); err != nil {
		return err
	}
	return k.after(ctx, j)
}

// disburse pays a job's escrow out by the lines.
func (k Keeper) disburse(ctx context.Context, j *Job, lines []Payment) error {
	for _, p := range lines {
		if err := k.pay(ctx, j.Id, p); err != nil {
			return err
		}
		j.Escrow = j.Escrow.Sub(p.Amount)
	}
	j.Paid = append(j.Paid, lines...)
	return nil
}

func (k Keeper) pay(ctx context.Context, job uint64, p Payment) error {
	if p.Asset != 0 {
		return k.assets.Deposit(ctx, authtypes.NewModuleAddress(Name), p.Asset, p.Amount, job)
	}
	to, _, err := k.account(p.To)
	if err != nil {
		return err
	}
	return k.bank.SendCoinsFromModuleToAccount(ctx, Name, to, coins(p.Amount))
}

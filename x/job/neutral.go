package job

import (
	"context"
	"slices"

	"cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/minga-network/minga/x/asset"
)

// An end can fail: the bank may refuse a receiver, or we may have made a mistake. After some tries the job, or the
// dispute, ends neutrally. Nobody is blamed or paid for work. All stakes are free again, and what is left in escrow
// goes back. So nothing stays locked for ever.

// unended is why something ends neutrally.
const unended = "its end failed several times, so it ends with nobody blamed"

// neutral ends a job. If the creator cannot be paid, the commons gets the rest of the escrow.
func (k Keeper) neutral(ctx context.Context, j *Job) error {
	if j.State != StateOpen && j.State != StateWaiting {
		if err := k.unlockAll(ctx, j); err != nil {
			return err
		}
	}
	lines, err := k.payable(ctx, j.Id, refundAll(*j))
	if err != nil {
		return err
	}
	switch j.State {
	case StateOpen:
		return k.expired(ctx, j, lines, unended)
	case StateWaiting:
		j.Reason = unended
		return k.completed(ctx, j, lines)
	default:
		return k.failed(ctx, j, lines, math.ZeroInt(), unended)
	}
}

// unlockAll gives the stakes of a job that is worked on or claimed back.
func (k Keeper) unlockAll(ctx context.Context, j *Job) error {
	if err := k.unlockWorker(ctx, j); err != nil {
		return err
	}
	for _, c := range j.Checks {
		if err := k.workers.Unlock(ctx, c.Worker, j.Terms.Stake); err != nil {
			return err
		}
	}
	return nil
}

// payable makes the commons the receiver of those payments that the bank refuses.
func (k Keeper) payable(ctx context.Context, job uint64, lines []Payment) ([]Payment, error) {
	commons, err := k.addr.BytesToString(asset.CommonsAddress())
	if err != nil {
		return nil, err
	}
	lines = slices.Clone(lines)
	for i, p := range lines {
		spare, _ := sdk.UnwrapSDKContext(ctx).CacheContext()
		if contained(func() error { return k.pay(spare, job, p) }) != nil {
			lines[i] = Payment{To: commons, Role: RoleCommons, Amount: p.Amount}
		}
	}
	return lines, nil
}

// annul ends a dispute. The challenger's bond, or the stake of its seat, is free again, and the claim goes on without
// it.
func (k Keeper) annul(ctx context.Context, d *Dispute) error {
	j, err := k.Get(ctx, d.Job)
	if err != nil {
		return err
	}
	stake := d.Bond
	if !stake.IsPositive() {
		stake = j.Terms.Stake
	}
	if err := k.workers.Unlock(ctx, d.Challenger, stake); err != nil {
		return err
	}
	d.Reason = unended
	if err := k.conclude(ctx, d); err != nil {
		return err
	}
	j.Barred = append(j.Barred, d.Challenger)
	return k.goOn(ctx, &j, d)
}

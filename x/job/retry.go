package job

import (
	"context"

	"cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/minga-network/minga/x/asset"
)

// A claim does not fail because a checker is silent: others take its seat, as long as it takes, so that no single
// checker keeps a worker from its pay. Fines are burned: nobody, not the creator either, gains by holding a job up.
//
// If nobody comes to check, nobody has denied the claim, and the worker is paid. But what nobody has confirmed becomes
// no model (mint.go). The fee of a session that nobody has looked at goes to the commons, since only its claim says
// what was served. A job of a kind that is retried ends instead, and its parent gives up: a parent counts on what its
// children say. That costs the creator, who chose the terms. No worker loses anything.

// mostFailures is how many workers may lose something over one job before it ends.
const mostFailures = 32

// unheard is why a job is paid without a model.
const unheard = "nobody came to check the claim, and nobody challenged it"

// unchecked gives a job whose claim has too few reports another time for the work, with other checkers in place of the
// silent ones. If nobody came, it waits as long as for somebody to take it.
func (k Keeper) unchecked(ctx context.Context, j *Job) error {
	fine, err := k.fine(ctx, j)
	if err != nil {
		return err
	}
	var silent []string
	for _, c := range j.Checks {
		if c.Report == nil {
			silent = append(silent, c.Worker)
		}
	}
	for _, who := range silent {
		if err := k.free(ctx, j, who, fine, nil, false); err != nil {
			return err
		}
		j.unseat(ctx, who)
	}
	j.Barred = append(j.Barred, silent...)
	if len(silent) == 0 && height(ctx) >= j.Claimed+j.Terms.Deadline || len(j.Barred) >= mostFailures {
		return k.unproven(ctx, j)
	}
	if err := k.wait(ctx, j, k.checked(ctx, j)); err != nil {
		return err
	}
	if err := k.Jobs.Set(ctx, j.Id, *j); err != nil {
		return err
	}
	return sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(
		&EventUnchecked{Job: j.Id, Worker: j.Worker, Silent: silent, Slashed: money(fine), Due: j.Due})
}

// unproven ends a job that nobody checks any more. Those who did report lose nothing.
func (k Keeper) unproven(ctx context.Context, j *Job) error {
	pays := !j.kind().retried && j.State == StateClaimed
	if !pays {
		return k.neither(ctx, j)
	}
	for _, c := range j.Checks {
		if err := k.free(ctx, j, c.Worker, math.ZeroInt(), nil, true); err != nil {
			return err
		}
	}
	if len(j.Checks) == 0 {
		j.Reason = unheard
		if j.kind().task != nil {
			return k.unseen(ctx, j)
		}
	}
	if j.contested() || j.Claim.Infer != nil && len(j.Claim.Infer.Quoted) > 0 {
		return k.requoted(ctx, j, nil)
	}
	return k.stands(ctx, j, j.checkers())
}

// unseen ends a job whose claim says itself what was done, and which nobody has looked at. A worker could keep that to
// itself and be paid for nothing, a customer could keep checkers away and be served for nothing. So the fee is
// neither's.
func (k Keeper) unseen(ctx context.Context, j *Job) error {
	if err := k.unlockWorker(ctx, j); err != nil {
		return err
	}
	commons, err := k.addr.BytesToString(asset.CommonsAddress())
	if err != nil {
		return err
	}
	fee := []Payment{{To: commons, Role: RoleCommons, Amount: j.fee()}}
	return k.failed(ctx, j, withRest(*j, fee), math.ZeroInt(), unheard)
}

// neither lets everybody go and ends the job undecided.
func (k Keeper) neither(ctx context.Context, j *Job) error {
	for _, c := range j.Checks {
		if err := k.workers.Unlock(ctx, c.Worker, j.Terms.Stake); err != nil {
			return err
		}
	}
	return k.undecided(ctx, j)
}

// checkers are the workers in the seats.
func (j *Job) checkers() []string {
	var who []string
	for _, c := range j.Checks {
		who = append(who, c.Worker)
	}
	return who
}

package job

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Check takes a checker's seat at a claimed or disputed job and locks stake.
func (k Keeper) Check(ctx context.Context, msg *MsgCheck) (*MsgCheckResponse, error) {
	j, err := k.during(ctx, msg.Job, StateClaimed, StateDisputed)
	if err != nil {
		return nil, err
	}
	if len(j.Checks) >= int(j.Seats) {
		return nil, ErrSeats.Wrapf("job %d: all %d seats are taken, look for another job", j.Id, j.Seats)
	}
	if err = k.unopposed(ctx, &j, msg.Worker); err != nil {
		return nil, err
	}
	c, err := k.turn(ctx, j, msg.Worker)
	if err != nil {
		return nil, err
	}
	if err = k.workers.Lock(ctx, c.worker.Address, j.Terms.Stake); err != nil {
		return nil, err
	}
	seed, err := k.sampling(ctx, &j)
	if err != nil {
		return nil, err
	}
	j.Checks = append(j.Checks, Check{Worker: c.worker.Address, Height: height(ctx), Seed: seed})
	if err := k.Jobs.Set(ctx, j.Id, j); err != nil {
		return nil, err
	}
	return &MsgCheckResponse{}, sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(
		&EventSeated{Job: j.Id, Checker: c.worker.Address})
}

// unopposed refuses a seat to a worker that challenges the claim already.
func (k Keeper) unopposed(ctx context.Context, j *Job, who string) error {
	_, who, err := k.account(who)
	if err != nil {
		return err
	}
	open, err := k.disputes(ctx, j.Id)
	if err != nil {
		return err
	}
	for _, d := range open {
		if d.Challenger == who {
			return ErrSeats.Wrapf("job %d: %s challenges the claim by dispute %d, go on with that", j.Id, who, d.Id)
		}
	}
	return nil
}

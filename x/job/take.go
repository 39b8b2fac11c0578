package job

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Take binds a worker to an open job at its present price and locks its stake.
func (k Keeper) Take(ctx context.Context, msg *MsgTake) (*MsgTakeResponse, error) {
	j, err := k.during(ctx, msg.Job, StateOpen)
	if err != nil {
		return nil, err
	}
	c, err := k.turn(ctx, j, msg.Worker)
	if err != nil {
		return nil, err
	}
	if err := k.workers.Lock(ctx, c.worker.Address, j.Terms.Stake); err != nil {
		return nil, err
	}
	if err := move(&j, StateTaken); err != nil {
		return nil, err
	}
	j.Worker, j.Price, j.Taken = c.worker.Address, c.price, height(ctx)
	if err := k.wait(ctx, &j, j.Taken+j.Terms.Work); err != nil {
		return nil, err
	}
	if err := k.Jobs.Set(ctx, j.Id, j); err != nil {
		return nil, err
	}
	return &MsgTakeResponse{}, sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(
		&EventTaken{Job: j.Id, Worker: j.Worker, Price: money(j.Price)})
}

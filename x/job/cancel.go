package job

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Cancel takes back a job that nobody has taken. Its children are of no use then.
func (k Keeper) Cancel(ctx context.Context, msg *MsgCancel) (*MsgCancelResponse, error) {
	j, err := k.during(ctx, msg.Job, StateOpen)
	if err != nil {
		return nil, err
	}
	_, creator, err := k.account(msg.Creator)
	if err != nil {
		return nil, err
	}
	switch {
	case j.Creator != creator:
		return nil, ErrNotYours.Wrapf("job %d was posted by %s: only its creator cancels it", j.Id, j.Creator)
	case j.isChild():
		return nil, ErrState.Wrapf("job %d is a part of job %d: all parts are needed, none is cancelled alone", j.Id,
			j.Terms.Parent)
	}
	return &MsgCancelResponse{}, k.drop(ctx, &j, "its creator cancelled it before anybody took it")
}

// drop ends an open job and gives its budget back.
func (k Keeper) drop(ctx context.Context, j *Job, reason string) error {
	j.Reason = reason
	refund := money(j.Escrow)
	if err := k.end(ctx, j, StateCancelled, refundAll(*j)); err != nil {
		return err
	}
	return sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(&EventCancelled{Job: j.Id, Refund: refund})
}

package job

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Cancel takes back a job that nobody has taken.
func (k Keeper) Cancel(ctx context.Context, msg *MsgCancel) (*MsgCancelResponse, error) {
	j, err := k.during(ctx, msg.Job, StateOpen)
	if err != nil {
		return nil, err
	}
	_, creator, err := k.account(msg.Creator)
	if err != nil {
		return nil, err
	}
	if j.Creator != creator {
		return nil, ErrNotYours.Wrapf("job %d was posted by %s: only its creator cancels it", j.Id, j.Creator)
	}
	j.Reason = "its creator cancelled it before anybody took it"
	refund := money(j.Escrow)
	if err := k.end(ctx, &j, StateCancelled, refundAll(j)); err != nil {
		return nil, err
	}
	return &MsgCancelResponse{}, sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(
		&EventCancelled{Job: j.Id, Refund: refund})
}

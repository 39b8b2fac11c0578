package job

import (
	"context"
	stderrors "errors"

	"cosmossdk.io/collections"
	"cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

var _ MsgServer = Keeper{}

// Post offers a job and puts its budget in escrow.
func (k Keeper) Post(ctx context.Context, msg *MsgPost) (*MsgPostResponse, error) {
	account, creator, err := k.account(msg.Creator)
	if err != nil {
		return nil, err
	}
	p, err := k.params(ctx)
	if err != nil {
		return nil, err
	}
	if err = checkTerms(msg.Terms, p); err != nil {
		return nil, err
	}
	if err = k.checkAssets(ctx, msg.Terms); err != nil {
		return nil, err
	}
	if msg.Terms.Kind == KindInfer {
		if err = k.checkKey(ctx, msg.Terms.Infer.Key, creator); err != nil {
			return nil, err
		}
	}
	if err = k.bank.SendCoinsFromAccountToModule(ctx, account, Name, coins(msg.Terms.Budget)); err != nil {
		return nil, err
	}
	j, err := k.add(ctx, creator, msg.Terms)
	if err != nil {
		return nil, err
	}
	return &MsgPostResponse{Job: j.Id}, sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(
		&EventPosted{Job: j.Id, Creator: creator, Kind: j.Terms.Kind, Budget: money(j.Terms.Budget)})
}

// checkKey refuses a key that another job is paying for. Once that has ended, the same
// creator may fill the key up with a new job; nobody else may squat on it.
func (k Keeper) checkKey(ctx context.Context, key []byte, creator string) error {
	id, err := k.Keys.Get(ctx, key)
	if stderrors.Is(err, collections.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	j, err := k.Get(ctx, id)
	switch {
	case err != nil:
		return err
	case j.Creator != creator:
		return ErrKey.Wrapf("key %X belongs to %s: make another key", key, j.Creator)
	case !j.State.Final():
		return ErrKey.Wrapf("key %X is paid for by job %d: wait until it ends, or make another key", key, id)
	}
	return nil
}

// add writes a new job under the next id, which begins at 1.
func (k Keeper) add(ctx context.Context, creator string, t Terms) (Job, error) {
	last, err := k.LastID.Next(ctx)
	if err != nil {
		return Job{}, err
	}
	h := height(ctx)
	j := Job{
		Id: last + 1, State: StateOpen, Creator: creator, Terms: t,
		Escrow: t.Budget, Posted: h, Opened: h, Price: math.ZeroInt(), Seats: t.Checkers,
	}
	if t.Kind == KindInfer {
		if err := k.Keys.Set(ctx, t.Infer.Key, j.Id); err != nil {
			return Job{}, err
		}
	}
	if err := k.wait(ctx, &j, h+t.Deadline); err != nil {
		return Job{}, err
	}
	return j, k.Jobs.Set(ctx, j.Id, j)
}

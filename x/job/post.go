package job

import (
	"context"

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
	j, err := k.begin(ctx, creator, msg.Terms)
	if err != nil {
		return nil, err
	}
	price := math.ZeroInt()
	if posts := j.kind().posts; posts != nil {
		if price, err = posts(ctx, k, &j); err != nil {
			return nil, err
		}
	}
	if err = checkBudget(j.Terms, price); err != nil {
		return nil, err
	}
	if err = k.bank.SendCoinsFromAccountToModule(ctx, account, Name, coins(msg.Terms.Budget)); err != nil {
		return nil, err
	}
	if err = k.open(ctx, &j); err != nil {
		return nil, err
	}
	return &MsgPostResponse{Job: j.Id}, sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(
		&EventPosted{Job: j.Id, Creator: creator, Kind: j.Terms.Kind, Budget: money(j.Terms.Budget)})
}

// begin makes a new job with the next id, which begins at 1.
func (k Keeper) begin(ctx context.Context, creator string, t Terms) (Job, error) {
	last, err := k.LastID.Next(ctx)
	h := height(ctx)
	return Job{
		Id: last + 1, State: StateOpen, Creator: creator, Terms: t,
		Escrow: t.Budget, Posted: h, Opened: h, Price: math.ZeroInt(), Seats: t.Checkers,
	}, err
}

// open writes a new job, which waits for a worker from now on.
func (k Keeper) open(ctx context.Context, j *Job) error {
	if err := k.wait(ctx, j, j.Opened+j.Terms.Deadline); err != nil {
		return err
	}
	return k.Jobs.Set(ctx, j.Id, *j)
}

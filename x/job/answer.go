package job

import (
	"context"
	stderrors "errors"

	"cosmossdk.io/collections"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/minga-network/minga/verify"
)

// gasPerKiB pays for hashing and checking a kibibyte of a move. There are at most 16, which is less work than to check
// a signature.
const gasPerKiB = 1000

// Answer is the claimant's move. It shows the parts of what is disputed.
func (k Keeper) Answer(ctx context.Context, msg *MsgAnswer) (*MsgAnswerResponse, error) {
	_, err := k.play(ctx, msg.Dispute, msg.Claimant, verify.Claimant, msg.Answer)
	return &MsgAnswerResponse{}, err
}

// Deny is the challenger's move. It names the first part shown that its own execution does not give. The last denial
// carries the operands of one scalar step, which is executed here.
func (k Keeper) Deny(ctx context.Context, msg *MsgDeny) (*MsgDenyResponse, error) {
	winner, err := k.play(ctx, msg.Dispute, msg.Challenger, verify.Challenger, msg.Denial)
	return &MsgDenyResponse{Winner: winner}, err
}

// play makes one move of a dispute and returns who is right, once that is decided. What follows is done at the end of
// the block, so that the gas of the deciding message does not depend on how many other disputes there are about the
// claim.
func (k Keeper) play(ctx context.Context, id uint64, who string, side verify.Side, message []byte) (string, error) {
	if len(message) > verify.MaxMessage {
		return "", ErrMove.Wrapf("dispute %d: a message of %d bytes, send at most %d", id, len(message), verify.MaxMessage)
	}
	d, err := k.inTime(ctx, id, side, who)
	if err != nil {
		return "", err
	}
	c := sdk.UnwrapSDKContext(ctx)
	c.GasMeter().ConsumeGas(gasPerKiB*uint64(1+len(message)>>10), "a move's proofs")
	j, err := k.Get(ctx, d.Job)
	if err != nil {
		return "", err
	}
	t, g, err := j.game(d)
	if err != nil {
		return "", err
	}
	made, err := g.Play(t, side, message)
	if err != nil {
		return "", ErrMove.Wrapf("dispute %d: %s", d.Id, err)
	}
	m := Move{
		Height: height(ctx), Side: sides[side], Bytes: uint32(len(message)),
		Stage: Stage(made.Stage), Lo: uint64(made.Lo), Hi: uint64(made.Hi), Pick: uint64(made.Pick),
	}
	d.Moves = append(d.Moves, m)
	if g.Winner != verify.Nobody {
		d.Game = g.Verdict().Encode()
		err = k.await(ctx, d, m.Height)
	} else if d.Game, err = kept(g); err == nil {
		err = k.allow(ctx, &j, d, g.Turn(), 0)
	}
	if err != nil {
		return "", err
	}
	return d.party(g.Winner), c.EventManager().EmitTypedEvent(
		&EventMoved{Dispute: d.Id, Job: d.Job, Move: m, View: view(t, g, d, m.Height), Due: d.Due})
}

// inTime returns a dispute in which somebody of a side may still move.
func (k Keeper) inTime(ctx context.Context, id uint64, side verify.Side, who string) (*Dispute, error) {
	d, err := k.Dispute(ctx, id)
	if err != nil {
		return nil, err
	}
	_, who, err = k.account(who)
	if err != nil {
		return nil, err
	}
	switch h := height(ctx); {
	case d.party(side) != who:
		return nil, ErrNotYours.Wrapf("dispute %d is between %s and %s: only they move", id, d.Claimant, d.Challenger)
	case d.Ended != 0:
		return nil, ErrLate.Wrapf("dispute %d ended at height %d: %s", id, d.Ended, d.Reason)
	case d.Due == 0:
		return nil, ErrMove.Wrapf("dispute %d waits: %d disputes about job %d come first", id, mostDisputes, d.Job)
	case h > d.Due:
		return nil, ErrLate.Wrapf("dispute %d: the move was due by height %d and it is %d", id, d.Due, h)
	}
	return d, nil
}

// Dispute returns a dispute, or ErrDispute.
func (k Keeper) Dispute(ctx context.Context, id uint64) (*Dispute, error) {
	d, err := k.Disputes.Get(ctx, id)
	if stderrors.Is(err, collections.ErrNotFound) {
		return nil, ErrDispute.Wrapf("dispute %d: `minga query job disputes` shows those there are", id)
	}
	return &d, err
}

// game reads how far a dispute about the job has gone, and the task that it is about.
func (j *Job) game(d *Dispute) (*verify.Task, *verify.Game, error) {
	t, err := j.Task()
	if err != nil {
		return nil, nil, err
	}
	g, err := verify.DecodeGame(d.Game)
	return t, g, err
}

// party is the account on a side of the dispute.
func (d *Dispute) party(side verify.Side) string {
	switch side {
	case verify.Claimant:
		return d.Claimant
	case verify.Challenger:
		return d.Challenger
	default:
		return ""
	}
}

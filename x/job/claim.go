package job

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/minga-network/minga/verify"
)

// Claim says what the work gave. From now on checkers may take seats. A job without checkers is paid after its window.
func (k Keeper) Claim(ctx context.Context, msg *MsgClaim) (*MsgClaimResponse, error) {
	j, err := k.during(ctx, msg.Job, StateTaken)
	if err != nil {
		return nil, err
	}
	_, who, err := k.account(msg.Worker)
	if err != nil {
		return nil, err
	}
	if j.Worker != who {
		return nil, ErrNotYours.Wrapf("job %d was taken by %s: only that worker claims it", j.Id, j.Worker)
	}
	if err := k.checkClaim(ctx, &j, &msg.Claim); err != nil {
		return nil, err
	}
	if err := move(&j, StateClaimed); err != nil {
		return nil, err
	}
	j.Claim, j.Claimed, j.Drawn = &msg.Claim, height(ctx), height(ctx)
	due := k.checked(ctx, &j)
	if j.Seats == 0 {
		due = j.Claimed + j.Terms.Window
	}
	if err := k.wait(ctx, &j, due); err != nil {
		return nil, err
	}
	if err := k.Jobs.Set(ctx, j.Id, j); err != nil {
		return nil, err
	}
	return &MsgClaimResponse{}, sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(
		&EventClaimed{Job: j.Id, Worker: who, Units: j.Claim.Units, Result: hex.EncodeToString(j.Claim.Result)})
}

// checkClaim says why a claim, or a checker's report, cannot be about the job.
func (k Keeper) checkClaim(ctx context.Context, j *Job, c *Claim) error {
	for _, h := range []struct {
		name string
		hash []byte
	}{{"result", c.Result}, {"state", c.State}, {"trace", c.Trace}} {
		if len(h.hash) != sha256.Size {
			return ErrClaim.Wrapf("job %d: %s has %d bytes, give the %d bytes of a hash", j.Id, h.name, len(h.hash), sha256.Size)
		}
	}
	switch {
	case c.Bytes == 0:
		return ErrClaim.Wrapf("job %d: bytes is 0, give the size of the result", j.Id)
	case c.Units > j.Terms.Units:
		return ErrClaim.Wrapf("job %d: %d units, the terms pay for at most %d", j.Id, c.Units, j.Terms.Units)
	}
	if err := ownClaim(j, c); err != nil {
		return err
	}
	if claim := j.kind().claim; claim != nil {
		if err := claim(ctx, k, j, c); err != nil {
			return err
		}
	}
	return j.proof().claim(j, c)
}

// sum is the hash of a claim or report, over every field. Equal hashes mean equal claims.
func sum(c *Claim) (verify.Claim, error) {
	b, err := c.Marshal()
	return sha256.Sum256(b), err
}

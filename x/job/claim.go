package job

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/x/worker"
)

// Claim says what the work gave. From now on checkers may take seats; a job without
// checkers is paid after its window.
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
	if err := checkClaim(j, msg.Claim); err != nil {
		return nil, err
	}
	if err := move(&j, StateClaimed); err != nil {
		return nil, err
	}
	j.Claim, j.Claimed = &msg.Claim, height(ctx)
	due := j.Claimed + j.Terms.Work
	if j.Terms.Checkers == 0 {
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
func checkClaim(j Job, c Claim) error {
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
	case j.Terms.Kind == worker.Infer && len(c.Used) != 0:
		return ErrClaim.Wrapf("job %d: used is for train, leave it out", j.Id)
	case j.Terms.Kind == worker.Train:
		return checkUsed(j, c)
	}
	return nil
}

// checkUsed wants the tokens of each dataset, which together are the units of the terms.
func checkUsed(j Job, c Claim) error {
	if c.Units != j.Terms.Units {
		return ErrClaim.Wrapf("job %d: %d units, training is exactly %d", j.Id, c.Units, j.Terms.Units)
	}
	if len(c.Used) != len(j.Terms.Datasets) {
		return ErrClaim.Wrapf("job %d: used has %d entries, give one for each of %d datasets", j.Id, len(c.Used), len(j.Terms.Datasets))
	}
	left := c.Units
	for _, n := range c.Used {
		if n > left {
			return ErrClaim.Wrapf("job %d: used sums to more than the %d units", j.Id, c.Units)
		}
		left -= n
	}
	if left != 0 {
		return ErrClaim.Wrapf("job %d: used sums to %d less than the %d units", j.Id, left, c.Units)
	}
	return nil
}

// sum is the hash by which claims and reports are equal: of their encoding, so of every field.
func sum(c *Claim) (verify.Claim, error) {
	b, err := c.Marshal()
	return sha256.Sum256(b), err
}

package job

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/verify"
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
	if err := k.checkWords(ctx, &j, &msg.Claim); err != nil {
		return nil, err
	}
	if err := k.checkQuoted(ctx, &j, msg.Claim); err != nil {
		return nil, err
	}
	if err := move(&j, StateClaimed); err != nil {
		return nil, err
	}
	j.Claim, j.Claimed, j.Seed = &msg.Claim, height(ctx), drawn(ctx, msg.Claim.Trace)
	if j.isRun() && !j.toCheck() {
		j.Seats = 0
	}
	due := j.Claimed + j.Terms.Work
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
func checkClaim(j Job, c Claim) error {
	for _, h := range []struct {
		name string
		hash []byte
	}{{"result", c.Result}, {"state", c.State}, {"trace", c.Trace}} {
		if len(h.hash) != sha256.Size {
			return ErrClaim.Wrapf("job %d: %s has %d bytes, give the %d bytes of a hash", j.Id, h.name, len(h.hash), sha256.Size)
		}
	}
	if err := ownClaim(j, c); err != nil {
		return err
	}
	switch {
	case c.Bytes == 0:
		return ErrClaim.Wrapf("job %d: bytes is 0, give the size of the result", j.Id)
	case c.Units > j.Terms.Units:
		return ErrClaim.Wrapf("job %d: %d units, the terms pay for at most %d", j.Id, c.Units, j.Terms.Units)
	case j.Terms.Kind != KindInfer && c.Units != j.Terms.Units:
		return ErrClaim.Wrapf("job %d: %d units, training is exactly %d", j.Id, c.Units, j.Terms.Units)
	}
	return checkEnd(j, c)
}

// checkEnd wants the claim's parts to belong together as the task says: the file has the
// size that the task makes, the units are those of a session, and state is where the trace
// ends.
func checkEnd(j Job, c Claim) error {
	j.Claim = &c
	t, err := j.Task()
	switch {
	case err != nil:
		return err
	case t == nil && len(c.End) != 0:
		return ErrClaim.Wrapf("job %d: end is for jobs with a task, leave it out", j.Id)
	case t == nil:
		return nil
	case !t.Extent().Sound && c.Bytes != uint64(t.ResultSize()):
		return ErrClaim.Wrapf("job %d: a result of %d bytes, the task makes %d", j.Id, c.Bytes, t.ResultSize())
	}
	end := c.End
	var ok bool
	switch {
	case t.Extent().Sound:
		if end, ok = checkUnits(t, c); !ok {
			return ErrClaim.Wrapf("job %d: end does not begin with a path from %d units to state, what the last call "+
				"committed to", j.Id, c.Units)
		}
	case j.isRun():
		if end, ok = checkMeasured(t, c); !ok {
			return ErrClaim.Wrapf("job %d: end does not begin with a path from words, those of the means, to state, what the "+
				"last step committed to", j.Id)
		}
	}
	if !leads(c.State, t.Steps(), t.Leaves(), end, c.Trace) {
		return ErrClaim.Wrapf("job %d: end does not lead from state, as what step %d of the run committed to, to the trace",
			j.Id, t.Steps())
	}
	return nil
}

// leads tells whether a path shows leaf i of n to be under a root.
func leads(leaf []byte, i, n int, path [][]byte, root []byte) bool {
	hashes := make([]blob.Hash, 0, len(path)+2)
	for _, h := range append([][]byte{leaf, root}, path...) {
		if len(h) != sha256.Size {
			return false
		}
		hashes = append(hashes, blob.Hash(h))
	}
	top, ok := blob.Climb(hashes[0], i, n, hashes[2:])
	return ok && top == hashes[1]
}

// sum is the hash by which claims and reports are equal: of their encoding, so of every field.
func sum(c *Claim) (verify.Claim, error) {
	b, err := c.Marshal()
	return sha256.Sum256(b), err
}

package job

import (
	"context"
	"crypto/sha256"
	"encoding/binary"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Checkers are drawn by lot, and each has to show another part of the run. The lots come from the claim's trace and the
// hash of the block that it came in. From the trace alone, a liar could try lies until its friends were drawn. But it
// learns the hash of the block only when its claim is in.

// drawn is the seed of the lots about a claim that comes in this block.
func drawn(ctx context.Context, trace []byte) []byte {
	h := sha256.New()
	h.Write(trace)
	h.Write(sdk.UnwrapSDKContext(ctx).HeaderHash())
	return h.Sum(nil)
}

// needed is how many checkers have to agree before the claim stands: as many as the terms say, or none if the seed drew
// none.
func (j *Job) needed() int { return int(min(j.Seats, j.Terms.Checkers)) }

// lot is that of a worker. The worker with the lowest one takes a free seat first.
func (j *Job) lot(worker string) [sha256.Size]byte {
	return sha256.Sum256(append(j.Seed[:len(j.Seed):len(j.Seed)], worker...))
}

// Sample is the step, counted from 1, for which a checker's report must show what it committed to. That is the leaf of
// that number under the trace; leaf 0 is the start. These hashes are not public. So whoever can show the one drawn has
// executed the run, or was told by somebody who did.
func (j *Job) Sample(checker string, steps int) int {
	lot := j.lot(checker)
	return 1 + int(binary.BigEndian.Uint64(lot[len(lot)-8:])%uint64(steps))
}

package job

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"math"

	"github.com/minga-network/minga/x/worker"
)

// Checkers are drawn by lot among all workers that offer the kind, by their stakes, and each has to show another part
// of the run. The seed comes from validators some blocks after what the seats are drawn for (package beacon). The
// stakes are those of before. So nothing in a transaction can depend on its own draw, and no block can be chosen for
// it. Seats that an objection or a silent checker opens are drawn anew, from a later block than that.

// Beacon gives seeds that nobody chooses.
type Beacon interface {
	// Draw is the seed for what was final with a block; it is ready some blocks later. It may be forgotten after many
	// more.
	Draw(ctx context.Context, from int64) (seed []byte, ready bool, err error)
	// Ready is the height from which it is ready.
	Ready(from int64) int64
}

// lots is how many workers are drawn for the seats of one job. All others come after these.
const lots = 32

// later is the height of a turn that is not known yet.
const later = math.MaxInt64

// lottery lists the workers drawn for the free seats, in their order, and the height from which they may come. As long
// as the seed is not ready nobody may; once it is so old that the draw is forgotten, everybody may.
func (k Keeper) lottery(ctx context.Context, j *Job) (all []candidate, from int64, err error) {
	if height(ctx) > j.Drawn+worker.History {
		return nil, j.Drawn, nil
	}
	seed, ready, err := k.seed(ctx, j, j.Drawn)
	if err != nil || !ready {
		return nil, later, err
	}
	kind := Offered(j.Terms.Kind)
	drawn, err := k.workers.Draw(ctx, kind, j.Drawn, seed, lots, func(worker.Worker) bool { return true })
	for _, w := range drawn {
		price, _ := w.Price(kind)
		all = append(all, candidate{worker: w, price: price, unfit: unfit(*j, w, price)})
	}
	return all, k.beacon.Ready(j.Drawn), err
}

// checked is until when checkers have time for the work whose seats are drawn now.
func (k Keeper) checked(ctx context.Context, j *Job) int64 {
	return k.beacon.Ready(height(ctx)) + j.Terms.Work
}

// seed is the job's own for what was final with a block: two claims of one block are drawn for apart.
func (k Keeper) seed(ctx context.Context, j *Job, from int64) ([]byte, bool, error) {
	seed, ready, err := k.beacon.Draw(ctx, from)
	own := sha256.Sum256(binary.BigEndian.AppendUint64(seed, j.Id))
	return own[:], ready, err
}

// sampling is the seed that draws what somebody shows who takes a seat now.
func (k Keeper) sampling(ctx context.Context, j *Job) ([]byte, error) {
	seed, ready, err := k.seed(ctx, j, max(j.Drawn, height(ctx)-worker.History))
	if err == nil && !ready {
		err = ErrTurn.Wrapf("job %d: there is no seed yet, try again in the next block", j.Id)
	}
	return seed, err
}

// needed is how many checkers have to agree before the claim stands.
func (j *Job) needed() int { return int(j.Terms.Checkers) }

// Sample is the step, counted from 1, for which the report of a seated checker must show what it committed to. That is
// the leaf of that number under the trace; leaf 0 is the start, and the last one is shown by the claim. The others are
// not public. So whoever can show the one drawn has executed the run, or was told by somebody who did.
func (j *Job) Sample(checker string, steps int) int {
	seat := j.seat(checker)
	if seat == nil {
		return 1
	}
	lot := sha256.Sum256(append(seat.Seed[:len(seat.Seed):len(seat.Seed)], checker...))
	return 1 + int(binary.BigEndian.Uint64(lot[len(lot)-8:])%uint64(max(1, steps-1)))
}

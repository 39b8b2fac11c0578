package worker

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
	"slices"

	"cosmossdk.io/math"
)

// maxLooks is how many workers a draw looks at before it gives up.
const maxLooks = 128

// Draw draws up to number workers, one after the other, among all that offered a kind when the block of the height at
// ended. Each stands in the lot with its whole stake of then, locked or not, and is drawn at most once. So who splits
// its stake over many workers has the same chance in each draw as with one; with one it gives up the later seats. The
// draw passes over those that have left meanwhile, and those that fit refuses. After 128 looks it returns what it has.
//
// The height must lie before anybody could know the seed. It may lie at most History blocks back.
func (k Keeper) Draw(ctx context.Context, kind Kind, at int64, seed []byte, number int, fit func(Worker) bool,
) ([]Worker, error) {
	if at < height(ctx)-History {
		return nil, ErrTree.Wrapf("stakes of height %d are forgotten at %d: draw within %d blocks", at, height(ctx), History)
	}
	total, err := k.totalAt(ctx, kind, at)
	if err != nil {
		return nil, err
	}
	var drawn []Worker
	var gone []leaf // those looked at, by their place on the line
	for look := uint64(0); look < maxLooks && len(drawn) < number && total > 0; look++ {
		one, err := k.leafAt(ctx, kind, at, beside(gone, point(seed, look, total)))
		if err != nil {
			return nil, err
		}
		total -= one.weight
		place, _ := slices.BinarySearchFunc(gone, one.start, func(l leaf, start uint64) int {
			return int(min(1, max(-1, int64(l.start)-int64(start))))
		})
		gone = slices.Insert(gone, place, one)
		w, ok, err := k.stays(ctx, one.id)
		if err != nil {
			return nil, err
		}
		if ok && w.offers(kind) && fit(w) {
			drawn = append(drawn, w)
		}
	}
	return drawn, nil
}

// point is a number below total, each with the same chance up to a part in 2^64.
func point(seed []byte, look, total uint64) uint64 {
	h := sha256.Sum256(binary.BigEndian.AppendUint64(slices.Clone(seed), look))
	high, mid := bits.Mul64(binary.BigEndian.Uint64(h[:]), total)
	low, _ := bits.Mul64(binary.BigEndian.Uint64(h[8:]), total)
	_, carry := bits.Add64(mid, low, 0)
	return high + carry
}

// beside moves a point of the line without those that are gone to its place on the whole line.
func beside(gone []leaf, point uint64) uint64 {
	for _, l := range gone {
		if point < l.start {
			break
		}
		point += l.weight
	}
	return point
}

// stays is the worker of an id, unless it has left or is leaving.
func (k Keeper) stays(ctx context.Context, id uint64) (Worker, bool, error) {
	account, err := k.Members.Get(ctx, id)
	if isMissing(err) {
		return Worker{}, false, nil
	}
	if err != nil {
		return Worker{}, false, err
	}
	w, err := k.Workers.Get(ctx, account)
	return w, err == nil && w.Release == 0, err
}

// reweigh puts into the lots what a worker stands for after a change, in place of what it stood for before.
func (k Keeper) reweigh(ctx context.Context, before, now Worker) error {
	for _, o := range before.Offers {
		if now.Release != 0 || !now.offers(o.Kind) {
			if err := k.setWeight(ctx, o.Kind, now.Id, 0); err != nil {
				return err
			}
		}
	}
	if now.Release != 0 {
		return nil
	}
	if !now.Stake.IsUint64() {
		return ErrStake.Wrapf("%s%s is more than there can be", now.Stake, Coin)
	}
	for _, o := range now.Offers {
		if err := k.setWeight(ctx, o.Kind, now.Id, now.Stake.Uint64()); err != nil {
			return err
		}
	}
	return nil
}

func (w Worker) offers(kind Kind) bool {
	_, offers := w.Price(kind)
	return offers
}

// Price is what a worker asks for a unit of a kind, and whether it offers that.
func (w Worker) Price(kind Kind) (price math.Int, offers bool) {
	for _, o := range w.Offers {
		if o.Kind == kind {
			return o.Price, true
		}
	}
	return math.Int{}, false
}

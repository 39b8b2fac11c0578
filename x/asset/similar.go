package asset

import (
	"context"
	stderrors "errors"
	"slices"

	"cosmossdk.io/collections"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/minga-network/minga/data/record"
)

// A dataset comes with a sketch of its text (package record), and the chain compares it
// with those of earlier ones. What looks like another is registered all the same: the chain has
// not seen the bytes, and a sketch may lie. The mark is for people to see. What decides is
// training, which reads the texts and leaves out what an earlier one has too.
//
// To find what to compare with, each key of a sketch (record.Sketch.Bands, at most 64)
// leads to the first dataset that had it: 64 look-ups and at most 64 comparisons, however
// many datasets there are.

// Alike is the part of one text that must be found in the other, by their sketches, for
// the later to be marked, in basis points: a fifth. Honest texts of one language, or
// that quote each other, are far below it; a copy with a tenth of its words changed is far above.
const Alike = 2000

// checkSketch accepts no sketch, too: that is visible, and no more than a warning is lost.
func checkSketch(encoded []byte) error {
	if len(encoded) == 0 {
		return nil
	}
	if _, err := record.Decode(encoded); err != nil {
		return ErrInvalid.Wrapf("sketch: %s", err)
	}
	return nil
}

// Likeness tells how much of one text stands in the other by their sketches, in basis
// points: the larger of the two parts, as a copy may be hidden in a long text or be cut
// out of one. It is 0 if either has no sketch.
func Likeness(a, b Asset) uint32 {
	one, err := record.Decode(a.Sketch)
	if err != nil {
		return 0
	}
	other, err := record.Decode(b.Sketch)
	if err != nil {
		return 0
	}
	_, oneInOther := one.Similarity(other)
	_, otherInOne := other.Similarity(one)
	return max(oneInOther, otherInOne)
}

// compare marks a new dataset if it looks like an earlier one, of several the one it is
// most like. A dataset that was committed to later but registered before is marked itself.
func (k Keeper) compare(ctx context.Context, a Asset) error {
	sketch, err := record.Decode(a.Sketch)
	if err != nil {
		return nil // there is none
	}
	keys := sketch.Bands()
	found, err := k.neighbours(ctx, keys)
	if err != nil {
		return err
	}
	var most uint32
	var earlier Asset
	since := map[uint64]int64{}
	for _, b := range found {
		since[b.Id] = b.Since
		like := Likeness(a, b)
		switch {
		case like < Alike:
		case b.Since > a.Since:
			if err := k.repeats(ctx, b.Id, a.Id); err != nil {
				return err
			}
		case like > most, like == most && b.Since < earlier.Since:
			most, earlier = like, b
		}
	}
	if earlier.Id != 0 {
		if err := k.repeats(ctx, a.Id, earlier.Id); err != nil {
			return err
		}
	}
	return k.index(ctx, a, keys, since)
}

// neighbours returns the datasets that share a key, each once, by increasing id.
func (k Keeper) neighbours(ctx context.Context, keys [][]byte) ([]Asset, error) {
	var ids []uint64
	for _, key := range keys {
		id, err := k.bands.Get(ctx, key)
		if stderrors.Is(err, collections.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	slices.Sort(ids)
	var found []Asset
	for _, id := range slices.Compact(ids) {
		a, err := k.assets.Get(ctx, id)
		if err != nil {
			return nil, err
		}
		found = append(found, a)
	}
	return found, nil
}

// index lets a dataset be found by the keys that no earlier one has. since is that of
// all who share a key with it.
func (k Keeper) index(ctx context.Context, a Asset, keys [][]byte, since map[uint64]int64) error {
	for _, key := range keys {
		first, err := k.bands.Get(ctx, key)
		if err == nil && since[first] <= a.Since {
			continue
		}
		if err != nil && !stderrors.Is(err, collections.ErrNotFound) {
			return err
		}
		if err := k.bands.Set(ctx, key, a.Id); err != nil {
			return err
		}
	}
	return nil
}

// repeats marks a dataset as one that repeats an earlier one. The first mark stays.
func (k Keeper) repeats(ctx context.Context, id, earlier uint64) error {
	if marked, err := k.similar.Has(ctx, id); err != nil || marked {
		return err
	}
	if err := k.similar.Set(ctx, id, earlier); err != nil {
		return err
	}
	return sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(&EventSimilar{Asset: id, Earlier: earlier})
}

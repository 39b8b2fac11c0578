package worker

import (
	"context"
	"encoding/binary"
	stderrors "errors"
	"math"
	"math/bits"

	"cosmossdk.io/collections"
)

// The stakes of those who offer a kind of work are the leaves of a tree of sums, so that one of them is drawn by its
// stake in a few reads however many there are. A worker's leaf is that of its id. A node has 64 children; nodes in
// which all is zero are not stored.
//
// A draw reads the tree as it was some blocks ago, when nobody could know the draw's seed. So each node keeps what it
// was before the blocks that changed it, for History blocks.

// levels is how many nodes there are from the root to a leaf: ids up to 2^36 have a place.
const levels = 6

// History is how many blocks back a draw can be made.
const History = 100

// maxSum bounds the stakes behind a kind. There are fewer coins than that.
const maxSum = math.MaxInt64

// spot is where a node stands: kind, level (0 has the leaves), and its number in the level.
type spot = collections.Triple[string, uint32, uint64]

// moment is a node, and a block that changed it.
type moment = collections.Quad[string, uint32, uint64, int64]

// node is the sums of a node's children, and the height at which one of them changed last. It is written as the height,
// a bit for each child that is not zero, and these in order.
type node struct {
	changed int64
	sums    [64]uint64
}

func (n *node) encode() []byte {
	b := make([]byte, 16, 16+len(n.sums)*8)
	var used uint64
	for i, sum := range n.sums {
		if sum != 0 {
			used |= 1 << i
			b = binary.BigEndian.AppendUint64(b, sum)
		}
	}
	binary.BigEndian.PutUint64(b, uint64(n.changed))
	binary.BigEndian.PutUint64(b[8:], used)
	return b
}

func decodeNode(b []byte) (*node, error) {
	n := new(node)
	if len(b) == 0 {
		return n, nil
	}
	if len(b) < 16 || len(b) != 16+8*bits.OnesCount64(binary.BigEndian.Uint64(b[8:])) {
		return nil, ErrTree.Wrapf("a node of %d bytes: restore the state from a good copy", len(b))
	}
	n.changed = int64(binary.BigEndian.Uint64(b))
	used, rest := binary.BigEndian.Uint64(b[8:]), b[16:]
	for i := range n.sums {
		if used&(1<<i) != 0 {
			n.sums[i], rest = binary.BigEndian.Uint64(rest), rest[8:]
		}
	}
	return n, nil
}

func (n *node) sum() (all uint64) {
	for _, sum := range n.sums {
		all += sum
	}
	return all
}

// setWeight writes the leaf of an id, and the sums above it.
func (k Keeper) setWeight(ctx context.Context, kind Kind, id, weight uint64) error {
	for level := uint32(0); level < levels; level++ {
		at := collections.Join3(string(kind), level, id>>6)
		n, err := k.node(ctx, at)
		if err != nil {
			return err
		}
		if n.sums[id&63] == weight {
			return nil // and so is all above
		}
		if err := k.remember(ctx, at, n); err != nil {
			return err
		}
		n.sums[id&63], n.changed = weight, height(ctx)
		if err := k.saveNode(ctx, at, n); err != nil {
			return err
		}
		id, weight = id>>6, n.sum()
	}
	if id != 0 || weight > maxSum {
		return ErrStake.Wrapf("the stakes of all who offer %s would pass 2^63%s: put down less", kind, Coin)
	}
	return nil
}

// node is a node as it is now.
func (k Keeper) node(ctx context.Context, at spot) (*node, error) {
	b, err := k.Nodes.Get(ctx, at)
	if err != nil && !isMissing(err) {
		return nil, err
	}
	return decodeNode(b)
}

func (k Keeper) saveNode(ctx context.Context, at spot, n *node) error {
	if n.sum() == 0 {
		return k.Nodes.Remove(ctx, at)
	}
	return k.Nodes.Set(ctx, at, n.encode())
}

// remember keeps what a node was before this block, and forgets what nobody may ask for any more.
func (k Keeper) remember(ctx context.Context, at spot, was *node) error {
	now := collections.Join4(at.K1(), at.K2(), at.K3(), height(ctx))
	if known, err := k.Past.Has(ctx, now); known || err != nil {
		return err
	}
	var old []moment
	ofNode := collections.NewSuperPrefixedQuadRange3[string, uint32, uint64, int64](at.K1(), at.K2(), at.K3())
	err := k.Past.Walk(ctx, ofNode, func(m moment, _ []byte) (bool, error) {
		if m.K4() > height(ctx)-History {
			return true, nil
		}
		old = append(old, m)
		return false, nil
	})
	if err != nil {
		return err
	}
	for _, m := range old {
		if err := k.Past.Remove(ctx, m); err != nil {
			return err
		}
	}
	return k.Past.Set(ctx, now, was.encode())
}

// nodeAt is a node as it was when the block of a height ended.
func (k Keeper) nodeAt(ctx context.Context, at spot, height int64) (*node, error) {
	n, err := k.node(ctx, at)
	if err != nil || n.changed > 0 && n.changed <= height {
		return n, err
	}
	later := new(collections.Range[moment]).
		StartInclusive(collections.Join4(at.K1(), at.K2(), at.K3(), height+1)).
		EndInclusive(collections.Join4(at.K1(), at.K2(), at.K3(), int64(math.MaxInt64)))
	var was []byte
	err = k.Past.Walk(ctx, later, func(_ moment, before []byte) (bool, error) {
		was = before
		return true, nil
	})
	if err != nil || was == nil {
		return n, err
	}
	return decodeNode(was)
}

// totalAt is the sum of all stakes behind a kind when the block of a height ended.
func (k Keeper) totalAt(ctx context.Context, kind Kind, height int64) (uint64, error) {
	root, err := k.nodeAt(ctx, collections.Join3(string(kind), uint32(levels-1), uint64(0)), height)
	if err != nil {
		return 0, err
	}
	return root.sum(), nil
}

// leaf is a worker's part of the line on which all stakes behind a kind lie one after the other by id.
type leaf struct{ id, start, weight uint64 }

// leafAt finds whose part a point of the line is in.
func (k Keeper) leafAt(ctx context.Context, kind Kind, height int64, point uint64) (leaf, error) {
	var found leaf
	for level := levels - 1; level >= 0; level-- {
		n, err := k.nodeAt(ctx, collections.Join3(string(kind), uint32(level), found.id), height)
		if err != nil {
			return leaf{}, err
		}
		child := 0
		for ; child < len(n.sums) && point-found.start >= n.sums[child]; child++ {
			found.start += n.sums[child]
		}
		if child == len(n.sums) {
			return leaf{}, ErrTree.Wrapf("the sums of %s do not add up: restore the state from a good copy", kind)
		}
		found.id, found.weight = found.id<<6|uint64(child), n.sums[child]
	}
	return found, nil
}

func isMissing(err error) bool { return stderrors.Is(err, collections.ErrNotFound) }

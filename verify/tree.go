package verify

import (
	"fmt"

	"github.com/minga-network/minga/blob"
)

// A span is a subtree of one of the trees that a claim commits to: leaves
// [Lo, Hi) of them hash to Top. All trees have the shape of RFC 6962, those of
// blobs too, so that a span and its hash say everything about what lies below.
type span struct {
	Top    Hash
	Lo, Hi int
}

func (s span) leaves() int { return s.Hi - s.Lo }

// fan is how many ways a dispute narrows at a time: the subtrees four levels
// below, which are at most this many.
const (
	fan    = 16
	levels = 4
)

// split is the spans (without hashes) four levels below leaves [lo, hi).
func split(lo, hi int) []span { return splitBy(lo, hi, levels) }

func splitBy(lo, hi, levels int) []span {
	if levels == 0 || hi-lo == 1 {
		return []span{{Lo: lo, Hi: hi}}
	}
	m := lo + middle(hi-lo)
	return append(splitBy(lo, m, levels-1), splitBy(m, hi, levels-1)...)
}

// middle is the largest power of two below n, for n > 1.
func middle(n int) int {
	k := 1
	for 2*k < n {
		k *= 2
	}
	return k
}

// join is the top of leaves [lo, hi), given the hashes of split(lo, hi).
func join(lo, hi int, children []Hash) Hash {
	top, _ := joinBy(lo, hi, levels, children)
	return top
}

func joinBy(lo, hi, levels int, children []Hash) (top Hash, rest []Hash) {
	if levels == 0 || hi-lo == 1 {
		return children[0], children[1:]
	}
	m := lo + middle(hi-lo)
	left, rest := joinBy(lo, m, levels-1, children)
	right, rest := joinBy(m, hi, levels-1, rest)
	return blob.Root([]Hash{left, right}), rest
}

// under gives the spans below s their hashes, if these are what s commits to.
func (s span) under(children []Hash) ([]span, error) {
	spans := split(s.Lo, s.Hi)
	if len(children) != len(spans) {
		return nil, fmt.Errorf("%w: %d hashes for the %d parts of leaves %d to %d", ErrMove, len(children), len(spans), s.Lo, s.Hi-1)
	}
	if join(s.Lo, s.Hi, children) != s.Top {
		return nil, fmt.Errorf("%w: the hashes shown do not make up the one disputed", ErrMove)
	}
	for i := range spans {
		spans[i].Top = children[i]
	}
	return spans, nil
}

// holds tells whether leaf i of a tree hashes to what s commits to.
func (s span) holds(leaf Hash, i int, path []Hash) bool {
	top, ok := blob.Climb(leaf, i-s.Lo, s.leaves(), path)
	return ok && top == s.Top
}

// leafWords is how many words make a leaf of a value's tree.
const leafWords = blob.LeafSize / 4

// chunks is the number of leaves of a value of so many words.
func chunks(words int64) int { return int(blob.Leaves(4 * words)) }

// Value is how claims name an array: by the blob of its words.
func Value(words []uint32) Hash { return root(4*int64(len(words)), blob.Root(leavesOf(words))) }

// root names a blob of so many bytes by the top of its tree.
func root(size int64, top Hash) Hash { return blob.Name(size, top) }

package blob

import (
	"crypto/sha256"
	"slices"
)

// The functions of this file are for trees over leaves of any content: the
// states of a run, the steps of a trace, the nodes of a Program. They have the
// shape and the tags of the tree below a blob's name.

// Root is the top of the tree over leaves. No leaves have SHA-256 of nothing.
func Root(leaves []Hash) Hash {
	if len(leaves) == 0 {
		return sha256.Sum256(nil)
	}
	return top(slices.Clone(leaves))
}

// Path lists the siblings on the way from leaf i up to the root, lowest first.
func Path(leaves []Hash, i int) []Hash {
	return appendSiblings(nil, slices.Clone(leaves), i)
}

// PathLen is how many hashes the path from leaf i of n has. Leaf i is one of them.
func PathLen(i, n int) (length int) {
	for ; n > 1; i, n = i/2, (n+1)/2 {
		if i^1 < n {
			length++
		}
	}
	return length
}

// Climb computes the root of a tree of n leaves from leaf i and its Path. It is
// false when there is no leaf i, or the path has not the length of one from
// there. It hashes as often as the tree is high, whatever it is given.
func Climb[N int | int64](leaf Hash, i, n N, path []Hash) (root Hash, ok bool) {
	if i < 0 || i >= n {
		return leaf, false
	}
	for ; n > 1; i, n = i/2, (n+1)/2 {
		if i^1 >= n { // no right neighbour: moves up unchanged
			continue
		}
		if len(path) == 0 {
			return leaf, false
		}
		if i%2 == 0 {
			leaf = hashNode(&leaf, &path[0])
		} else {
			leaf = hashNode(&path[0], &leaf)
		}
		path = path[1:]
	}
	return leaf, len(path) == 0
}

// A Span is a subtree: leaves [Lo, Hi) of a tree hash to Top. Whoever knows one
// knows a hash of everything below it, and where in the tree that lies.
type Span struct {
	Top    Hash
	Lo, Hi int
}

// Len is the number of leaves.
func (s Span) Len() int { return s.Hi - s.Lo }

// Split is the spans so many levels below s, in order: at most two for one level,
// twice as many for each further one. They have no hashes yet. A single leaf is
// not split; s has at least one.
func (s Span) Split(levels int) []Span {
	if levels == 0 || s.Len() == 1 {
		return []Span{{Lo: s.Lo, Hi: s.Hi}}
	}
	half := 1 // the largest power of two below the number of leaves
	for 2*half < s.Len() {
		half *= 2
	}
	left, right := Span{Lo: s.Lo, Hi: s.Lo + half}, Span{Lo: s.Lo + half, Hi: s.Hi}
	return append(left.Split(levels-1), right.Split(levels-1)...)
}

// Open is Split with the hashes of these spans, if they are what s commits to.
// Every left part is a perfect tree and has as many spans as its right one, or more;
// so the spans' hashes are joined as leaves are.
func (s Span) Open(levels int, tops []Hash) (spans []Span, ok bool) {
	spans = s.Split(levels)
	if len(tops) != len(spans) || Root(tops) != s.Top {
		return nil, false
	}
	for i := range spans {
		spans[i].Top = tops[i]
	}
	return spans, true
}

// Holds tells whether leaf i of the tree is below s: path leads from it to Top.
func (s Span) Holds(leaf Hash, i int, path []Hash) bool {
	root, ok := Climb(leaf, i-s.Lo, s.Len(), path)
	return ok && root == s.Top
}

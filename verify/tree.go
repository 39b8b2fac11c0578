package verify

import "github.com/minga-network/minga/blob"

// A dispute narrows a tree by four levels at a time: to the spans that far below the
// disputed one, which are at most fan.
const (
	fan    = 16
	levels = 4
)

// Tops are the hashes of the parts of a disputed subtree, given all leaves.
func Tops(leaves []Hash, s blob.Span) []Hash {
	var tops []Hash
	for _, part := range s.Split(levels) {
		tops = append(tops, blob.Root(leaves[part.Lo:part.Hi]))
	}
	return tops
}

// descend is one of the parts of a span, given their hashes, and what stands before it,
// in at most one span for each level of the tree.
func descend(s blob.Span, tops []Hash, pick int) (at blob.Span, before []blob.Span) {
	for below := levels - 1; len(tops) > 1; below-- {
		halves := s.Split(1)
		left, right := halves[0], halves[1]
		n := len(left.Split(below))
		if pick < n {
			s, tops = left, tops[:n]
			continue
		}
		left.Top = blob.Root(tops[:n])
		before = append(before, left)
		s, tops, pick = right, tops[n:], pick-n
	}
	s.Top = tops[0]
	return s, before
}

// leafWords is how many words make a leaf of a value's tree.
const leafWords = blob.LeafSize / 4

// chunks is the number of leaves of a value of so many words.
func chunks(words int64) int { return int(blob.Leaves(4 * words)) }

// Value is how claims name an array: by the blob of its words.
func Value(words []uint32) Hash { return blob.SumWords(words) }

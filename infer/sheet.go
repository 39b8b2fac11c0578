package infer

import (
	"sync"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/nn"
)

// leafFloats is how many numbers make a leaf of a blob.
const leafFloats = blob.LeafSize / 4

// sheet computes the name of the blob that the Program's output logits is,
// (context, vocab) float32, from the few rows in a row that are not zeros. It
// never has the others: whole subtrees of zeros have hashes that are known.
type sheet struct {
	size   int         // numbers in all
	first  int         // leaf that the rows begin in
	held   []float32   // of the leaf under way
	leaves []blob.Hash // from first on
}

// begin starts anew, with the row from which the first token is chosen.
func (s *sheet) begin(cfg nn.Config, row int) {
	at := row * cfg.Vocab
	s.size, s.first, s.leaves = cfg.Context*cfg.Vocab, at/leafFloats, s.leaves[:0]
	s.held = append(s.held[:0], make([]float32, at%leafFloats)...)
}

// add takes the next row.
func (s *sheet) add(row []float32) {
	for len(row) > 0 {
		n := min(leafFloats-len(s.held), len(row))
		s.held = append(s.held, row[:n]...)
		if row = row[n:]; len(s.held) == leafFloats {
			s.leaves = append(s.leaves, blob.SumFloats(s.held))
			s.held = s.held[:0]
		}
	}
}

// root ends the rows.
func (s *sheet) root() blob.Hash {
	if len(s.held) > 0 {
		rest := min(leafFloats, s.size-(s.first+len(s.leaves))*leafFloats) - len(s.held)
		s.add(make([]float32, rest))
		if len(s.held) > 0 { // the last leaf is shorter
			s.leaves = append(s.leaves, blob.SumFloats(s.held))
		}
	}
	return blob.Name(int64(4*s.size), s.top(0, (s.size+leafFloats-1)/leafFloats))
}

// top is the hash over leaves [lo, hi), split as blobs are.
func (s *sheet) top(lo, hi int) blob.Hash {
	level, middle := 0, 1
	for 2*middle < hi-lo {
		middle *= 2
		level++
	}
	switch {
	case hi-lo == 1:
		return s.leaf(lo)
	case 2*middle == hi-lo && hi*leafFloats <= s.size && (hi <= s.first || lo >= s.first+len(s.leaves)):
		return zeros()[level+1]
	}
	return blob.Root([]blob.Hash{s.top(lo, lo+middle), s.top(lo+middle, hi)})
}

func (s *sheet) leaf(i int) blob.Hash {
	if i >= s.first && i < s.first+len(s.leaves) {
		return s.leaves[i-s.first]
	}
	return blob.SumFloats(make([]float32, min(leafFloats, s.size-i*leafFloats)))
}

// zeros are the hashes of subtrees of zeros, by levels above the leaves.
var zeros = sync.OnceValue(func() (level [32]blob.Hash) {
	level[0] = blob.SumFloats(make([]float32, leafFloats))
	for i := range level[1:] {
		level[i+1] = blob.Root([]blob.Hash{level[i], level[i]})
	}
	return level
})

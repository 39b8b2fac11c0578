package infer

import (
	"math/bits"
	"sync"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/nn"
)

// leafFloats is how many numbers make a leaf of a blob.
const leafFloats = blob.LeafSize / 4

// commitment computes the name of the blob that a call's logits are: the Program's
// output, (context, vocab) float32. Only the rows that a token was chosen from are
// not zeros, and they follow each other. It never has the others: the hashes of whole
// subtrees of zeros are known.
type commitment struct {
	size   int         // numbers in all
	first  int         // leaf that the rows begin in
	held   []float32   // of the leaf that is not full yet
	leaves []blob.Hash // from first on
}

// begin starts anew, with the row from which the first token is chosen.
func (c *commitment) begin(cfg nn.Config, row int) {
	at := row * cfg.Vocab
	c.size, c.first, c.leaves = cfg.Context*cfg.Vocab, at/leafFloats, c.leaves[:0]
	c.held = append(c.held[:0], make([]float32, at%leafFloats)...)
}

// add takes the next row.
func (c *commitment) add(row []float32) {
	for len(row) > 0 {
		n := min(leafFloats-len(c.held), len(row))
		c.held = append(c.held, row[:n]...)
		if row = row[n:]; len(c.held) == leafFloats {
			c.leaves = append(c.leaves, blob.SumFloats(c.held))
			c.held = c.held[:0]
		}
	}
}

// root ends the rows.
func (c *commitment) root() blob.Hash {
	if len(c.held) > 0 {
		rest := min(leafFloats, c.size-(c.first+len(c.leaves))*leafFloats) - len(c.held)
		c.add(make([]float32, rest))
		if len(c.held) > 0 { // the last leaf is shorter
			c.leaves = append(c.leaves, blob.SumFloats(c.held))
		}
	}
	return blob.Name(int64(4*c.size), c.top(0, (c.size+leafFloats-1)/leafFloats))
}

// top is the hash over leaves [lo, hi), split as blobs are.
func (c *commitment) top(lo, hi int) blob.Hash {
	n := hi - lo
	if n == 1 {
		return c.leaf(lo)
	}
	full := n&(n-1) == 0 && hi*leafFloats <= c.size
	if full && (hi <= c.first || lo >= c.first+len(c.leaves)) {
		return zeros()[bits.TrailingZeros(uint(n))]
	}
	half := 1 << (bits.Len(uint(n-1)) - 1) // the largest power of two below n
	return blob.Root([]blob.Hash{c.top(lo, lo+half), c.top(lo+half, hi)})
}

func (c *commitment) leaf(i int) blob.Hash {
	if i >= c.first && i < c.first+len(c.leaves) {
		return c.leaves[i-c.first]
	}
	return blob.SumFloats(make([]float32, min(leafFloats, c.size-i*leafFloats)))
}

// zeros are the hashes of subtrees of zeros, by levels above the leaves.
var zeros = sync.OnceValue(func() (level [32]blob.Hash) {
	level[0] = blob.SumFloats(make([]float32, leafFloats))
	for i := range level[1:] {
		level[i+1] = blob.Root([]blob.Hash{level[i], level[i]})
	}
	return level
})

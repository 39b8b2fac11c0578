package token

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Train learns merges from texts until there are vocab tokens.
//
// Each merge is of the pair of neighbouring tokens that is met most often in
// the pre-tokens of all texts; between equals, the one with the smaller left
// id, then the smaller right id. Pairs that are met once are not merged, and
// no token is longer than 64 bytes, so small or monotonous data gives fewer
// tokens than asked: the caller sizes its model by Vocab(). The result depends
// on the bytes of the texts only, not on their order. The error wraps
// ErrTokenizer.
func Train(texts [][]byte, vocab int) (*Encoder, error) {
	if err := checkVocab(vocab); err != nil {
		return nil, err
	}
	words := countPretokens(texts)
	if n := distinct(words); n > math.MaxInt32 {
		return nil, fmt.Errorf("%w: %d bytes of different words, want at most 2 GiB; train on a part of the data",
			ErrTokenizer, n)
	}
	t := newEncoder()
	c := newCorpus(words)
	for t.Vocab() < vocab {
		p, ok := c.best(t)
		if !ok {
			break
		}
		c.merge(p, t.add(p))
	}
	return t, nil
}

// corpus is the distinct pre-tokens of the training data, one after the other
// in arrays, while they are merged. Places are indices into the arrays.
type corpus struct {
	id         []int32 // token at a place; -1 once merged into the one on the left
	prev, next []int32 // neighbouring places within the pre-token; -1 at its ends
	weight     []int64 // how often the pre-token is met
	pairs      map[pair]*occurrences
	queue      heap[ranked]
	grown      []pair // pairs that a merge has made more frequent
}

// occurrences counts a pair. The places only ever get appended to: some no
// longer hold the pair.
type occurrences struct {
	count  int64
	places []int32
}

// ranked is a pair with its count when it was queued. Counts only fall after
// that, or are queued again.
type ranked struct {
	pair
	count int64
}

func oftener(a, b ranked) bool {
	if a.count != b.count {
		return a.count > b.count
	}
	return a.pair.compare(b.pair) < 0
}

func newCorpus(words []counted) *corpus {
	c := &corpus{pairs: make(map[pair]*occurrences)}
	for _, w := range words {
		c.append(w.text, w.count)
	}
	for p, o := range c.pairs {
		c.queue.push(ranked{p, o.count}, oftener)
	}
	return c
}

type counted struct {
	text  string
	count int64
}

// countPretokens returns the distinct pre-tokens in order of their bytes.
func countPretokens(texts [][]byte) []counted {
	counts := make(map[string]*int64)
	for _, text := range texts {
		split(text, func(piece []byte) {
			n, ok := counts[string(piece)]
			if !ok {
				n = new(int64)
				counts[string(piece)] = n
			}
			*n++
		})
	}
	words := make([]counted, 0, len(counts))
	for text, n := range counts {
		words = append(words, counted{text, *n})
	}
	slices.SortFunc(words, func(a, b counted) int { return cmp.Compare(a.text, b.text) })
	return words
}

// distinct is the number of bytes of the words, each taken once.
func distinct(words []counted) int {
	n := 0
	for _, w := range words {
		n += len(w.text)
	}
	return n
}

func (c *corpus) append(text string, weight int64) {
	start := int32(len(c.id))
	for i := range len(text) {
		c.id = append(c.id, int32(text[i]))
		c.prev = append(c.prev, start+int32(i)-1)
		c.next = append(c.next, start+int32(i)+1)
		c.weight = append(c.weight, weight)
	}
	c.prev[start], c.next[len(c.next)-1] = -1, -1
	for i := range len(text) - 1 {
		c.gain(start + int32(i))
	}
}

// best takes the next pair to merge from the queue. A pair that is a merge
// already can only come back when another merge spells its left or right token
// again; it stays as it is.
func (c *corpus) best(t *Encoder) (pair, bool) {
	for len(c.queue) > 0 {
		r := c.queue.pop(oftener)
		_, merged := t.byPair[r.pair]
		switch o := c.pairs[r.pair]; {
		case o == nil || o.count < 2 || merged || !t.fits(r.pair):
		case o.count < r.count:
			c.queue.push(ranked{r.pair, o.count}, oftener)
		default:
			return r.pair, true
		}
	}
	return pair{}, false
}

// merge replaces a pair by a token wherever it is met, from left to right.
func (c *corpus) merge(p pair, id int32) {
	places := c.pairs[p].places
	slices.Sort(places)
	for _, at := range places {
		if gone := c.next[at]; c.id[at] == p.left && gone >= 0 && c.id[gone] == p.right {
			c.join(at, gone, id)
		}
	}
	delete(c.pairs, p)
	c.requeue()
}

// requeue queues every pair that has grown, once.
func (c *corpus) requeue() {
	slices.SortFunc(c.grown, pair.compare)
	for _, p := range slices.Compact(c.grown) {
		if o := c.pairs[p]; o != nil {
			c.queue.push(ranked{p, o.count}, oftener)
		}
	}
	c.grown = c.grown[:0]
}

// join makes one token of two places and keeps the counts of the pairs around
// them right.
func (c *corpus) join(at, gone, id int32) {
	before, after := c.prev[at], c.next[gone]
	if before >= 0 {
		c.lose(before)
	}
	if after >= 0 {
		c.lose(gone)
	}
	c.id[at], c.id[gone] = id, -1
	c.next[at] = after
	if after >= 0 {
		c.prev[after] = at
		c.grown = append(c.grown, c.gain(at))
	}
	if before >= 0 {
		c.grown = append(c.grown, c.gain(before))
	}
}

// gain counts the pair that starts at a place.
func (c *corpus) gain(at int32) pair {
	p := pair{c.id[at], c.id[c.next[at]]}
	o := c.pairs[p]
	if o == nil {
		o = new(occurrences)
		c.pairs[p] = o
	}
	o.count += c.weight[at]
	o.places = append(o.places, at)
	return p
}

// lose takes the pair that starts at a place out of its count.
func (c *corpus) lose(at int32) {
	c.pairs[pair{c.id[at], c.id[c.next[at]]}].count -= c.weight[at]
}

package record

const (
	shingleMax = 64       // words; a longer run tells too little to be looked up
	reach      = 8        // words of either side that an alignment skips at most
	resync     = 12 * bit // what two words or more must tell after that: of 64 places, 1 in 4096 does
	resyncMax  = 16       // words
	backMax    = 64       // words that an alignment goes back from its shingle
)

// window finds the shingles of all words, from left to right.
type window struct {
	f           *finder
	first, last int // the run of words looked at
	told        int // what it tells
}

// shingle returns the hash of the shortest run of words from i on that tells
// enough; false if there is none, or only one of more than shingleMax words.
func (w *window) shingle(i int) (uint64, bool) {
	for ; w.first < min(i, w.last); w.first++ {
		w.told -= int(w.f.info[w.first])
	}
	w.first, w.last = i, max(i, w.last)
	for ; w.told < shingleTells*w.f.unit/4; w.last++ {
		if w.last == len(w.f.info) {
			return 0, false
		}
		w.told += int(w.f.info[w.last])
	}
	if w.last-i > shingleMax {
		return 0, false
	}
	hash := w.f.words.key[2]
	for _, word := range w.f.words.hashes[i:w.last] {
		hash = w.f.words.key.mix(hash, word)
	}
	return hash, true
}

// alignment follows the words beside earlier places, from shingles that both have,
// over words that were changed, put in or left out. (Seed and extend, as in BLAST:
// Altschul and others 1990.)
type alignment struct {
	window
	found  []byte // of each word, 0 or the run of words in which it was found
	run    byte   // 1 and 2 in turn: each follows one earlier place
	before int    // the first word of the record: only what stands before it is earlier
	next   int    // the first word that is not followed yet
}

func newAlignment(f *finder) *alignment {
	return &alignment{window: window{f: f}, found: make([]byte, len(f.info)), run: 1}
}

// follow goes over the words of the next record, and has them known to those that
// come after if they are to be learned.
func (a *alignment) follow(first, end int, learn bool) {
	a.before = first
	for i := first; i < end; i++ {
		hash, ok := a.shingle(i)
		if !ok {
			continue
		}
		if i >= a.next {
			if place := a.f.known.get(hash); place > 0 && int(place) <= first {
				a.run = 3 - a.run
				a.back(i-1, int(place)-2)
				a.next = a.forth(i, int(place)-1)
			}
		}
		if learn && uint64(i) < 1<<32-1 {
			a.f.known.set(hash, uint32(i+1))
		}
	}
}

// forth follows word i beside the earlier word p and returns where they part.
func (a *alignment) forth(i, p int) int {
	for {
		for ; a.same(i, p); i, p = i+1, p+1 {
			a.found[i] = a.run
		}
		skip, passed, ok := a.meet(i, p, 1)
		if !ok {
			return i
		}
		i, p = i+skip, p+passed
	}
}

// back does the same towards the beginning, a bounded way and not into what was
// followed before.
func (a *alignment) back(i, p int) {
	for stop := i - backMax; i > stop; {
		for ; i > stop && a.same(i, p); i, p = i-1, p-1 {
			if a.found[i] != 0 {
				return
			}
			a.found[i] = a.run
		}
		skip, passed, ok := a.meet(i, p, -1)
		if !ok {
			return
		}
		i, p = i-skip, p-passed
	}
}

// same tells whether word i is the earlier word p. Back from the beginning of the
// record word i stands before it, and p must stand before i too.
func (a *alignment) same(i, p int) bool {
	return 0 <= p && p < min(i, a.before) && i < len(a.found) && a.f.words.hashes[i] == a.f.words.hashes[p]
}

// meet finds the nearest places after i and p, in steps of direction, from which
// on the two agree again.
func (a *alignment) meet(i, p, direction int) (skip, passed int, ok bool) {
	for sum := 1; sum <= 2*reach; sum++ {
		for skip := max(0, sum-reach); skip <= min(sum, reach); skip++ {
			if a.agree(i+skip*direction, p+(sum-skip)*direction, direction) {
				return skip, sum - skip, true
			}
		}
	}
	return 0, 0, false
}

func (a *alignment) agree(i, p, direction int) bool {
	told := 0
	for n := 0; n < resyncMax && a.same(i, p); n++ {
		if told += int(a.f.info[i]); told >= resync && n > 0 {
			return true
		}
		i, p = i+direction, p+direction
	}
	return false
}

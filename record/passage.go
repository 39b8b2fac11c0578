package record

// Thresholds in quarters of a unit; a unit is log2 of the number of words read,
// what it takes to name one place among them. docs/duplicates.md says what was
// measured.
const (
	shingleTells = 7  // a run of words that two places rarely share by chance
	exactTells   = 10 // a whole record that is the same letter by letter
	strictTells  = 64 // a passage of a text of which little is copied
	looseTells   = 8  // a passage of a text of which much is copied
	gapTells     = 12 // what may be lost inside one passage
	muchCopied   = 8  // much: one part in so many
)

const (
	shingleMax = 64       // words; a longer run tells too little to be looked up
	reach      = 8        // words of either side that an alignment skips at most
	resync     = 12 * bit // what two words or more must tell after that: of 64 places, 1 in 4096 does
	resyncMax  = 16       // words
	backMax    = 64       // words that an alignment goes back from its shingle
)

// finder finds in one text after the other what those before have.
type finder struct {
	words   words
	info    []uint16 // of each word
	mean    int
	unit    int
	key     *key
	known   table // shingle → 1 + the first word of the first place that has it
	records map[uint64]struct{}
}

func newFinder(w words, k *key) *finder {
	f := &finder{words: w, key: k, records: map[uint64]struct{}{}}
	f.known = newTable(len(w.hashes))
	f.info, f.mean = information(w.hashes, f.known)
	f.unit = log2(uint64(len(w.hashes)) + prior)
	return f
}

// learn adds a text's shingles, and those of its records that tell enough.
func (f *finder) learn(pieces []piece) {
	first, end := pieces[0].first, pieces[len(pieces)-1].first
	w := window{f: f, end: end}
	for i := first; i < end; i++ {
		if hash, ok := w.shingle(i); ok && uint64(i) < 1<<32-1 {
			f.known.set(hash, uint32(i+1))
		}
	}
	for i, p := range pieces[:len(pieces)-1] {
		if f.told(p.first, pieces[i+1].first) >= exactTells*f.unit/4 {
			f.records[p.hash] = struct{}{}
		}
	}
}

// window finds the shingles of the words before end, from left to right.
type window struct {
	f           *finder
	end         int
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
		if w.last == w.end {
			return 0, false
		}
		w.told += int(w.f.info[w.last])
	}
	if w.last-i > shingleMax {
		return 0, false
	}
	hash := w.f.key[2]
	for _, word := range w.f.words.hashes[i:w.last] {
		hash = w.f.key.mix(hash, word)
	}
	return hash, true
}

func (f *finder) told(first, end int) (sum int) {
	for _, told := range f.info[first:end] {
		sum += int(told)
	}
	return sum
}

// copied marks the words from first to end that stand in passages of earlier texts.
func (f *finder) copied(first, end int) []bool {
	a := alignment{f: f, first: first, end: end, shared: make([]bool, end-first)}
	w := window{f: f, end: end}
	for i := first; i < end; i++ {
		if hash, ok := w.shingle(i); ok {
			if place := f.known.get(hash); place > 0 {
				a.back(i-1, int(place)-2)
				i = max(i, a.forth(i, int(place)-1)-1)
			}
		}
	}
	copied, part := f.passages(first, a.shared, strictTells*f.unit/4)
	if whole := f.told(first, end); part > 0 && part >= whole/muchCopied {
		copied, _ = f.passages(first, a.shared, looseTells*f.unit/4)
	}
	return copied
}

// alignment follows a text beside earlier places, from shingles that both have,
// over words that were changed, put in or left out. (Seed and extend, as in BLAST:
// Altschul and others 1990.)
type alignment struct {
	f          *finder
	first, end int
	shared     []bool // words from first on that the earlier place has too
}

// forth follows word i beside the earlier word p and returns where they part.
func (a *alignment) forth(i, p int) int {
	for {
		for ; a.same(i, p); i, p = i+1, p+1 {
			a.shared[i-a.first] = true
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
			if a.shared[i-a.first] {
				return
			}
			a.shared[i-a.first] = true
		}
		skip, passed, ok := a.meet(i, p, -1)
		if !ok {
			return
		}
		i, p = i-skip, p-passed
	}
}

// same tells whether word i of the text is the earlier word p.
func (a *alignment) same(i, p int) bool {
	return a.first <= i && i < a.end && 0 <= p && p < a.first && a.f.words.hashes[i] == a.f.words.hashes[p]
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

// passages marks the stretches in which shared words outweigh the others, half a
// mean word for each of these, by what they tell: at least enough. It returns also
// what they tell together. A stretch ends where more than a gap is lost, and a gap
// is no less than...
func (f *finder) passages(first int, shared []bool, enough int) (copied []bool, part int) {
	copied = make([]bool, len(shared))
	score, best, start, top := 0, 0, 0, 0
	end := func(next int) {
		if best >= enough {
			for i := start; i < top; i++ {
				copied[i] = true
			}
			part += best
		}
		score, best, start, top = 0, 0, next, next
	}
	for i, is := range shared {
		if is {
			score += int(f.info[first+i])
		} else {
			score -= f.mean / 2
		}
		if score > best {
			best, top = score, i+1
		}
		if score <= 0 || best-score > gapTells*f.unit/4 {
			end(i + 1)
		}
	}
	end(len(shared))
	return copied, part
}

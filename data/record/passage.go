package record

// Thresholds in quarters of a unit; a unit is log2 of the number of words read,
// what it takes to name one place among them. docs/duplicates.md says what was
// measured.
const (
	shingleTells = 7  // a run of words that two places rarely share by chance
	exactTells   = 10 // a whole record that is the same letter by letter
)

// judgement says which stretches of words with others among them are passages. It
// is in quarters of a unit but for the last.
type judgement struct {
	tells int // what a passage tells at least
	gap   int // what may be lost inside it
	place int // what each further earlier place costs that it is put together from
	other int // what a word costs that no earlier place has, in halves of a mean word
}

// A passage by itself is nearly the same word by word, and from one place: a book's
// formulas with other names, and a sentence of phrases that all writers use, are no
// copies. Among copies less is enough.
var (
	strict = judgement{tells: 40, gap: 24, place: 12, other: 3}
	loose  = judgement{tells: 8, gap: 12, place: 0, other: 1}
)

// Much is copied where strict passages have one part in muchCopied of what the
// words tell, of those before as of those after: so neither the end of a text nor
// the beginning of another is judged by the copy that stands between them. Words
// are counted in cells.
const (
	muchCopied = 10
	cell       = 128 // words
	nearby     = 24  // cells on either side, with the one itself
)

// finder finds what stands earlier among all words.
type finder struct {
	words   *words
	info    []uint16 // of each word
	mean    int
	unit    int
	known   table               // shingle → 1 + the first word of the first place that has it
	records map[uint64]struct{} // hashes of those that tell enough, met so far
}

func newFinder(w *words) *finder {
	f := &finder{words: w, records: map[uint64]struct{}{}}
	f.known = newTable(len(w.hashes))
	f.info, f.mean = information(w.hashes, f.known)
	f.unit = log2(uint64(len(w.hashes)) + prior)
	return f
}

// copied marks the words of all passages. What is near decides, whoever's it is: so
// it makes no difference where a text is cut in two.
func (f *finder) copied(found []byte) []bool {
	copied := make([]bool, len(found))
	f.passages(found, strict, func(start, end int) { mark(copied[start:end]) })
	much := f.much(copied)
	f.passages(found, loose, func(start, end int) {
		if much[(start+end)/2/cell] {
			mark(copied[start:end])
		}
	})
	return copied
}

func mark(words []bool) {
	for i := range words {
		words[i] = true
	}
}

// much tells of each cell whether much is copied around it.
func (f *finder) much(copied []bool) []bool {
	over := make([]int, (len(copied)+cell-1)/cell) // muchCopied times what copied words tell, less what all tell
	for i, is := range copied {
		if over[i/cell] -= int(f.info[i]); is {
			over[i/cell] += muchCopied * int(f.info[i])
		}
	}
	much := make([]bool, len(over))
	for i := range much {
		much[i] = sum(over[max(0, i+1-nearby):i+1]) >= 0 && sum(over[i:min(len(over), i+nearby)]) >= 0
	}
	return much
}

func sum(numbers []int) (sum int) {
	for _, n := range numbers {
		sum += n
	}
	return sum
}

// passages finds the stretches of which the words that were found at earlier places
// outweigh the others by what they tell. A stretch ends where more than a gap is lost.
func (f *finder) passages(found []byte, by judgement, pass func(start, end int)) {
	enough, gap := by.tells*f.unit/4, by.gap*f.unit/4
	place, other := by.place*f.unit/4, by.other*f.mean/2
	score, best, start, top, last := 0, 0, 0, 0, byte(0)
	end := func(next int) {
		if best >= enough {
			pass(start, top)
		}
		score, best, start, top = 0, 0, next, next
	}
	for i, run := range found {
		if run != 0 && run != last {
			if score -= place; score <= 0 {
				end(i)
			}
			last = run
		}
		if run != 0 {
			score += int(f.info[i])
		} else {
			score -= other
		}
		if score > best {
			best, top = score, i+1
		}
		if score <= 0 || best-score > gap {
			end(i + 1)
		}
	}
	end(len(found))
}

package record

import "math/bits"

// A word here is a run of letters between two cuts, and whether a cut comes after
// a letter depends on that letter and the one before it only. So the same words
// come out wherever a passage stands, with its spaces, without them or with others,
// and in scripts that have none. (Cuts by content: Manber 1994, Muthitacharoen and
// others 2001.) Ideographs are words of their own.
const (
	cutOdds    = 1 << 62 // of 1<<64: one cut in four letters
	wordMax    = 16      // letters; an endless run is cut there
	ideographs = 0x2e80  // letters from here on
)

// key makes hashes that nobody can aim at: it depends on all the texts.
type key [3]uint64

func (k *key) mix(h, x uint64) uint64 {
	hi, lo := bits.Mul64(h^k[0], x^k[1])
	return hi ^ lo
}

// words are the words of all texts as of one: a word goes on from the end of a
// text into the next, so that it makes no difference where a text is cut in two.
type words struct {
	hashes []uint64
	starts []uint16 // bytes from the beginning of the record a word begins in

	key     *key
	hash    uint64 // of the letters of the word under way
	length  int    // and how many these are
	context uint64 // the last two letters
}

func newWords(k *key, size int) *words {
	return &words{hashes: make([]uint64, 0, size), starts: make([]uint16, 0, size), key: k, hash: k[2]}
}

// piece is a record: the words from first up to the next piece's first begin in
// it, its bytes are from start up to the next piece's start.
type piece struct {
	hash  uint64 // of its letters
	start int
	last  int // where its last letter ends
	first int // index in words
}

// source gives the letters of a text one by one, with the byte at which each
// starts and ends and the byte at which its record begins.
type source interface {
	next() (l letter, ok bool)
}

type letter struct {
	value              rune
	start, end, record int
}

// read appends a text's words and returns its records, of which none begins before
// the line of the text's first letter.
func (w *words) read(from source) []piece {
	var pieces []piece
	for l, ok := from.next(); ok; l, ok = from.next() {
		value := uint64(l.value) + 1
		last := len(pieces) - 1
		if last < 0 || l.record != pieces[last].start {
			pieces = append(pieces, piece{hash: w.key[2], start: l.record, first: w.begun()})
			last++
		}
		if w.length == 0 {
			w.starts = append(w.starts, uint16(l.start-l.record))
		}
		pieces[last].hash = w.key.mix(pieces[last].hash, value)
		pieces[last].last = l.end
		w.hash = w.key.mix(w.hash, value)
		w.context = w.context<<32 | value
		w.length++
		if w.length == wordMax || l.value >= ideographs || cutAfter(w.context) {
			w.end()
		}
	}
	return pieces
}

// begun counts the words, with the one under way.
func (w *words) begun() int { return len(w.hashes) + min(w.length, 1) }

// end ends the word under way, if there is one.
func (w *words) end() {
	if w.length > 0 {
		w.hashes = append(w.hashes, w.hash)
		w.hash, w.length = w.key[2], 0
	}
}

// cutAfter decides by the last two letters; never between equal ones, so that a
// run of one letter makes few words. It is the same function for every set of
// texts, so that the length of words does not depend on luck. (The mixing is
// SplitMix64's: Steele, Lea and Flood 2014.)
func cutAfter(context uint64) bool {
	if context>>32 == context&(1<<32-1) {
		return false
	}
	x := context*0x9e3779b97f4a7c15 + 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x^x>>31 < cutOdds
}

// octets are a text without words: each byte is a letter.
type octets struct {
	text []byte
	at   int
}

func (o *octets) next() (letter, bool) {
	if o.at == len(o.text) {
		return letter{}, false
	}
	o.at++
	return letter{rune(o.text[o.at-1]), o.at - 1, o.at, (o.at - 1) / recordMax * recordMax}, true
}

// Package record finds what texts repeat of earlier ones and of themselves, so that
// whoever registered a record first keeps it and a copy of it earns nothing.
//
// Keep takes the repetitions out of the texts of a training job, which it reads as
// one text in the order of registration: where one ends and the next begins makes no
// difference. It reads letters (folded, so that spelling, encoding and markup do not
// matter), cuts them into words by their content, and looks up runs of words that
// tell enough to name one place among all (shingles) in the records before. From a
// shingle that is known it follows both places over changed words. Stretches that
// share enough are copied passages; a record (a line, a sentence) that is more than
// half copied goes as a whole.
//
// A Sketch is a small MinHash of one text, for a chain that compares a new text
// with thousands of earlier ones before anybody trains with them.
//
// What can go wrong: a translation, a paraphrase or a cipher is no copy to this
// package; what such a text is worth shows when its contribution is measured. Rows
// of a table that hold less than about 20 letters are recognised in their old
// order only.
package record

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"slices"
)

// wordlessBytes: a text with less than one word in so many bytes is compared byte
// by byte as well. Written language has one in 4 to 10.
const wordlessBytes = 16

// Keep returns what is left of each text when every record that stands earlier too,
// exactly or nearly, is taken out: in an earlier text or in the same one. since
// orders the texts (heights, say), ties are ordered by index; in that order they are
// read as one text. So it makes no difference where a text is cut into several that
// follow each other: exactly none if it is cut at ends of lines, else the record
// that is cut may differ. (A text with hardly a word must be so throughout.) A text
// that loses nothing is returned itself, not a copy, and no text is changed.
//
// The result depends on the arguments only. Time and memory grow with the length
// of the texts, whatever they hold: about 10 bytes for each byte of text. A word past
// the first 4,294,967,294 (some 20 GB) is compared, but no longer remembered.
func Keep(texts [][]byte, since []int64) [][]byte {
	kept := slices.Clone(texts)
	order := make([]int, len(texts))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(since[a], since[b]) })

	k, fold := newKey(texts, order), folds{}
	spoken := readAll(texts, order, k, func(text []byte) source { return newLetters(text, fold) })
	spoken.remove(kept, func(int) bool { return true })
	if wordless := spoken.wordless(texts); len(wordless) > 0 {
		bytewise := readAll(kept, order, k, func(text []byte) source { return &octets{text: text} })
		bytewise.remove(kept, func(text int) bool { return wordless[text] })
	}
	return kept
}

// newKey makes a key of all bytes, wherever one text ends and the next begins.
func newKey(texts [][]byte, order []int) *key {
	all := sha256.New()
	for _, i := range order {
		all.Write(texts[i])
	}
	var k key
	for i, sum := 0, all.Sum(nil); i < len(k); i++ {
		k[i] = binary.BigEndian.Uint64(sum[8*i:])
	}
	return &k
}

// readings are texts as words and records, the first text first.
type readings struct {
	order  []int // indices of the texts
	words  *words
	pieces [][]piece // of each text, and an empty one where it ends
}

func readAll(texts [][]byte, order []int, k *key, open func(text []byte) source) *readings {
	size := 0
	for _, text := range texts {
		size += len(text)
	}
	r := &readings{order: order, words: newWords(k, size/4)}
	for _, i := range order {
		pieces := r.words.read(open(texts[i]))
		r.pieces = append(r.pieces, append(pieces, piece{start: len(texts[i]), first: r.words.begun()}))
	}
	r.words.end()
	return r
}

// text returns which words of the n-th text are its own: from first up to end.
func (r *readings) text(n int) (first, end int) {
	pieces := r.pieces[n]
	return pieces[0].first, pieces[len(pieces)-1].first
}

// wordless tells the texts with hardly a word by their indices.
func (r *readings) wordless(texts [][]byte) map[int]bool {
	found := map[int]bool{}
	for n, i := range r.order {
		if first, end := r.text(n); end-first < len(texts[i])/wordlessBytes {
			found[i] = true
		}
	}
	return found
}

// remove takes out of texts what stands earlier in those texts that are learned.
func (r *readings) remove(texts [][]byte, learned func(text int) bool) {
	f := newFinder(r.words)
	a := newAlignment(f)
	for n, i := range r.order {
		for pieces := r.pieces[n]; len(pieces) > 1; pieces = pieces[1:] {
			a.follow(pieces[0].first, pieces[1].first, learned(i))
		}
	}
	copied, gone := f.copied(a.found), false
	for n, i := range r.order {
		s := remover{finder: f, copied: copied, text: texts[i], learn: learned(i), gone: gone}
		texts[i], gone = s.remove(r.pieces[n]), s.gone
	}
}

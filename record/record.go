// Package record finds what a text repeats of earlier texts, so that whoever
// registered a record first keeps it and a copy of it earns nothing.
//
// Keep takes the copies out of the texts of a training job. It reads each text as
// letters (folded, so that spelling, encoding and markup do not matter), cuts the
// letters into words by their content, and looks up runs of words that tell enough
// to name one place among all (shingles) in the texts before. From a shingle that
// is known it follows both texts over changed words. Stretches that share enough
// are copied passages; a record (a line, a sentence) that is more than half copied
// goes as a whole.
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

// Keep returns what is left of each text when every record that an earlier text
// has too, exactly or nearly, is taken out. since orders the texts (heights, say),
// ties are ordered by index. A text's own repetitions stay. A text that loses
// nothing is returned itself, not a copy, and no text is changed.
//
// The result depends on the arguments only. Time and memory grow with the length
// of the texts, whatever they hold: about 9 bytes for each byte of text. A word past
// the first 4,294,967,294 (some 20 GB) is compared, but no longer remembered.
func Keep(texts [][]byte, since []int64) [][]byte {
	kept := slices.Clone(texts)
	if len(texts) < 2 {
		return kept
	}
	order := make([]int, len(texts))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(since[a], since[b]) })

	k, fold := emptyRepeats(kept, order), folds{}
	spoken := readAll(kept, order, k, func(text []byte) source { return newLetters(text, fold) })
	wordless := spoken.wordless(texts)
	spoken.strip(kept, nil)
	if len(wordless) > 0 {
		bytewise := readAll(kept, order, k, func(text []byte) source { return &octets{text: text} })
		bytewise.strip(kept, wordless)
	}
	return kept
}

// readings are texts as words and records, the first text first.
type readings struct {
	key    *key
	order  []int // indices of the texts
	words  words
	pieces [][]piece // of each text, and an empty one where it ends
}

func readAll(texts [][]byte, order []int, k *key, open func(text []byte) source) *readings {
	r := &readings{key: k, order: order}
	size := 0
	for _, text := range texts {
		size += len(text)
	}
	r.words.hashes = make([]uint64, 0, size/4)
	r.words.starts = make([]uint16, 0, size/4)
	for _, i := range order {
		first := len(r.words.hashes)
		pieces := r.words.read(open(texts[i]), k)
		if len(pieces) == 0 {
			pieces = []piece{{first: first}}
		}
		r.pieces = append(r.pieces, append(pieces, piece{start: len(texts[i]), first: len(r.words.hashes)}))
	}
	return r
}

// wordless returns the indices of the texts with hardly a word; not the last
// one's, for nothing comes after it.
func (r *readings) wordless(texts [][]byte) map[int]bool {
	found := map[int]bool{}
	for n, i := range r.order[:len(r.order)-1] {
		pieces := r.pieces[n]
		if pieces[len(pieces)-1].first-pieces[0].first < len(texts[i])/wordlessBytes {
			found[i] = true
		}
	}
	return found
}

// strip takes out of each text what earlier ones have: all earlier ones, or only
// those listed.
func (r *readings) strip(texts [][]byte, only map[int]bool) {
	f := newFinder(r.words, r.key)
	for n, i := range r.order {
		if n > 0 {
			texts[i] = f.strip(texts[i], r.pieces[n])
		}
		if n < len(r.order)-1 && (only == nil || only[i]) {
			f.learn(r.pieces[n])
		}
	}
}

// emptyRepeats takes out texts that are an earlier one byte by byte, however little
// they tell, and makes a key of the hashes of all.
func emptyRepeats(texts [][]byte, order []int) *key {
	known := map[[32]byte]bool{}
	all := sha256.New()
	for _, i := range order {
		hash := sha256.Sum256(texts[i])
		if all.Write(hash[:]); known[hash] {
			texts[i] = nil
		}
		known[hash] = true
	}
	var k key
	for i, sum := 0, all.Sum(nil); i < len(k); i++ {
		k[i] = binary.BigEndian.Uint64(sum[8*i:])
	}
	return &k
}

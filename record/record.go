// Package record finds what a text repeats of earlier ones, so that whoever
// registered a record first keeps it and a copy earns nothing.
package record

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"slices"
)

// Keep returns what is left of each text when every record that an earlier one
// has too, exactly or nearly, is taken out. since orders the texts, ties by index.
// A text that loses nothing is returned itself, not a copy.
func Keep(texts [][]byte, since []int64) [][]byte {
	order := make([]int, len(texts))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(since[a], since[b]) })
	kept := slices.Clone(texts)
	if len(texts) < 2 {
		return kept
	}
	k := newKey(texts)
	keepLetters(kept, order, k)
	return kept
}

func keepLetters(kept [][]byte, order []int, k *key) {
	fold := folds{}
	keep(kept, order, k, func(text []byte) source { return newLetters(text, fold) })
}

func keep(kept [][]byte, order []int, k *key, open func(text []byte) source) {
	var w words
	pieces := make([][]piece, len(order))
	for n, i := range order {
		first := len(w.hashes)
		pieces[n] = w.read(open(kept[i]), k)
		if len(pieces[n]) == 0 {
			pieces[n] = []piece{{first: first}}
		}
		pieces[n][0].start = 0
		pieces[n] = append(pieces[n], piece{start: len(kept[i]), first: len(w.hashes)})
	}
	f := newFinder(w, k)
	for n, i := range order {
		if n > 0 {
			kept[i] = f.strip(kept[i], pieces[n])
		}
		f.learn(pieces[n])
	}
}

// newKey hashes the lengths and bytes of all texts.
func newKey(texts [][]byte) *key {
	h := sha256.New()
	for _, text := range texts {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(text))))
		h.Write(text)
	}
	sum := h.Sum(nil)
	var k key
	for i := range k {
		k[i] = binary.BigEndian.Uint64(sum[8*i:])
	}
	return &k
}

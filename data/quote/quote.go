// Package quote finds which texts a model's answer repeats, so that a part of the
// answer's fee can go to those who brought them.
//
// An Index holds texts with their suffix arrays. Of an answer it finds the longest
// runs of words that stand in a text exactly so, and shares the answer's bytes out
// among the texts that have them. It is the tracing of outputs to training data as
// published for language models: matches of any length by suffix array (infini-gram,
// Liu and others 2024), maximal spans, rarest first (OLMoTrace, Liu and others 2025).
//
// It counts bytes and uses no clock, chance or floating point: whoever has the same
// texts and the same answer gets the same numbers, so a checker can confirm them.
//
// What can go wrong: a text that repeats another would share what is the other's.
// Index what record.Keep has left. What an answer says in its own words is nobody's
// here; the measured contribution pays for that.
package quote

import (
	"cmp"
	"index/suffixarray"
	"slices"
)

// A shorter match is the language's, not a text's: docs/duplicates.md says how many
// bytes of honest text would be found with less.
const (
	minWords = 6
	minBytes = 24
	maxBytes = 4096 // a longer match is found as several
)

// commonAt is how many places of a span are counted before it is simply common.
const commonAt = 64

// Index finds spans of answers in texts. It may be used by several goroutines.
type Index struct {
	texts []*suffixarray.Index
}

// NewIndex sorts the suffixes of each text. It keeps the texts and needs 4 bytes
// more for each byte of them (8 for a text of 2 GiB or more).
func NewIndex(texts [][]byte) *Index {
	x := &Index{}
	for _, text := range texts {
		x.texts = append(x.texts, suffixarray.New(text))
	}
	return x
}

// Span is a run of words of an answer, answer[Start:End], which the listed texts
// have byte by byte, and which is not part of a longer one.
type Span struct {
	Start, End int
	Texts      []int // in rising order
	Places     int   // where it stands in all texts, of each counted up to 64
}

// Attribute returns for each text how many bytes of the answer it is the source
// of. Spans take their bytes rarest first, so that a byte in two spans is that
// one's which fewer places could have given. Texts that have the same span share
// its bytes evenly; the first of them get one more each if that leaves a rest.
func (x *Index) Attribute(answer []byte) []uint64 {
	bytes := make([]uint64, len(x.texts))
	taken := make([]bool, len(answer))
	for _, span := range x.Spans(answer) {
		won := 0
		for i := span.Start; i < span.End; i++ {
			if !taken[i] {
				taken[i] = true
				won++
			}
		}
		each, rest := won/len(span.Texts), won%len(span.Texts)
		for n, text := range span.Texts {
			bytes[text] += uint64(each)
			if n < rest {
				bytes[text]++
			}
		}
	}
	return bytes
}

// Spans returns the answer's maximal spans of at least 6 words and 24 bytes, the
// rarest first: by places, then the longer, then the earlier one.
func (x *Index) Spans(answer []byte) []Span {
	words := cut(answer)
	ends := make([][]int, len(x.texts)) // of each text: for each word, the word after its longest match
	for i, text := range x.texts {
		ends[i] = longest(text, answer, words)
	}
	var spans []Span
	for first, past := 0, 0; first < len(words); first++ {
		end := 0
		for i := range ends {
			end = max(end, ends[i][first])
		}
		if end <= past {
			continue
		}
		past = end
		span := Span{Start: words[first].start, End: words[end-1].end}
		if end-first < minWords || span.End-span.Start < minBytes {
			continue
		}
		for i := range ends {
			if ends[i][first] == end {
				span.Texts = append(span.Texts, i)
				span.Places += len(x.texts[i].Lookup(answer[span.Start:span.End], commonAt))
			}
		}
		spans = append(spans, span)
	}
	slices.SortFunc(spans, func(a, b Span) int {
		return cmp.Or(cmp.Compare(a.Places, b.Places), cmp.Compare(b.End-b.Start, a.End-a.Start),
			cmp.Compare(a.Start, b.Start))
	})
	return spans
}

// longest returns for each word of the answer the word after the longest match that
// begins with it, or 0 if the text does not have even the shortest that counts. A match
// without its first word is a match too, so the ends never go back and all of them take
// two look-ups a word.
func longest(text *suffixarray.Index, answer []byte, words []word) []int {
	ends := make([]int, len(words))
	end := 0
	for first := range words {
		end = max(end, first+minWords-1)
		for end < len(words) && words[end].end-words[first].start <= maxBytes &&
			found(text, answer[words[first].start:words[end].end]) {
			end++
		}
		if end-first >= minWords {
			ends[first] = end
		}
	}
	return ends
}

func found(text *suffixarray.Index, span []byte) bool { return len(text.Lookup(span, 1)) > 0 }

package token

import (
	"cmp"
	"errors"
	"fmt"
)

// ErrTokenizer marks bytes that are not a tokenizer, and training that cannot
// give one.
var ErrTokenizer = errors.New("token: bad tokenizer")

const (
	eos           = 256 // ids below are the bytes, ids above are merges
	endOfText     = "<|endoftext|>"
	minVocab      = 257
	maxVocab      = 1 << 18
	maxTokenBytes = 64 // so that a short list of merges cannot describe a huge table
)

// Encoder cuts bytes into tokens by byte-level byte-pair encoding (Sennrich,
// Haddow and Birch, "Neural Machine Translation of Rare Words with Subword
// Units", 2016; over bytes and GPT-2's pre-tokens as in Radford et al., 2019).
//
// Ids 0 to 255 are the bytes by value, 256 is the end of a text, and every
// further id is a merge in the order of training. Any bytes at all, valid
// UTF-8 or not, come back from Encode and Decode unchanged; the end of a text
// is never produced by Encode and decodes to nothing.
//
// An Encoder does not change after it is made and may be used by several
// goroutines at a time.
type Encoder struct {
	tokens [][]byte // by id; tokens[eos] is empty
	merges []pair   // by rank
	byPair map[pair]merge
	ids    map[string]int32
}

// pair is two neighbouring tokens.
type pair struct{ left, right int32 }

// compare is the order that decides between pairs that are otherwise equal.
func (p pair) compare(q pair) int {
	return cmp.Or(cmp.Compare(p.left, q.left), cmp.Compare(p.right, q.right))
}

// merge is what becomes of a pair: the rank says how early, the id into what.
// The two are separate because two pairs can spell the same bytes: the later
// one is a merge of its own but not a new token.
type merge struct{ rank, id int32 }

// newEncoder returns the encoder without merges: 256 bytes and the end of
// a text.
func newEncoder() *Encoder {
	t := &Encoder{
		tokens: make([][]byte, minVocab),
		byPair: make(map[pair]merge),
		ids:    make(map[string]int32),
	}
	for b := range 256 {
		t.tokens[b] = []byte{byte(b)}
		t.ids[string(t.tokens[b])] = int32(b)
	}
	return t
}

// add appends a merge and returns the token that it makes. Only byte and merge
// ids that exist may be given.
func (t *Encoder) add(p pair) int32 {
	text := string(t.tokens[p.left]) + string(t.tokens[p.right])
	id, known := t.ids[text]
	if !known {
		id = int32(len(t.tokens))
		t.tokens = append(t.tokens, []byte(text))
		t.ids[text] = id
	}
	t.byPair[p] = merge{rank: int32(len(t.merges)), id: id}
	t.merges = append(t.merges, p)
	return id
}

// fits says whether the token of a merge stays within maxTokenBytes.
func (t *Encoder) fits(p pair) bool {
	return len(t.tokens[p.left])+len(t.tokens[p.right]) <= maxTokenBytes
}

// Vocab is the number of tokens: every id from 0 to Vocab()-1 has a meaning.
func (t *Encoder) Vocab() int { return len(t.tokens) }

// EOS is the token that ends a text.
func (t *Encoder) EOS() int32 { return eos }

// Bytes returns what a token stands for: nothing for the end of a text and for
// ids outside the vocabulary. The caller must not change the slice.
func (t *Encoder) Bytes(id int32) []byte {
	if id < 0 || int(id) >= len(t.tokens) {
		return nil
	}
	return t.tokens[id]
}

// Decode returns the bytes of the tokens in a row.
func (t *Encoder) Decode(ids []int32) []byte {
	var out []byte
	for _, id := range ids {
		out = append(out, t.Bytes(id)...)
	}
	return out
}

// checkVocab refuses sizes that no tokenizer can have.
func checkVocab(vocab int) error {
	if vocab < minVocab || vocab > maxVocab {
		return fmt.Errorf("%w: vocab = %d, want %d to %d", ErrTokenizer, vocab, minVocab, maxVocab)
	}
	return nil
}

package blob

import "encoding/binary"

// Encoder writes values one after the other, each in one spelling only, so that
// equal things are equal bytes and have one hash. A number is a uvarint in its
// shortest form, a list is the number of its items and then these, a word is
// 4 bytes, little-endian. It is not said what each is: a [Decoder] has to
// ask for the same things in the same order.
type Encoder struct{ out []byte }

// Out is all that was written. Writing more may change it.
func (e *Encoder) Out() []byte { return e.out }

// Raw writes bytes as they are. Whoever reads them has to know how many there are.
func (e *Encoder) Raw(b []byte) { e.out = append(e.out, b...) }

// Number writes a number that is not negative.
func (e *Encoder) Number(n int64) { e.out = binary.AppendUvarint(e.out, uint64(n)) }

// Flag writes 1 or 0.
func (e *Encoder) Flag(set bool) {
	if set {
		e.Number(1)
	} else {
		e.Number(0)
	}
}

// Bytes writes how many bytes there are, and these.
func (e *Encoder) Bytes(b []byte) {
	e.Number(int64(len(b)))
	e.Raw(b)
}

// Hash writes the 32 bytes of a hash.
func (e *Encoder) Hash(h Hash) { e.Raw(h[:]) }

// Hashes writes a list of hashes.
func (e *Encoder) Hashes(hs []Hash) {
	e.Number(int64(len(hs)))
	for i := range hs {
		e.Raw(hs[i][:])
	}
}

// Words writes a list of words.
func (e *Encoder) Words(words []uint32) {
	e.Number(int64(len(words)))
	e.out = AppendWords(e.out, words)
}

package blob

import (
	"encoding/binary"
	"fmt"
)

// Decoder takes from the front of foreign bytes what an [Encoder] wrote. It goes on
// after the first mistake and gives zeros: look at End once, at the end. It refuses
// every spelling but the Encoder's. No list is longer than the bytes that are left, so
// memory is bounded by the length of what is read.
type Decoder struct {
	in  []byte
	bad bool
}

// NewDecoder reads data, and keeps a reference to it.
func NewDecoder(data []byte) *Decoder { return &Decoder{in: data} }

// Fail marks what was read as wrong, for a rule that its reader has.
func (d *Decoder) Fail() { d.in, d.bad = nil, true }

// End is nil if all was well and nothing is left, and else wraps ErrMalformed.
func (d *Decoder) End() error {
	if d.bad || len(d.in) > 0 {
		return fmt.Errorf("%w bytes: cut short, with a number out of range, or with more after the end", ErrMalformed)
	}
	return nil
}

// Raw takes n bytes. They are a part of what is read, not a copy.
func (d *Decoder) Raw(n int) []byte {
	if n < 0 || n > len(d.in) {
		d.Fail()
		return nil
	}
	taken := d.in[:n:n]
	d.in = d.in[n:]
	return taken
}

// Rest takes all that is left, for another reader.
func (d *Decoder) Rest() []byte { return d.Raw(len(d.in)) }

// Number takes one from 0 to most.
func (d *Decoder) Number(most int64) int64 {
	x, n := binary.Uvarint(d.in)
	if n <= 0 || n > 1 && d.in[n-1] == 0 || x > uint64(max(most, 0)) {
		d.Fail()
		return 0
	}
	d.in = d.in[n:]
	return int64(x)
}

// Flag takes 1 or 0.
func (d *Decoder) Flag() bool { return d.Number(1) == 1 }

// Count takes how many items follow, of a byte or more each: at most most.
func (d *Decoder) Count(most int) int { return int(d.Number(int64(min(most, len(d.in))))) }

// Bytes takes as many bytes as are said before them, at most most; nil for none.
func (d *Decoder) Bytes(most int) []byte {
	if b := d.Raw(d.Count(most)); len(b) > 0 {
		return b
	}
	return nil
}

// Hash takes the 32 bytes of a hash.
func (d *Decoder) Hash() Hash {
	if b := d.Raw(len(Hash{})); b != nil {
		return Hash(b)
	}
	return Hash{}
}

// Hashes takes a list of at most most hashes; nil for none.
func (d *Decoder) Hashes(most int) (hs []Hash) {
	const size = len(Hash{})
	b := d.Raw(size * d.Count(min(most, len(d.in)/size)))
	for ; len(b) > 0; b = b[size:] {
		hs = append(hs, Hash(b[:size]))
	}
	return hs
}

// Words takes a list of at most most words; nil for none.
func (d *Decoder) Words(most int) []uint32 {
	if b := d.Raw(4 * d.Count(min(most, len(d.in)/4))); len(b) > 0 {
		return Words[uint32](b)
	}
	return nil
}

package verify

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// ErrMalformed marks bytes that are no message, game or task of this package.
var ErrMalformed = errors.New("verify: malformed")

// MaxMessage bounds what one side sends at a time, in bytes.
const MaxMessage = 16 << 10

// writer appends: numbers as uvarints, lists as a count and the items.
type writer struct{ b []byte }

func (w *writer) bytes(b []byte) { w.b = append(w.b, b...) }
func (w *writer) hash(h Hash)    { w.b = append(w.b, h[:]...) }

func (w *writer) number(n int64) { w.b = binary.AppendUvarint(w.b, uint64(n)) }

func (w *writer) flag(set bool) {
	if set {
		w.number(1)
	} else {
		w.number(0)
	}
}

func (w *writer) block(b []byte) {
	w.number(int64(len(b)))
	w.bytes(b)
}

func (w *writer) hashes(hs []Hash) {
	w.number(int64(len(hs)))
	for _, h := range hs {
		w.hash(h)
	}
}

func (w *writer) words(ws []uint32) {
	w.number(int64(len(ws)))
	for _, x := range ws {
		w.b = binary.LittleEndian.AppendUint32(w.b, x)
	}
}

// reader takes what writer wrote from the front of b. After the first mistake
// it gives zeros. No list is longer than the bytes that are left.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) fail() { r.b, r.bad = nil, true }

// end says whether all went well and nothing is left.
func (r *reader) end() error {
	if r.bad || len(r.b) > 0 {
		return fmt.Errorf("%w: it is cut short, has a number out of range or goes on after its end", ErrMalformed)
	}
	return nil
}

func (r *reader) bytes(n int) []byte {
	if n > len(r.b) {
		r.fail()
		return nil
	}
	b := r.b[:n:n]
	r.b = r.b[n:]
	return b
}

func (r *reader) hash() Hash {
	if b := r.bytes(len(Hash{})); b != nil {
		return Hash(b)
	}
	return Hash{}
}

// number reads one from 0 to most, in its shortest form.
func (r *reader) number(most int64) int64 {
	x, n := binary.Uvarint(r.b)
	if n <= 0 || n > 1 && r.b[n-1] == 0 || x > uint64(most) {
		r.fail()
		return 0
	}
	r.b = r.b[n:]
	return int64(x)
}

func (r *reader) flag() bool { return r.number(1) == 1 }

// count reads how many items follow; each takes a byte or more.
func (r *reader) count(most int) int { return int(r.number(int64(min(most, len(r.b))))) }

func (r *reader) block(most int) []byte {
	if b := r.bytes(r.count(most)); len(b) > 0 {
		return b
	}
	return nil
}

func (r *reader) hashes(most int) (hs []Hash) {
	for range r.count(most) {
		hs = append(hs, r.hash())
	}
	return hs
}

func (r *reader) words(most int) (ws []uint32) {
	for range r.count(most) {
		if b := r.bytes(4); b != nil {
			ws = append(ws, binary.LittleEndian.Uint32(b))
		}
	}
	return ws
}

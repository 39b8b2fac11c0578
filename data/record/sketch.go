package record

import (
	"encoding/binary"
	"errors"
	"fmt"
)

const (
	bins        = 256
	bandStride  = 4 // every fourth bin is a band: 64 of them
	empty       = 1<<32 - 1
	leastBins   = 3 // that agree
	sketchWords = 4 // words of a shingle, about three of a language's
)

// SketchSize is the length of an encoded Sketch in bytes.
const SketchSize = 4 * bins

// ErrSketch means that bytes are no encoded Sketch.
var ErrSketch = errors.New("record: no sketch")

// Sketch is a MinHash of a text, of the same small size for every text: its
// shingles are split among 256 bins by their hash, and each bin keeps the least
// (one permutation hashing, Li, Owen and Zhang 2012). Two texts that share a
// part J of all their shingles agree in about the part J of their bins.
type Sketch struct {
	least [bins]uint32 // empty: no shingle fell into this bin
}

// Encode returns SketchSize bytes.
func (s Sketch) Encode() []byte {
	out := make([]byte, 0, SketchSize)
	for _, v := range s.least {
		out = binary.BigEndian.AppendUint32(out, v)
	}
	return out
}

// Decode reads what Encode wrote. Any SketchSize bytes are a sketch, any other
// number of bytes is ErrSketch.
func Decode(encoded []byte) (Sketch, error) {
	var s Sketch
	if len(encoded) != SketchSize {
		return s, fmt.Errorf("%w: %d bytes, want %d: make it with the same version", ErrSketch, len(encoded), SketchSize)
	}
	for i := range s.least {
		s.least[i] = binary.BigEndian.Uint32(encoded[4*i:])
	}
	return s, nil
}

// Similarity compares s with another text's sketch, in basis points:
// resemblance is the part of the shingles of both that both have, contained the
// part of s's shingles that other has. Both are estimates: at a resemblance of 5 %
// its standard error is 1.4 %. Where fewer than three bins agree both are 0, since
// with texts of very different length one or two may agree by chance. Honest texts of one language
// contain 1 to 2 % of each other. Integers only, so that a chain may compute it.
func (s Sketch) Similarity(other Sketch) (resemblance, contained uint32) {
	same, used := uint64(0), uint64(0)
	for i, v := range s.least {
		if v == empty && other.least[i] == empty {
			continue
		}
		used++
		if v == other.least[i] {
			same++
		}
	}
	if same < leastBins {
		return 0, 0
	}
	// |A∩B| = J·|A∪B| and |A∪B| = (|A|+|B|)/(1+J), with J = same/used.
	mine, theirs := s.shingles(), other.shingles()
	part := min(10000*same*(mine+theirs)/((used+same)*mine), 10000)
	return uint32(10000 * same / used), uint32(part)
}

// Bands returns a key for every fourth bin that holds anything, at most 64 keys
// of 5 bytes. Texts of resemblance J have at least one key in common with
// probability 1-(1-J)^64: 0.96 at J = 0.05, all but certain at 0.2. Who keeps
// for each key the first text that had it finds candidates with 64 look-ups.
func (s Sketch) Bands() [][]byte {
	var keys [][]byte
	for i := 0; i < bins; i += bandStride {
		if s.least[i] != empty {
			keys = append(keys, binary.BigEndian.AppendUint32([]byte{byte(i / bandStride)}, s.least[i]))
		}
	}
	return keys
}

// shingles estimates how many different shingles the text has, at least 1: the
// least of n values below R is about R/(n+1).
func (s Sketch) shingles() uint64 {
	filled, sum := uint64(0), uint64(0)
	for _, v := range s.least {
		if v != empty {
			filled++
			sum += uint64(v)
		}
	}
	if filled == 0 {
		return 1
	}
	return filled << 32 * filled / max(sum, 2*filled)
}

func (s *Sketch) add(shingle uint64) {
	bin, value := shingle>>56, uint32(shingle)
	s.least[bin] = min(s.least[bin], value)
}

// NewSketch returns the sketch of a text as it is registered. Its words and hashes
// are the same for everybody, so whoever edits a copy may aim at them: a sketch
// warns early, Keep decides. A text of hardly a word has an empty sketch, which
// resembles none.
func NewSketch(text []byte) Sketch {
	var s Sketch
	for i := range s.least {
		s.least[i] = empty
	}
	k := &key{0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0} // digits of pi
	w := newWords(k, len(text)/4)
	if w.read(newLetters(text, folds{})); w.begun() < len(text)/wordlessBytes {
		w = newWords(k, len(text)/4)
		w.read(&octets{text: text})
	}
	w.end()
	for i := range max(len(w.hashes)-sketchWords+1, 0) {
		hash := k[2]
		for _, word := range w.hashes[i : i+sketchWords] {
			hash = k.mix(hash, word)
		}
		s.add(hash)
	}
	return s
}

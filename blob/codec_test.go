package blob

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"reflect"
	"testing"
)

// everything has one of each thing that can be written.
type everything struct {
	Raw    [3]byte
	Small  int64 // at most 300
	Large  int64
	Flag   bool
	Bytes  []byte // at most 5
	Hash   Hash
	Hashes []Hash   // at most 3
	Words  []uint32 // at most 4
}

func (v everything) encode() []byte {
	var e Encoder
	e.Raw(v.Raw[:])
	e.Number(v.Small)
	e.Number(v.Large)
	e.Flag(v.Flag)
	e.Bytes(v.Bytes)
	e.Hash(v.Hash)
	e.Hashes(v.Hashes)
	e.Words(v.Words)
	return e.Out()
}

func decodeEverything(data []byte) (v everything, err error) {
	d := NewDecoder(data)
	copy(v.Raw[:], d.Raw(3))
	v.Small, v.Large, v.Flag = d.Number(300), d.Number(math.MaxInt64), d.Flag()
	v.Bytes, v.Hash, v.Hashes, v.Words = d.Bytes(5), d.Hash(), d.Hashes(3), d.Words(4)
	return v, d.End()
}

var some = []everything{
	{},
	{
		Raw: [3]byte{1, 2, 255}, Small: 300, Large: math.MaxInt64, Flag: true, Bytes: []byte("12345"),
		Hash: Hash{7}, Hashes: []Hash{{1}, {2}, {3}}, Words: []uint32{0, 1, math.MaxUint32, 1 << 31},
	},
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	for i, want := range some {
		if got, err := decodeEverything(want.encode()); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%d: got %+v, error %v", i, got, err)
		}
	}
}

func TestEveryCutIsRefused(t *testing.T) {
	for _, v := range some {
		whole := v.encode()
		for n := range whole {
			if _, err := decodeEverything(whole[:n]); !errors.Is(err, ErrMalformed) {
				t.Errorf("the first %d of %d bytes: %v", n, len(whole), err)
			}
		}
		if _, err := decodeEverything(append(whole, 0)); !errors.Is(err, ErrMalformed) {
			t.Errorf("a byte more: %v", err)
		}
	}
}

func TestOtherSpellingsAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		data []byte
		read func(d *Decoder)
	}{
		"a number with a zero at its end": {[]byte{0x81, 0}, func(d *Decoder) { d.Number(300) }},
		"a number over the limit":         {[]byte{11}, func(d *Decoder) { d.Number(10) }},
		"a number of more than 64 bits":   {bytes.Repeat([]byte{255}, 11), func(d *Decoder) { d.Number(math.MaxInt64) }},
		"a number of 64 bits": {binary.AppendUvarint(nil, math.MaxUint64),
			func(d *Decoder) { d.Number(math.MaxInt64) }},
		"a negative limit":              {[]byte{1}, func(d *Decoder) { d.Number(-1) }},
		"a flag of 2":                   {[]byte{2}, func(d *Decoder) { d.Flag() }},
		"more items than bytes":         {[]byte{3, 0, 0}, func(d *Decoder) { d.Raw(d.Count(100)) }},
		"more bytes than allowed":       {[]byte{2, 0, 0}, func(d *Decoder) { d.Bytes(1) }},
		"a negative length":             {nil, func(d *Decoder) { d.Raw(-1) }},
		"half a word":                   {[]byte{1, 0, 0}, func(d *Decoder) { d.Words(9) }},
		"half a hash":                   {append([]byte{1}, make([]byte, 31)...), func(d *Decoder) { d.Hashes(9) }},
		"what its reader does not like": {[]byte{1}, func(d *Decoder) { d.Number(1); d.Fail() }},
	} {
		d := NewDecoder(c.data)
		c.read(d)
		if err := d.End(); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzDecoder(f *testing.F) {
	for _, v := range some {
		f.Add(v.encode())
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := decodeEverything(data)
		if err == nil && !bytes.Equal(v.encode(), data) {
			t.Errorf("%x is another spelling of %+v", data, v)
		}
	})
}

package blob

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
)

// sizes are those at which leaves and pieces begin, end and pair up.
var sizes = []int{0, 1, 31, 1023, 1024, 1025, 2047, 2048, 2049, 3 << 10, 5<<10 + 7,
	1<<20 - 1, 1 << 20, 1<<20 + 1, 2 << 20, 3<<20 + 1025, 5<<20 - 1024, 7<<20 + 13}

func randomBytes(seed uint64, n int) []byte {
	var key [32]byte
	binary.BigEndian.PutUint64(key[:], seed)
	b := make([]byte, n)
	rand.NewChaCha8(key).Read(b)
	return b
}

// slowName follows the definition in RFC 6962, section 2.1, word for word:
// split at the largest power of two that is smaller than the number of leaves.
func slowName(data []byte) Hash {
	top := slowTop(data)
	b := binary.BigEndian.AppendUint64([]byte{2}, uint64(len(data)))
	return sha256.Sum256(append(b, top[:]...))
}

func slowTop(data []byte) Hash {
	leaves := (len(data) + 1023) / 1024
	if leaves <= 1 {
		return sha256.Sum256(append([]byte{0}, data...))
	}
	k := 1
	for 2*k < leaves {
		k *= 2
	}
	left, right := slowTop(data[:1024*k]), slowTop(data[1024*k:])
	return sha256.Sum256(append(append([]byte{1}, left[:]...), right[:]...))
}

func TestNamesNeverChange(t *testing.T) {
	for _, c := range []struct{ data, name string }{
		{"", "c0e50f0d90d6e2fea1e6f53d4f758ed5fc9035a399a8eb215c29c6ff3ea05425"},
		{"minga", "6112ae743acb69493d6a5c1911c890a8c7bbf497a0c1b47e49e8ed9f25bb3e5a"},
		{strings.Repeat("minga", 1<<19), "c9c4058d26b41f3f470361dc6355344568649aae41883f7c5741bfe571c75d2b"},
	} {
		if got := Sum([]byte(c.data)).String(); got != c.name {
			t.Errorf("name of %d bytes: %s, not %s", len(c.data), got, c.name)
		}
	}
}

func TestSumEqualsDefinition(t *testing.T) {
	for _, n := range sizes {
		data := randomBytes(uint64(n), n)
		want := slowName(data)
		if got := Sum(data); got != want {
			t.Errorf("Sum of %d bytes: %s, not %s", n, got, want)
		}
		got, size, err := SumReader(iotest.HalfReader(bytes.NewReader(data)))
		if err != nil || got != want || size != int64(n) {
			t.Errorf("SumReader of %d bytes: %s, %d, %v", n, got, size, err)
		}
	}
}

func TestTreeTakesBytesInAnyPortions(t *testing.T) {
	data := randomBytes(1, 2<<20+777)
	r := rand.New(rand.NewPCG(1, 2))
	tree := NewTree()
	for rest := data; len(rest) > 0; {
		n := min(len(rest), r.IntN(5000))
		if done := len(data) - len(rest); done%97 == 0 {
			if got := tree.Root(); got != slowName(data[:done]) { // looking must not disturb
				t.Fatalf("root after %d bytes is wrong", done)
			}
		}
		if k, err := tree.Write(rest[:n]); k != n || err != nil {
			t.Fatalf("Write: %d, %v", k, err)
		}
		rest = rest[n:]
	}
	if tree.Root() != slowName(data) || tree.Size() != int64(len(data)) {
		t.Fatal("portions change the name")
	}
}

func TestTreeForgetsOnReset(t *testing.T) {
	var tree Tree
	for _, n := range sizes {
		data := randomBytes(uint64(n), n)
		tree.Write(data[:n/2])
		tree.Root()
		tree.Write(data[n/2:])
		if tree.Root() != slowName(data) || tree.Size() != int64(n) {
			t.Fatalf("a tree used before names %d bytes wrongly", n)
		}
		tree.Reset()
	}
}

func TestSumReaderPassesErrorsOn(t *testing.T) {
	broken := errors.New("cable pulled")
	if _, _, err := SumReader(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Fatalf("got %v", err)
	}
}

func TestPieceHashesAreInnerNodes(t *testing.T) {
	for _, n := range sizes {
		data := randomBytes(uint64(n), n)
		tree := NewTree()
		tree.Write(data)
		p := tree.Pieces()
		for i := range p.Hashes {
			off, length := p.Span(i)
			if err := p.Check(i, data[off:off+length]); err != nil {
				t.Errorf("%d bytes: %v", n, err)
			}
			if slowTop(data[off:off+length]) != p.Hashes[i] {
				t.Errorf("%d bytes: piece %d is not the subtree over its leaves", n, i)
			}
		}
		back, err := DecodePieces(Sum(data), p.Encode())
		if err != nil || back.Size != p.Size || len(back.Hashes) != len(p.Hashes) {
			t.Errorf("%d bytes: decode: %v", n, err)
		}
	}
}

func TestPiecesRefuseWrongBytes(t *testing.T) {
	data := randomBytes(3, 2<<20+5)
	tree := NewTree()
	tree.Write(data)
	p := tree.Pieces()
	bad := bytes.Clone(data[:PieceSize])
	bad[PieceSize-1] ^= 1
	for name, err := range map[string]error{
		"flipped bit":     p.Check(0, bad),
		"short":           p.Check(0, data[:PieceSize-1]),
		"another piece":   p.Check(0, data[PieceSize:2*PieceSize]),
		"long last":       p.Check(2, data[:PieceSize]),
		"no such piece":   p.Check(3, nil),
		"negative number": p.Check(-1, data[:PieceSize]),
	} {
		if !errors.Is(err, ErrMismatch) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDecodePiecesRefusesLies(t *testing.T) {
	data := randomBytes(4, 2<<20)
	tree := NewTree()
	tree.Write(data)
	root, list := tree.Root(), tree.Pieces().Encode()
	with := func(i int, v byte) []byte { b := bytes.Clone(list); b[i] ^= v; return b }
	for name, c := range map[string]struct {
		list []byte
		want error
	}{
		"empty":           {nil, ErrMalformed},
		"seven bytes":     {list[:7], ErrMalformed},
		"cut":             {list[:len(list)-1], ErrMalformed},
		"longer":          {append(bytes.Clone(list), 0), ErrMalformed},
		"negative size":   {with(0, 0x80), ErrMalformed},
		"gigantic size":   {with(1, 0x7f), ErrMalformed},
		"size off by one": {with(7, 1), ErrMalformed},
		"smaller size":    {append(binary.BigEndian.AppendUint64(nil, 2<<20-1), list[8:]...), ErrMismatch},
		"flipped bit":     {with(9, 1), ErrMismatch},
	} {
		if _, err := DecodePieces(root, c.list); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, not %v", name, err, c.want)
		}
	}
}

func TestHashText(t *testing.T) {
	h := Sum([]byte("x"))
	text, err := json.Marshal(map[string]Hash{"h": h})
	if err != nil {
		t.Fatal(err)
	}
	var back map[string]Hash
	if err := json.Unmarshal(text, &back); err != nil || back["h"] != h {
		t.Fatalf("%v, %v", back, err)
	}
	for _, bad := range []string{"", "00", strings.ToUpper(h.String()), h.String() + "0", "../" + h.String()[3:],
		h.String()[:63] + "g", h.String()[:62] + "é"} {
		if _, err := ParseHash(bad); !errors.Is(err, ErrMalformed) {
			t.Errorf("ParseHash(%q): %v", bad, err)
		}
	}
}

// FuzzTree cuts a blob that repeats pattern into portions.
func FuzzTree(f *testing.F) {
	f.Add([]byte("minga"), uint32(40<<10), uint32(1), uint32(16<<10))
	f.Add([]byte{0}, uint32(1<<20+33<<10+1), uint32(1<<20), uint32(1024))
	f.Fuzz(func(t *testing.T, pattern []byte, size, first, then uint32) {
		size %= 3 << 20
		if len(pattern) == 0 || then%(64<<10) <= size/1000 {
			return // nothing to repeat, or too many portions
		}
		data := bytes.Repeat(pattern, int(size)/len(pattern)+1)[:size]
		var tree Tree
		for rest, n := data, int(first); len(rest) > 0; n = int(then % (64 << 10)) {
			n = min(n, len(rest))
			tree.Write(rest[:n])
			rest = rest[n:]
		}
		if want := slowName(data); tree.Root() != want || Sum(data) != want || tree.Pieces().Root() != want {
			t.Fatal("not the name of the bytes")
		}
	})
}

func FuzzDecodePieces(f *testing.F) {
	for _, n := range []int{0, 1, 1 << 20, 2<<20 + 1} {
		tree := NewTree()
		tree.Write(make([]byte, n))
		root := tree.Root()
		f.Add(root[:], tree.Pieces().Encode())
	}
	f.Add(make([]byte, 32), []byte{0x7f, 255, 255, 255, 255, 255, 255, 255})
	f.Fuzz(func(t *testing.T, root, list []byte) {
		var h Hash
		copy(h[:], root)
		p, err := DecodePieces(h, list)
		if err != nil {
			return
		}
		if p.Root() != h || !bytes.Equal(p.Encode(), list) {
			t.Fatal("accepted a list that is not the one of its root")
		}
	})
}

package blob

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// slowFloats writes numbers one by one.
func slowFloats(xs []float32) []byte {
	var b []byte
	for _, x := range xs {
		u := math.Float32bits(x)
		if math.IsNaN(float64(x)) {
			u = 0x7fc00000
		}
		b = binary.LittleEndian.AppendUint32(b, u)
	}
	return b
}

func TestFloatsAreCanonicalBytes(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	special := []uint32{0, 1 << 31, 1, 0x7f7fffff, 0x7f800000, 0xff800000, // numbers: zeros, the ends, infinities
		0x7f800001, 0xff800001, 0x7fc00000, 0xffc00000, 0x7fffffff, 0xffffffff} // NaN
	var tree Tree
	for range 300 {
		xs := make([]float32, r.IntN(20000))
		for i := range xs {
			xs[i] = r.Float32() - 0.5
		}
		for range min(len(xs), r.IntN(3)) {
			xs[r.IntN(len(xs))] = math.Float32frombits(special[r.IntN(len(special))])
		}
		header := randomBytes(1, r.IntN(3)*r.IntN(3000)) // also floats that begin within a leaf
		tree.Reset()
		tree.Write(header)
		cut := r.IntN(len(xs) + 1)
		tree.WriteFloats(xs[:cut])
		tree.WriteFloats(xs[cut:])
		if want := slowName(append(header, slowFloats(xs)...)); tree.Root() != want {
			t.Fatalf("%d numbers behind %d bytes, written as %d and the rest: wrong name", len(xs), len(header), cut)
		}
		if SumFloats(xs) != slowTop(slowFloats(xs)) {
			t.Fatalf("%d numbers: wrong piece", len(xs))
		}
	}
}

func TestFloatsOfAWholePiece(t *testing.T) {
	for _, n := range []int{0, 1, 4095, 4096, 4097, PieceSize/4 - 1, PieceSize / 4} {
		xs := make([]float32, n)
		for i := range xs {
			xs[i] = float32(i)
		}
		if SumFloats(xs) != slowTop(slowFloats(xs)) {
			t.Errorf("%d numbers: wrong piece", n)
		}
	}
}

func TestHasNaNLooksEverywhere(t *testing.T) {
	nan := math.Float32frombits(0xff800001)
	for n := range 200 {
		xs := make([]float32, n)
		for i := range xs {
			xs[i] = float32(math.Inf(i%2*2 - 1))
		}
		if hasNaN(xs) {
			t.Fatalf("found NaN among %d infinities", n)
		}
		for i := range xs {
			x := xs[i]
			if xs[i] = nan; !hasNaN(xs) {
				t.Fatalf("overlooked NaN at %d of %d", i, n)
			}
			xs[i] = x
		}
	}
}

func TestNamingAgainAllocatesNothing(t *testing.T) {
	xs, odd := make([]float32, 1<<19+5), randomBytes(2, 77)
	xs[5000] = float32(math.NaN())
	var tree Tree
	name := func() {
		tree.Reset()
		tree.Write(odd)
		tree.WriteFloats(xs)
		tree.Root()
		SumFloats(xs[:PieceSize/4])
	}
	name()
	if n := testing.AllocsPerRun(5, name); n != 0 {
		t.Fatalf("%v allocations", n)
	}
}

func FuzzWriteFloats(f *testing.F) {
	f.Add([]byte("head"), []byte{0, 0, 0xc0, 0x7f, 1, 0, 0x80, 0xff, 0, 0, 0x80, 0x7f}, uint16(5000))
	f.Add([]byte{}, []byte{1, 2, 3, 4}, uint16(4096))
	f.Fuzz(func(t *testing.T, head, pattern []byte, n uint16) {
		if len(pattern) < 4 {
			return
		}
		xs := make([]float32, n)
		for i := range xs {
			at := 4 * i % (len(pattern) - 3)
			xs[i] = math.Float32frombits(binary.LittleEndian.Uint32(pattern[at:]))
		}
		var tree Tree
		tree.Write(head)
		tree.WriteFloats(xs)
		if tree.Root() != slowName(append(head, slowFloats(xs)...)) {
			t.Fatal("not the name of the canonical bytes")
		}
		if SumFloats(xs) != SumPiece(slowFloats(xs)) {
			t.Fatal("not the hash of the canonical bytes")
		}
	})
}

// Every NaN, wherever it stands, is written as one; everything else as it is.
func TestWordsOfFloats(t *testing.T) {
	for _, bits := range []uint32{
		0, 1, 0x007fffff, 0x00800000, 0x3f800000, 0x7f7fffff, 0x7f800000, 0x7f800001, 0x7fbfffff, 0x7fc00000, 0x7fffffff,
	} {
		for _, sign := range []uint32{0, 1 << 31} {
			for _, n := range []int{1, 2, 63, 64, 65, 130} {
				for at := range n {
					xs, want := make([]float32, n), make([]uint32, n)
					for i := range xs {
						xs[i] = float32(i) - 7
						if i == at {
							xs[i] = math.Float32frombits(bits | sign)
						}
						want[i] = math.Float32bits(xs[i])
						if xs[i] != xs[i] {
							want[i] = 0x7fc00000
						}
					}
					checkWords(t, xs, want)
				}
			}
		}
	}
}

func checkWords(t *testing.T, xs []float32, want []uint32) {
	t.Helper()
	got := AppendFloats([]byte("before"), xs)
	if !slices.Equal(Words[uint32](got[6:]), want) || string(got[:6]) != "before" {
		t.Fatalf("%v is written as %x, want %x", xs, got, want)
	}
	if !slices.Equal(FloatWords(xs), want) || !bytes.Equal(AppendWords(nil, want), got[6:]) {
		t.Fatalf("%v has words %x, want %x", xs, FloatWords(xs), want)
	}
}

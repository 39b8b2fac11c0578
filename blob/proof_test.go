package blob

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
)

// prove is the proof of one leaf of data.
func prove(t testing.TB, data []byte, index int64) (leaf []byte, proof []Hash) {
	t.Helper()
	tree := NewTree()
	tree.Write(data)
	return proveIn(t, tree.Pieces(), data, index)
}

func proveIn(t testing.TB, p Pieces, data []byte, index int64) (leaf []byte, proof []Hash) {
	t.Helper()
	off, n := p.Span(int(index / 1024))
	leaf, proof, err := p.Prove(index, data[off:off+n])
	if err != nil {
		t.Fatal(err)
	}
	return leaf, proof
}

func TestEveryLeafProves(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	all := append([]int{r.IntN(1 << 20), r.IntN(4 << 20)}, sizes...)
	for _, n := range all {
		data := randomBytes(uint64(n), n)
		tree := NewTree()
		tree.Write(data)
		root, p := tree.Root(), tree.Pieces()
		step := int64(1)
		if n > 64<<10 {
			step = 11 + r.Int64N(37) // proving hashes a whole piece: sample, then the ends
		}
		last := Leaves(int64(n)) - 1
		for i := int64(0); i <= last; i += step {
			leaf, proof := proveIn(t, p, data, i)
			if err := Verify(root, int64(n), i, leaf, proof); err != nil {
				t.Fatalf("%d bytes: %v", n, err)
			}
		}
		leaf, proof := proveIn(t, p, data, last)
		if err := Verify(root, int64(n), last, leaf, proof); err != nil {
			t.Fatalf("%d bytes, last: %v", n, err)
		}
	}
}

func TestMutatedProofsFail(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, n := range sizes {
		data := randomBytes(uint64(n), n)
		size, root := int64(n), Sum(data)
		index := r.Int64N(Leaves(size))
		leaf, proof := prove(t, data, index)
		refuse := func(what string, root Hash, size, index int64, leaf []byte, proof []Hash) {
			t.Helper()
			if err := Verify(root, size, index, leaf, proof); !errors.Is(err, ErrMismatch) {
				t.Errorf("%d bytes, leaf %d: %s: %v", n, index, what, err)
			}
		}
		for i := range proof {
			bad := append([]Hash(nil), proof...)
			bad[i][r.IntN(32)] ^= 1 << r.IntN(8)
			refuse("flipped sibling", root, size, index, leaf, bad)
			refuse("missing sibling", root, size, index, leaf, append(bad[:i:i], proof[i+1:]...))
		}
		if len(leaf) > 0 {
			bad := append([]byte(nil), leaf...)
			bad[r.IntN(len(bad))] ^= 1
			refuse("flipped byte", root, size, index, bad, proof)
			refuse("cut leaf", root, size, index, leaf[1:], proof)
		}
		refuse("longer leaf", root, size, index, append(leaf[:len(leaf):len(leaf)], 0), proof)
		refuse("longer proof", root, size, index, leaf, append(proof[:len(proof):len(proof)], Hash{}))
		refuse("next index", root, size, index+1, leaf, proof)
		refuse("index before", root, size, index-1, leaf, proof)
		refuse("other size", root, size+1, index, leaf, proof)
		refuse("smaller size", root, size-1, index, leaf, proof)
		refuse("other root", Sum(append(data, 1)), size, index, leaf, proof)
	}
}

func TestVerifyIsBounded(t *testing.T) {
	long := make([]Hash, 1<<16)
	for _, c := range [][2]int64{{-1, 0}, {0, -1}, {0, 1}, {math.MinInt64, 0}, {1, math.MinInt64},
		{math.MaxInt64, math.MaxInt64}, {math.MaxInt64, 1<<53 - 1}, {math.MaxInt64, 0}} {
		if err := Verify(Hash{}, c[0], c[1], make([]byte, 1024), long); !errors.Is(err, ErrMismatch) {
			t.Errorf("size %d index %d: %v", c[0], c[1], err)
		}
	}
}

// A node of the tree must not pass as a leaf: that is what the tags are for.
func TestNodeIsNoLeaf(t *testing.T) {
	data := randomBytes(9, 4096)
	left, right := slowTop(data[:2048]), slowTop(data[2048:])
	forged := append(append([]byte(nil), left[:]...), right[:]...)
	if slowTop(forged) == slowTop(data) {
		t.Fatal("64 bytes of two nodes hash like the tree above them")
	}
}

func TestProveRefusesWrongPiece(t *testing.T) {
	data := randomBytes(8, 2<<20)
	tree := NewTree()
	tree.Write(data)
	if _, _, err := tree.Pieces().Prove(0, data[PieceSize:]); !errors.Is(err, ErrMismatch) {
		t.Fatalf("got %v", err)
	}
	for _, index := range []int64{-1, 2048, math.MaxInt64} {
		if _, _, err := tree.Pieces().Prove(index, data[:PieceSize]); err == nil {
			t.Fatalf("proved leaf %d of 2048", index)
		}
	}
}

// FuzzVerify offers forged proofs for a leaf of a known blob: only the true
// bytes may pass.
func FuzzVerify(f *testing.F) {
	data := randomBytes(7, 5<<10+100)
	root := Sum(data)
	for i := range Leaves(int64(len(data))) {
		leaf, proof := prove(f, data, i)
		var flat []byte
		for _, h := range proof {
			flat = append(flat, h[:]...)
		}
		f.Add(int64(len(data)), i, leaf, flat)
	}
	f.Add(int64(math.MaxInt64), int64(0), make([]byte, 1024), make([]byte, 53*32))
	f.Fuzz(func(t *testing.T, size, index int64, leaf, flat []byte) {
		proof := make([]Hash, len(flat)/32)
		for i := range proof {
			copy(proof[i][:], flat[32*i:])
		}
		if Verify(root, size, index, leaf, proof) != nil {
			return
		}
		if size != int64(len(data)) || string(leaf) != string(data[index*1024:min((index+1)*1024, size)]) {
			t.Fatalf("accepted a forged leaf %d of %d bytes", index, size)
		}
	})
}

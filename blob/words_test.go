package blob

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"
)

// TestWords compares with the bytes written out, also as a big-endian machine does.
func TestWords(t *testing.T) {
	native := littleEndian
	defer func() { littleEndian = native }()
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 255, 256, 257, 4095, 4096, 4097, 300_001} {
		words, data := make([]uint32, n), make([]byte, 4*n)
		for i := range words {
			words[i] = r.Uint32()
			binary.LittleEndian.PutUint32(data[4*i:], words[i])
		}
		for _, littleEndian = range []bool{native, false} {
			if SumWords(words) != Sum(data) {
				t.Errorf("%d words have another name than their bytes", n)
			}
			leaves := WordLeaves(words)
			if int64(len(leaves)) != Leaves(int64(len(data))) {
				t.Fatalf("%d words: %d leaves", n, len(leaves))
			}
			for i, h := range leaves {
				if h != Leaf(leafOf(data, i)) {
					t.Errorf("%d words: leaf %d has another hash than its bytes", n, i)
				}
			}
		}
	}
}

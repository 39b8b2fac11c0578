package blob

import (
	"crypto/sha256"
	"testing"
)

func TestManyAtOnce(t *testing.T) {
	var sums [16]Hash
	for _, c := range []struct {
		lanes int
		runs  bool
		sum   func(sums, data *byte, blocks, tag uint32)
	}{{16, hasAVX512, sums16}, {2, hasSHA, sums2}} {
		if !c.runs {
			t.Logf("this processor does not hash %d messages at once", c.lanes)
			continue
		}
		for _, blocks := range []int{1, 2, 3, 16} {
			for _, tag := range []byte{0, 1, 0xff} {
				size := 64 * blocks
				data := randomBytes(uint64(size)+uint64(tag), c.lanes*size+1)[1:] // unaligned
				c.sum(&sums[0][0], &data[0], uint32(blocks), uint32(tag))
				for i, sum := range sums[:c.lanes] {
					message := append([]byte{tag}, data[i*size:(i+1)*size]...)
					if sum != sha256.Sum256(message) {
						t.Errorf("message %d of %d, %d blocks, tag %d: wrong hash", i, c.lanes, blocks, tag)
					}
				}
			}
		}
	}
}

// TestLesserProcessors runs what machines run that lack an instruction set.
func TestLesserProcessors(t *testing.T) {
	defer func(avx512, sha bool) { hasAVX512, hasSHA = avx512, sha }(hasAVX512, hasSHA)
	lesser := func(t *testing.T) {
		t.Run("definition", TestSumEqualsDefinition)
		t.Run("pieces", TestPieceHashesAreInnerNodes)
		t.Run("floats", TestFloatsAreCanonicalBytes)
	}
	hasAVX512 = false
	t.Run("no AVX-512", lesser)
	hasSHA = false
	t.Run("nor SHA instructions", lesser)
}

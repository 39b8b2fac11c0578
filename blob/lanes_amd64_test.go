package blob

import (
	"crypto/sha256"
	"testing"
)

func TestSixteenAtOnce(t *testing.T) {
	if !hasLanes {
		t.Skip("this processor has no AVX-512")
	}
	for _, blocks := range []int{1, 2, 3, 16} {
		for _, tag := range []byte{0, 1, 0xff} {
			size := 64 * blocks
			data := randomBytes(uint64(size)+uint64(tag), lanes*size+1)[1:] // unaligned
			var sums [lanes]Hash
			sums16(&sums[0][0], &data[0], uint32(blocks), uint32(tag))
			for i := range sums {
				message := append([]byte{tag}, data[i*size:(i+1)*size]...)
				if sums[i] != sha256.Sum256(message) {
					t.Errorf("message %d of %d blocks, tag %d: wrong hash", i, blocks, tag)
				}
			}
		}
	}
}

// TestWithoutLanes runs what machines without AVX-512 run.
func TestWithoutLanes(t *testing.T) {
	defer func(had bool) { hasLanes = had }(hasLanes)
	hasLanes = false
	t.Run("definition", TestSumEqualsDefinition)
	t.Run("pieces", TestPieceHashesAreInnerNodes)
	t.Run("floats", TestFloatsAreCanonicalBytes)
}

package train

import (
	"crypto/sha256"
	"encoding/binary"
	"math"

	"github.com/minga-network/minga/blob"
)

// chunkFloats is how many float32 make one leaf of the state's tree.
const chunkFloats = blob.LeafSize / 4

// StateRoot names a state as the blob that its float32 make, little-endian, every
// NaN as 7fc00000: a Merkle root over 1 KiB leaves, so that one chunk can be shown.
func StateRoot(state []float32) [32]byte {
	tree := blob.NewTree()
	var chunk [blob.LeafSize]byte
	for len(state) > 0 {
		n := min(len(state), chunkFloats)
		putFloats(chunk[:4*n], state[:n])
		_, _ = tree.Write(chunk[:4*n]) // never fails
		state = state[n:]
	}
	return tree.Root()
}

func putFloats(b []byte, xs []float32) {
	for i, x := range xs {
		u := math.Float32bits(x)
		if x != x {
			u = 0x7fc00000
		}
		binary.LittleEndian.PutUint32(b[4*i:], u)
	}
}

// batchRoot names the tokens of one step.
func batchRoot(tokens, targets []int32) [32]byte {
	b := make([]byte, 0, 4*(len(tokens)+len(targets)))
	for _, ids := range [][]int32{tokens, targets} {
		for _, id := range ids {
			b = binary.LittleEndian.AppendUint32(b, uint32(id))
		}
	}
	return sha256.Sum256(b)
}

// trace is the running hash over the states that a run went through. It runs,
// rather than being a list of hashes, because a wrong bit can heal: the trace
// still shows that it was there.
type trace [32]byte

// after returns the trace that includes the state after a step.
func (t trace) after(step int, state, batch [32]byte) trace {
	b := append([]byte("minga trace 1\n"), t[:]...)
	b = binary.LittleEndian.AppendUint64(b, uint64(step))
	b = append(append(b, state[:]...), batch[:]...)
	return sha256.Sum256(b)
}

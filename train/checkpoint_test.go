package train

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/minga-network/minga/blob"
)

var someRoots = []blob.Hash{{1, 2, 3}, {4}, {5, 31: 6}}

func TestCheckpointRoundTrip(t *testing.T) {
	id := sha256.Sum256([]byte("job"))
	// A NaN and a negative zero come back as they were: the state is kept, not hashed.
	state := []float32{1, float32(math.Copysign(0, -1)), math.Float32frombits(0x7fc12345), 1e-45}
	got := make([]float32, len(state))
	roots, err := decodeCheckpoint(encodeCheckpoint(id, someRoots, state), id, got)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(roots, someRoots) {
		t.Errorf("got %v, want %v", roots, someRoots)
	}
	for i := range state {
		if math.Float32bits(got[i]) != math.Float32bits(state[i]) {
			t.Errorf("element %d is %x, want %x", i, math.Float32bits(got[i]), math.Float32bits(state[i]))
		}
	}
}

// seal puts a right checksum under any content.
func seal(content []byte) []byte {
	sum := sha256.Sum256(content)
	return append(bytes.Clone(content), sum[:]...)
}

func FuzzDecodeCheckpoint(f *testing.F) {
	var id [32]byte
	whole := encodeCheckpoint(id, someRoots, []float32{1, 2, 3})
	f.Add(whole[:len(whole)-sha256.Size])
	f.Add([]byte(checkpointMagic))
	f.Add(append([]byte(checkpointMagic), make([]byte, 80)...))
	f.Fuzz(func(t *testing.T, content []byte) {
		state := []float32{9, 9, 9}
		data := seal(content)
		roots, err := decodeCheckpoint(data, id, state)
		if err != nil {
			if !errors.Is(err, ErrCheckpoint) || state[0] != 9 || state[2] != 9 {
				t.Errorf("error %v, state %v", err, state)
			}
			return
		}
		if !bytes.Equal(encodeCheckpoint(id, roots, state), data) {
			t.Error("decoded to another checkpoint")
		}
	})
}

// However many checkpoints there were, those that are kept are the last one and
// some spread over the whole run.
func TestCheckpointsAreThinnedOut(t *testing.T) {
	for _, every := range []int{1, 7} {
		store := memory{}
		for i := 1; i <= 400; i++ {
			if err := save(store, every*i, []byte{1}); err != nil {
				t.Fatal(err)
			}
			steps, _ := store.Steps()
			if len(steps) > maxCheckpoints || len(steps) < min(i, maxCheckpoints) || steps[len(steps)-1] != every*i {
				t.Fatalf("after checkpoint %d there are %v", i, steps)
			}
			widest, before := 0, 0
			for _, step := range steps {
				widest, before = max(widest, step-before), step
			}
			if most := max(every, 3*every*i/maxCheckpoints); widest > most {
				t.Errorf("after checkpoint %d there are %v: a gap of %d, want at most %d", i, steps, widest, most)
			}
		}
	}
}

func BenchmarkCheckpoint(b *testing.B) {
	state := make([]float32, 3*557696)
	b.SetBytes(int64(4 * len(state)))
	for b.Loop() {
		encodeCheckpoint([32]byte{}, someRoots, state)
	}
}

package train

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"math"
	"reflect"
	"testing"

	"github.com/minga-network/minga/blob"
)

var sample = progress{
	step: 7, trace: trace{1, 2, 3}, first: 5.5, sum: 0.25,
	curve: []Point{{3, 5.25}, {6, 5}}, used: []uint64{48, 0, 1 << 40},
}

func TestCheckpointRoundTrip(t *testing.T) {
	id := sha256.Sum256([]byte("job"))
	// A NaN and a negative zero come back as they were: the state is kept, not hashed.
	state := []float32{1, float32(math.Copysign(0, -1)), math.Float32frombits(0x7fc12345), 1e-45}
	got := make([]float32, len(state))
	p, err := decodeCheckpoint(encodeCheckpoint(id, &sample, state), id, got)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(*p, sample) {
		t.Errorf("got %+v, want %+v", *p, sample)
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
	whole := encodeCheckpoint(id, &sample, []float32{1, 2, 3})
	f.Add(whole[:len(whole)-sha256.Size])
	f.Add([]byte(checkpointMagic))
	f.Add(append([]byte(checkpointMagic), make([]byte, 80)...))
	f.Fuzz(func(t *testing.T, content []byte) {
		state := []float32{9, 9, 9}
		data := seal(content)
		p, err := decodeCheckpoint(data, id, state)
		if err != nil {
			if !errors.Is(err, ErrCheckpoint) || state[0] != 9 || state[2] != 9 {
				t.Errorf("error %v, state %v", err, state)
			}
			return
		}
		if !bytes.Equal(encodeCheckpoint(id, p, state), data) {
			t.Error("decoded to another checkpoint")
		}
	})
}

func TestStateRoot(t *testing.T) {
	state := make([]float32, 3*chunkFloats+5)
	for i := range state {
		state[i] = float32(i)
	}
	root := StateRoot(state)
	for _, i := range []int{0, chunkFloats, len(state) - 1} {
		state[i]++
		if StateRoot(state) == root {
			t.Errorf("element %d does not show", i)
		}
		state[i]--
	}
	// The last, shorter chunk is proved against the root.
	content := make([]byte, 4*len(state))
	putFloats(content, state)
	tree := blob.NewTree()
	_, _ = tree.Write(content)
	leaf, proof, err := tree.Pieces().Prove(3, content)
	if err != nil {
		t.Fatal(err)
	}
	if err := blob.Verify(root, int64(len(content)), 3, leaf, proof); err != nil || len(leaf) != 4*5 {
		t.Errorf("the last chunk, %d bytes, is not proved by the root: %v", len(leaf), err)
	}
	state[1] = math.Float32frombits(0x7fc00000)
	quiet := StateRoot(state)
	state[1] = math.Float32frombits(0xff812345)
	if StateRoot(state) != quiet {
		t.Error("two NaNs hash differently")
	}
}

// The trace remembers a wrong state even when later states are right again.
func TestTraceDoesNotHeal(t *testing.T) {
	a, b := [32]byte{1}, [32]byte{2}
	honest := trace{}.after(1, a, b).after(2, a, b)
	healed := trace{}.after(1, b, b).after(2, a, b)
	if honest == healed || honest == (trace{}.after(1, a, b).after(3, a, b)) || honest == (trace{}.after(1, a, a).after(2, a, b)) {
		t.Error("two stories have one trace")
	}
}

func BenchmarkStateRoot(b *testing.B) {
	state := make([]float32, 3*557696)
	b.SetBytes(int64(4 * len(state)))
	for b.Loop() {
		StateRoot(state)
	}
}

func BenchmarkCheckpoint(b *testing.B) {
	state := make([]float32, 3*557696)
	b.SetBytes(int64(4 * len(state)))
	for b.Loop() {
		encodeCheckpoint([32]byte{}, &sample, state)
	}
}

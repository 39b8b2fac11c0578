package train

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/minga-network/minga/blob"
)

// ErrCheckpoint marks a checkpoint that is damaged or of another job.
var ErrCheckpoint = errors.New("train: checkpoint cannot be used")

// Store keeps a few checkpoints of one run, by the number of steps done: a run goes on from the last, and a dispute
// near any step. After a crash each is whole or absent.
type Store interface {
	Steps() ([]int, error) // that there are checkpoints of, rising
	Load(step int) ([]byte, error)
	Save(step int, checkpoint []byte) error
	Drop(step int) error
}

// maxCheckpoints bounds what a Store keeps of a run.
const maxCheckpoints = 16

// save keeps a checkpoint, and drops others so that those left are spread evenly.
func save(s Store, step int, checkpoint []byte) error {
	if err := s.Save(step, checkpoint); err != nil {
		return fmt.Errorf("train: saving the checkpoint of step %d: %w", step, err)
	}
	steps, err := s.Steps()
	if err != nil {
		return fmt.Errorf("train: looking for checkpoints: %w", err)
	}
	for len(steps) > maxCheckpoints {
		i := spare(steps)
		if err := s.Drop(steps[i]); err != nil {
			return fmt.Errorf("train: dropping the checkpoint of step %d: %w", steps[i], err)
		}
		steps = slices.Delete(steps, i, i+1)
	}
	return nil
}

// spare finds the step, never the last, that leaves the smallest gap.
func spare(steps []int) int {
	best, smallest := 0, steps[1]
	for i := 1; i < len(steps)-1; i++ {
		if gap := steps[i+1] - steps[i-1]; gap < smallest {
			best, smallest = i, gap
		}
	}
	return best
}

const checkpointMagic = "minga checkpoint 3\n"

// encodeCheckpoint writes magic, identity, the state roots after each step so far, the state, and the SHA-256 of all
// that. The state is kept bit for bit.
func encodeCheckpoint(id blob.Hash, roots []blob.Hash, state []float32) []byte {
	var e blob.Encoder
	e.Raw([]byte(checkpointMagic))
	e.Hash(id)
	e.Hashes(roots)
	e.Number(int64(len(state)))
	b := slices.Grow(e.Out(), 4*len(state)+sha256.Size)
	for _, x := range state {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	sum := sha256.Sum256(b)
	return append(b, sum[:]...)
}

// decodeCheckpoint reads a checkpoint of the run with this identity into state, whose length is known, and returns the
// roots. It changes state only when everything is right.
func decodeCheckpoint(data []byte, id blob.Hash, state []float32) ([]blob.Hash, error) {
	body := len(data) - sha256.Size
	if body < 0 || !bytes.HasPrefix(data, []byte(checkpointMagic)) {
		return nil, fmt.Errorf("%w: it is none of this version", ErrCheckpoint)
	}
	if sha256.Sum256(data[:body]) != [32]byte(data[body:]) {
		return nil, fmt.Errorf("%w: its checksum is wrong", ErrCheckpoint)
	}
	d := blob.NewDecoder(data[len(checkpointMagic):body])
	if d.Hash() != id {
		return nil, fmt.Errorf("%w: it belongs to another job", ErrCheckpoint)
	}
	roots := d.Hashes(math.MaxInt)
	n, words := d.Number(math.MaxInt64), d.Raw(4*len(state))
	if d.End() != nil || n != int64(len(state)) {
		return nil, fmt.Errorf("%w: its parts do not fit the job", ErrCheckpoint)
	}
	for i := range state {
		state[i] = math.Float32frombits(binary.LittleEndian.Uint32(words[4*i:]))
	}
	return roots, nil
}

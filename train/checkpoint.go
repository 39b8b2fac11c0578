package train

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/pelletier/go-toml/v2"
)

// ErrCheckpoint marks a checkpoint that is damaged or of another job.
var ErrCheckpoint = errors.New("train: checkpoint cannot be used")

// Store keeps the checkpoint of one run. Save replaces the one before, and
// after a crash Load gives either of the two, whole.
type Store interface {
	Load() ([]byte, error) // nil, nil when there is none
	Save([]byte) error
}

const checkpointMagic = "minga checkpoint 1\n"

// progress is what a run knows besides its state, after some steps.
type progress struct {
	step  int // steps done
	trace trace
	first float32  // validation loss before training
	sum   float32  // of the training losses since the last point of the curve
	curve []Point  // training losses so far
	used  []uint64 // training tokens of each dataset
}

// Point is the mean training loss over the steps since the point before.
type Point struct {
	Step int  `json:"step"`
	Loss Loss `json:"loss"`
}

// identity is the hash of all that decides a run: the Spec and the data.
func identity(s *Spec, data []Data) ([32]byte, error) {
	spec, err := toml.Marshal(s)
	if err != nil {
		return [32]byte{}, fmt.Errorf("train: writing the spec down: %w", err)
	}
	for _, name := range s.Data.Datasets {
		content, _ := find(data, name)
		sum := sha256.Sum256(content)
		spec = append(spec, sum[:]...)
	}
	return sha256.Sum256(spec), nil
}

// encodeCheckpoint writes magic, identity, progress, state, and the SHA-256 of
// all that. Numbers are little-endian; the state is kept bit for bit.
func encodeCheckpoint(id [32]byte, p *progress, state []float32) []byte {
	le := binary.LittleEndian
	b := make([]byte, 0, 256+16*len(p.curve)+8*len(p.used)+4*len(state))
	b = append(append(append(b, checkpointMagic...), id[:]...), p.trace[:]...)
	b = le.AppendUint64(b, uint64(p.step))
	b = le.AppendUint32(b, math.Float32bits(p.first))
	b = le.AppendUint32(b, math.Float32bits(p.sum))
	b = le.AppendUint32(b, uint32(len(p.curve)))
	for _, point := range p.curve {
		b = le.AppendUint64(b, uint64(point.Step))
		b = le.AppendUint32(b, math.Float32bits(float32(point.Loss)))
	}
	b = le.AppendUint32(b, uint32(len(p.used)))
	for _, n := range p.used {
		b = le.AppendUint64(b, n)
	}
	b = le.AppendUint64(b, uint64(len(state)))
	for _, x := range state {
		b = le.AppendUint32(b, math.Float32bits(x))
	}
	sum := sha256.Sum256(b)
	return append(b, sum[:]...)
}

// decodeCheckpoint reads a checkpoint of the run with this identity into state,
// whose length is known. It changes state only when all is well.
func decodeCheckpoint(data []byte, id [32]byte, state []float32) (*progress, error) {
	body := len(data) - sha256.Size
	if body < 0 || !bytes.HasPrefix(data, []byte(checkpointMagic)) {
		return nil, fmt.Errorf("%w: it is none of this version", ErrCheckpoint)
	}
	if sha256.Sum256(data[:body]) != [32]byte(data[body:]) {
		return nil, fmt.Errorf("%w: its checksum is wrong", ErrCheckpoint)
	}
	r := &fields{b: data[len(checkpointMagic):body]}
	if [32]byte(r.take(32)) != id {
		return nil, fmt.Errorf("%w: it belongs to another job", ErrCheckpoint)
	}
	p := &progress{trace: trace(r.take(32)), step: int(r.uint64()), first: r.float(), sum: r.float()}
	for range r.count(12) {
		p.curve = append(p.curve, Point{Step: int(r.uint64()), Loss: Loss(r.float())})
	}
	for range r.count(8) {
		p.used = append(p.used, r.uint64())
	}
	if n := r.uint64(); r.short || p.step < 0 || n != uint64(len(state)) || len(r.b) != 4*len(state) {
		return nil, fmt.Errorf("%w: its parts do not fit the job", ErrCheckpoint)
	}
	for i := range state {
		state[i] = r.float()
	}
	return p, nil
}

// fields takes numbers from the front of b; past the end it gives zeros.
type fields struct {
	b     []byte
	short bool
}

func (f *fields) take(n int) []byte {
	if n > len(f.b) {
		f.b, f.short = nil, true
		return make([]byte, n)
	}
	taken := f.b[:n]
	f.b = f.b[n:]
	return taken
}

func (f *fields) uint64() uint64 { return binary.LittleEndian.Uint64(f.take(8)) }
func (f *fields) uint32() uint32 { return binary.LittleEndian.Uint32(f.take(4)) }
func (f *fields) float() float32 { return math.Float32frombits(f.uint32()) }

// count reads how many items of a size follow, no more than there is room for.
func (f *fields) count(size int) int {
	n := int(f.uint32())
	if n > len(f.b)/size {
		f.b, f.short = nil, true
		return 0
	}
	return n
}

package train

import (
	"sync"
	"sync/atomic"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/nn"
)

// tracer computes state roots: blob.Root over the blobs that the states' float32
// make, little-endian, every NaN as 7fc00000. A blob's leaf of 1 KiB can be
// shown by itself. It keeps the hashes of states that do not change, and works
// on as many threads as it may, a piece of a blob at a time. It takes up to 1 MiB for
// each thread and 32 bytes for each state and MiB; the run keeps 32 bytes for
// each step.
type tracer struct {
	states [][]float32
	blobs  []blob.Pieces // of each state
	names  []blob.Hash   // of each blob
	parts  []part        // to be hashed now
	next   atomic.Int64  // of parts
	room   [][]byte      // for a piece with a NaN, of each thread
}

// part is one piece of a state's blob.
type part struct{ state, piece int }

const pieceFloats = blob.PieceSize / 4

func newTracer(states [][]float32, threads int) *tracer {
	t := &tracer{states: states, names: make([]blob.Hash, len(states))}
	for _, s := range states {
		size := int64(4 * len(s))
		t.blobs = append(t.blobs, blob.Pieces{Size: size, Hashes: make([]blob.Hash, (size-1)/blob.PieceSize+1)})
	}
	most := 0
	for _, s := range states {
		most = max(most, 4*min(pieceFloats, len(s)))
	}
	for range max(1, threads) {
		t.room = append(t.room, make([]byte, 0, most))
	}
	return t
}

// all lists every state.
func (t *tracer) all() []int {
	all := make([]int, len(t.states))
	for i := range all {
		all[i] = i
	}
	return all
}

// root is the state root, when only these states have changed since the last.
func (t *tracer) root(changed []int) blob.Hash {
	t.parts = t.parts[:0]
	floats := 0
	for _, s := range changed {
		floats += len(t.states[s])
		for piece := range t.blobs[s].Hashes {
			t.parts = append(t.parts, part{s, piece})
		}
	}
	t.next.Store(0)
	var wait sync.WaitGroup
	// A second thread is worth its start from some leaves on.
	for w := 1; w < len(t.room) && floats > w*pieceFloats/16; w++ {
		wait.Go(func() { t.work(w) })
	}
	t.work(0)
	wait.Wait()
	for _, s := range changed {
		t.names[s] = t.blobs[s].Root()
	}
	return blob.Root(t.names)
}

// work hashes parts until none is left.
func (t *tracer) work(thread int) {
	for {
		i := int(t.next.Add(1)) - 1
		if i >= len(t.parts) {
			return
		}
		p := t.parts[i]
		floats := t.states[p.state][p.piece*pieceFloats:]
		b := nn.FloatBytes(t.room[thread][:0], floats[:min(pieceFloats, len(floats))])
		t.blobs[p.state].Hashes[p.piece] = blob.SumPiece(b)
	}
}

package train

import (
	"sync"
	"sync/atomic"

	"github.com/minga-network/minga/blob"
)

// tracer computes state roots: blob.Root over the names of the blobs that the
// states make as words. So a leaf of 1 KiB of a state can be shown by itself. The
// tracer keeps the hashes of states that do not change, and hashes the pieces of all
// others on several threads. It takes 32 bytes for each state and MiB; the run keeps
// 32 bytes for each step.
type tracer struct {
	states  [][]float32
	blobs   []blob.Pieces // of each state
	names   []blob.Hash   // of each blob
	parts   []part        // to be hashed now
	next    atomic.Int64  // of parts
	threads int
}

// part is one piece of a state's blob.
type part struct{ state, piece int }

const pieceFloats = blob.PieceSize / 4

func newTracer(states [][]float32, threads int) *tracer {
	t := &tracer{states: states, names: make([]blob.Hash, len(states)), threads: threads}
	for _, s := range states {
		size := int64(4 * len(s))
		t.blobs = append(t.blobs, blob.Pieces{Size: size, Hashes: make([]blob.Hash, (size-1)/blob.PieceSize+1)})
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
	for w := 1; w < t.threads && floats > w*pieceFloats/16; w++ {
		wait.Go(t.work)
	}
	t.work()
	wait.Wait()
	for _, s := range changed {
		t.names[s] = t.blobs[s].Root()
	}
	return blob.Root(t.names)
}

// work hashes parts until none is left.
func (t *tracer) work() {
	for {
		i := int(t.next.Add(1)) - 1
		if i >= len(t.parts) {
			return
		}
		p := t.parts[i]
		floats := t.states[p.state][p.piece*pieceFloats:]
		t.blobs[p.state].Hashes[p.piece] = blob.SumFloats(floats[:min(pieceFloats, len(floats))])
	}
}

package train

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/nn"
)

// slowRoot is the state root by its definition.
func slowRoot(states [][]float32) blob.Hash {
	var names []blob.Hash
	for _, s := range states {
		names = append(names, blob.Sum(blob.AppendFloats(nil, s)))
	}
	return blob.Root(names)
}

// Whatever changes between two roots, on any number of threads, the root is that
// of the whole state.
func TestRootsOfStates(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var states [][]float32
	for _, n := range []int{1, 255, 256, 257, pieceFloats - 1, pieceFloats, pieceFloats + 1, 3*pieceFloats + 700} {
		s := make([]float32, n)
		for i := range s {
			s[i] = float32(r.NormFloat64())
		}
		states = append(states, s)
	}
	for threads := 1; threads <= 3; threads++ {
		tr := newTracer(states, threads)
		changed := tr.all()
		for range 6 {
			if got := tr.root(changed); got != slowRoot(states) {
				t.Fatalf("%d threads: another root after states %v", threads, changed)
			}
			changed = nil
			for i, s := range states {
				if r.IntN(2) == 0 {
					s[r.IntN(len(s))] = []float32{0, float32(math.NaN()), math.Float32frombits(0xff812345), 3}[r.IntN(4)]
					changed = append(changed, i)
				}
			}
		}
	}
}

func TestNoNaNShowsWhichItIs(t *testing.T) {
	one, other := []float32{math.Float32frombits(0x7fc00000)}, []float32{math.Float32frombits(0xff812345)}
	if newTracer([][]float32{one}, 1).root([]int{0}) != newTracer([][]float32{other}, 1).root([]int{0}) {
		t.Error("two NaNs hash differently")
	}
}

func BenchmarkRoot(b *testing.B) {
	states := make([][]float32, 60)
	for i := range states {
		states[i] = make([]float32, 25000)
	}
	for _, threads := range []int{1, 2} {
		tr := newTracer(states, threads)
		b.Run(map[int]string{1: "1 thread", 2: "2 threads"}[threads], func(b *testing.B) {
			b.SetBytes(4 * 60 * 25000)
			b.ReportAllocs()
			all := tr.all()
			for b.Loop() {
				tr.root(all)
			}
		})
	}
}

func BenchmarkTrain(b *testing.B) {
	be, err := kernel.New("", 1)
	if err != nil {
		b.Fatal(err)
	}
	cfg := nn.Config{Vocab: 1024, Layers: 2, Dim: 128, Heads: 4, Hidden: 344, Context: 128, Tied: true, Theta: 10000,
		Eps: 1e-5}
	for _, traced := range []bool{false, true} {
		b.Run(map[bool]string{false: "plain", true: "traced"}[traced], func(b *testing.B) {
			t, err := newBench(cfg, 8, 1<<20, be)
			if err != nil {
				b.Fatal(err)
			}
			if err := t.execute(); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				do := t.execute
				if traced {
					do = t.step
				}
				if err := do(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

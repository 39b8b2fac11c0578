package infer

import (
	"math/rand/v2"
	"testing"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/nn"
)

// TestCommitmentsAreBlobs compares the names with those of all the bytes.
func TestCommitmentsAreBlobs(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	var s commitment
	for range 400 {
		cfg := nn.Config{Context: 1 + r.IntN(60), Vocab: 1 + r.IntN([]int{5, 300, 900}[r.IntN(3)])}
		all := make([]float32, cfg.Context*cfg.Vocab)
		row := r.IntN(cfg.Context)
		s.begin(cfg, row)
		for range r.IntN(cfg.Context - row + 1) {
			x := all[row*cfg.Vocab : (row+1)*cfg.Vocab]
			for i := range x {
				x[i] = float32(r.NormFloat64())
			}
			s.add(x)
			row++
		}
		if s.root() != blob.Sum(blob.AppendFloats(nil, all)) {
			t.Fatalf("%+v, rows to %d: another name", cfg, row)
		}
	}
}

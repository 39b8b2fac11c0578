package train

import (
	"context"
	"math"
	"testing"
)

// A job that measures shows while it trains what each dataset does, and comes to
// the same bits as one that nobody watches.
func TestLiveContribution(t *testing.T) {
	s, data := village(t)
	s.Train.Steps, s.Train.Batch, s.Optimizer.Rate, s.Optimizer.Floor = 96, 16, 0.004, 0.0004
	p, b := written(t, s, data), backend(t, "", 2)
	quiet, err := Run(context.Background(), p, b, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var shares [][]float64
	watched, err := Run(context.Background(), p, b,
		Options{Progress: func(p Progress) { shares = append(shares, p.Contribution) }})
	if err != nil {
		t.Fatal(err)
	}
	sameResult(t, watched, quiet)
	if len(shares) != 96 || shares[14] != nil || shares[15] == nil {
		t.Fatalf("%d reports, the first shares %v", len(shares), shares[:17])
	}
	last := shares[95]
	if len(last) != 3 || math.Abs(last[0]+last[1]+last[2]-1) > 1e-9 {
		t.Fatalf("shares are %v", last)
	}
	// asset/3 is noise, and a fifth of the data.
	if last[0] < last[1] || last[2] > 0.1 {
		t.Errorf("shares are %.3f", last)
	}
	s.Measure.Method = ""
	if _, err := Run(context.Background(), written(t, s, data), b, Options{Progress: func(p Progress) {
		if p.Contribution != nil {
			t.Errorf("step %d of a job by tokens shows %v", p.Step, p.Contribution)
		}
	}}); err != nil {
		t.Fatal(err)
	}
}

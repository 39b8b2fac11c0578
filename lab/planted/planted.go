// Package planted compares the measuring of contributions with the truth, for whoever
// wants to know how far to trust it. It plants portions of known kinds in training
// data: clean, small, mislabelled, repeated, random. It trains on every subset of the
// portions, which gives the exact Shapley values, and compares them with what each way
// of estimating would have paid.
//
// There are two games: Digits, ten portions for a small classifier of handwritten
// digits, and Texts, eight datasets for a small language model. Texts are measured by
// the same runs that a job orders from workers (train.Measure). Evaluate plays one
// game; Report writes several as tables, and Plot draws them.
//
// What can go wrong: the truth is that of a small training with one seed. With another
// seed the exact values are others, and 2 to 3 % of the money goes elsewhere. No
// estimate can be nearer than that.
package planted

import (
	"context"
	"fmt"
	"math/big"
	"sync"
	"sync/atomic"

	"github.com/minga-network/minga/rule/contribution"
)

// Size is how large a training is.
type Size struct {
	Name  string
	Steps int
	Rows  int     // of the classifier: images in a step of all portions; of the language model: windows of each portion
	Width int     // hidden units; dimensions
	Rate  float32 // of learning
}

// Game is a case with planted portions.
type Game interface {
	Names() []string            // of the portions: what was planted
	Tokens() []float64          // training tokens used of each portion
	Open(Size) (Trainer, error) // trainings of a size
	Sizes() []Size              // the training itself, then those that measure it; the recommended one comes first
}

// Trainer trains on coalitions. Several goroutines may use it at once.
type Trainer interface {
	// Train returns by how much the training lowers the validation loss, exactly.
	Train(ctx context.Context, c contribution.Coalition) (*big.Rat, error)
	// Credits trains on all portions and returns the in-run value of each.
	Credits(ctx context.Context) ([]float64, error)
	// Work is how much all these trainings take, in any measure.
	Work([]contribution.Coalition) float64
}

// truth is the utility of every subset of the portions. The index is the coalition.
type truth []float64

// all trains on every subset, as many at a time as there are workers.
func all(ctx context.Context, t Trainer, portions, workers int) (truth, error) {
	coalitions := make([]contribution.Coalition, 1<<portions-1)
	for i := range coalitions {
		coalitions[i] = contribution.Coalition(i + 1)
	}
	found, err := trainAll(ctx, t, coalitions, workers)
	if err != nil {
		return nil, err
	}
	u := make(truth, 1<<portions)
	for i, c := range coalitions {
		u[c], _ = found[i].Float64()
	}
	return u, nil
}

// trainAll trains on coalitions, as many at a time as there are workers.
func trainAll(ctx context.Context, t Trainer, coalitions []contribution.Coalition, workers int) ([]*big.Rat, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	found := make([]*big.Rat, len(coalitions))
	var next atomic.Int64
	var wait sync.WaitGroup
	for range workers {
		wait.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(coalitions)) && ctx.Err() == nil; i = next.Add(1) - 1 {
				u, err := t.Train(ctx, coalitions[i])
				if err != nil {
					cancel(fmt.Errorf("training on %v: %w", coalitions[i], err))
				}
				found[i] = u
			}
		})
	}
	wait.Wait()
	return found, context.Cause(ctx)
}

// shapley are the Shapley values, by the sum over all subsets.
func (u truth) shapley(portions int) []float64 {
	values := make([]float64, portions)
	for c := range u {
		size := contribution.Coalition(c).Size()
		if size == portions {
			continue
		}
		weight, _ := new(big.Rat).SetFrac(big.NewInt(1), new(big.Int).Mul(
			big.NewInt(int64(portions)), new(big.Int).Binomial(int64(portions-1), int64(size)))).Float64()
		for i := range values {
			if c>>i&1 == 0 {
				values[i] += weight * (u[c|1<<i] - u[c])
			}
		}
	}
	return values
}

// leaveOneOut is, for each portion, how much utility the training loses without it.
func (u truth) leaveOneOut(portions int) []float64 {
	values := make([]float64, portions)
	whole := len(u) - 1
	for i := range values {
		values[i] = u[whole] - u[whole&^(1<<i)]
	}
	return values
}

// measure is what the measured split finds with trainings of a size.
func measure(ctx context.Context, t Trainer, portions, workers int) ([]float64, error) {
	d, err := contribution.NewDesign(contribution.Measure, portions)
	if err != nil {
		return nil, err
	}
	utilities, err := trainAll(ctx, t, d.Coalitions, workers)
	if err != nil {
		return nil, err
	}
	exact, err := d.Values(utilities)
	if err != nil {
		return nil, err
	}
	return floats(exact), nil
}

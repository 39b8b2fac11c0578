package train

import (
	"fmt"
	"time"

	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/nn"
)

// Speed is how many tokens a second go through training: forward, backward and
// optimiser, and when traced, the state root after each step.
type Speed struct{ Plain, Traced float64 }

// Bench trains a new model of shape cfg on random tokens, one step plain and one
// traced in turns, so many of each, after two that touch the memory.
func Bench(cfg nn.Config, batch, steps int, b *kernel.Backend, now func() time.Time) (Speed, error) {
	t, err := newBench(cfg, batch, steps, b)
	if err != nil {
		return Speed{}, fmt.Errorf("train: preparing the benchmark: %w", err)
	}
	var spent [2]time.Duration
	for i := range 3 + 2*steps { // the first makes the weights
		do := []func() error{t.execute, t.step}[i%2]
		began := now()
		if err := do(); err != nil {
			return Speed{}, err
		}
		if i >= 3 {
			spent[i%2] += now().Sub(began)
		}
	}
	tokens := float64(steps * batch * cfg.Context)
	return Speed{Plain: tokens / spent[0].Seconds(), Traced: tokens / spent[1].Seconds()}, nil
}

// newBench is a trainer whose run is initial weights and training only.
func newBench(cfg nn.Config, batch, steps int, b *kernel.Backend) (*trainer, error) {
	const corpus = 1 << 16
	p := &Plan{
		Inputs: [][]int32{make([]int32, corpus), {0, int32(corpus - cfg.Context)}, make([]int32, cfg.Context+1)},
		course: nn.Course{
			Config: cfg, Seed: 1, Batch: batch, Corpus: corpus, Datasets: 1, Held: 1,
			Optimizer: nn.Optimizer{Rate: 1e-3, Warmup: 1, Steps: 2*steps + 2, Beta1: 0.9, Beta2: 0.95, Eps: 1e-8, Clip: 1},
		},
	}
	for i := range p.Inputs[0] {
		p.Inputs[0][i] = int32(kernel.Uniform(1, 0, uint64(i)) * float32(cfg.Vocab))
	}
	if err := p.build(); err != nil {
		return nil, err
	}
	p.Phases = []Phase{p.Phases[0], p.Phases[phaseTraining]}
	return newTrainer(p, b, Options{}), nil
}

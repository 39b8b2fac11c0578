package train

import (
	"fmt"
	"time"

	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/nn"
)

// Bench trains a new model of shape cfg on random tokens and returns how many
// tokens a second go through, forward, backward and optimiser, without the
// first step, which touches the memory.
func Bench(cfg nn.Config, batch, steps int, b *kernel.Backend, now func() time.Time) (float64, error) {
	p, err := nn.Training(cfg, batch, nn.Optimizer{
		Rate: 1e-3, Warmup: 1, Steps: max(1, steps), Beta1: 0.9, Beta2: 0.95, Eps: 1e-8, Clip: 1,
	})
	if err != nil {
		return 0, fmt.Errorf("train: building the benchmark: %w", err)
	}
	states := make([][]float32, len(p.States))
	for i := range states {
		states[i] = make([]float32, p.Values[len(p.Inputs)+i].Size())
	}
	for i, w := range nn.NewModel(cfg, 1, b).Tensors {
		copy(states[i], w.Data)
	}
	m, err := nn.NewMachine(p, b, states)
	if err != nil {
		return 0, fmt.Errorf("train: preparing the benchmark: %w", err)
	}
	tokens, targets, _, err := ports(p, m, nn.OutputLoss)
	if err != nil {
		return 0, fmt.Errorf("train: preparing the benchmark: %w", err)
	}
	for stream, ids := range [][]int32{tokens, targets} {
		for i := range ids {
			ids[i] = int32(kernel.Uniform(1, uint64(stream), uint64(i)) * float32(cfg.Vocab))
		}
	}
	m.Run()
	began := now()
	for range steps {
		m.Run()
	}
	return float64(steps*batch*cfg.Context) / now().Sub(began).Seconds(), nil
}

package train

import (
	"fmt"
	"time"

	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/nn"
)

// Speed is how many tokens a second go through training: forward, backward and optimiser. Traced also takes the state
// root after each step. Live also looks at what the data does after every 16th step.
type Speed struct{ Plain, Traced, Live float64 }

// Bench trains a new model of this shape on random tokens: in turns one plain step, one traced step and one look, as
// many as asked for of each. Two rounds before that touch the memory.
func Bench(cfg nn.Config, batch, steps int, b *kernel.Backend, now func() time.Time) (Speed, error) {
	t, err := newBench(cfg, batch, steps, b)
	if err != nil {
		return Speed{}, fmt.Errorf("train: preparing the benchmark: %w", err)
	}
	if err := t.execute(); err != nil { // makes the weights
		return Speed{}, err
	}
	live, err := newSignal(t)
	if err != nil {
		return Speed{}, err
	}
	look := func() error {
		live.look(t.done)
		return nil
	}
	var spent [3]time.Duration
	for round := range 2 + steps {
		for i, do := range []func() error{t.execute, t.step, look} {
			began := now()
			if err := do(); err != nil {
				return Speed{}, err
			}
			if round >= 2 {
				spent[i] += now().Sub(began)
			}
		}
	}
	tokens := float64(steps * batch * cfg.Context)
	plain, traced := spent[0].Seconds(), spent[1].Seconds()
	return Speed{Plain: tokens / plain, Traced: tokens / traced, Live: tokens / (traced + spent[2].Seconds()/liveEvery)},
		nil
}

// newBench is a trainer whose run is initial weights and training only.
func newBench(cfg nn.Config, batch, steps int, b *kernel.Backend) (*trainer, error) {
	const corpus, held = 1 << 16, 8
	p := &Plan{
		Inputs: [][]int32{make([]int32, corpus), {0, int32(corpus - cfg.Context)}, make([]int32, held*(cfg.Context+1))},
		programs: nn.Phases{
			Config: cfg, Seed: 1, Batch: batch, Corpus: corpus, Datasets: 1, Held: held,
			Optimizer: nn.Optimizer{Rate: 1e-3, Warmup: 1, Steps: 2*steps + 4, Beta1: 0.9, Beta2: 0.95, Eps: 1e-8, Clip: 1},
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

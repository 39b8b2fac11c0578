package main

import (
	"syscall"
	"time"

	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/nn"
)

var optimizer = nn.Optimizer{
	Rate: 1e-3, Floor: 1e-4, Warmup: 10, Steps: 10000, Beta1: 0.9, Beta2: 0.95, Eps: 1e-8, Decay: 0.1, Clip: 1,
}

// A work is what both sides train: a new model on random tokens.
type work struct {
	config  nn.Config
	weights []nn.Tensor
	batches [][]int32 // tokens and targets of one step after those of another
}

func newWork(c nn.Config, b *kernel.Backend) *work {
	w := &work{config: c, weights: nn.Initial(c, 1, b), batches: make([][]int32, 8)}
	for i := range w.batches {
		w.batches[i] = make([]int32, batch*c.Context)
		for j := range w.batches[i] {
			w.batches[i][j] = int32(kernel.Uniform(1, uint64(i), uint64(j)) * float32(c.Vocab))
		}
	}
	return w
}

// A turn is some steps of one side.
type turn struct {
	Seconds float64   `json:"seconds"`
	CPU     float64   `json:"cpu"` // seconds of all threads
	Losses  []float64 `json:"losses"`
}

// A trainer is our side.
type trainer struct {
	work                  *work
	machine               *nn.Machine
	tokens, targets, step []int32
	loss                  []float32
}

func newTrainer(w *work, b *kernel.Backend) (*trainer, error) {
	p, err := nn.Training(w.config, batch, optimizer)
	if err != nil {
		return nil, err
	}
	states := make([][]float32, len(p.States))
	for i := range states {
		states[i] = make([]float32, p.Values[len(p.Inputs)+i].Size())
	}
	for i, t := range w.weights {
		copy(states[i], t.Data)
	}
	m, err := nn.NewMachine(p, b, states)
	if err != nil {
		return nil, err
	}
	t := &trainer{work: w, machine: m}
	for name, to := range map[string]*[]int32{
		nn.InputTokens: &t.tokens, nn.InputTargets: &t.targets, nn.InputStep: &t.step,
	} {
		id, err := p.Input(name)
		if err != nil {
			return nil, err
		}
		*to = m.Ints(id)
	}
	loss, err := p.Output(nn.OutputLoss)
	if err != nil {
		return nil, err
	}
	t.loss = m.Floats(loss)
	return t, nil
}

// run does some steps. The number of the next one is kept in the Program's input.
func (t *trainer) run(steps int) turn {
	start, cpu := time.Now(), cpuTime()
	losses := make([]float64, steps)
	for i := range losses {
		pair := 2 * int(t.step[0]) % len(t.work.batches)
		copy(t.tokens, t.work.batches[pair])
		copy(t.targets, t.work.batches[pair+1])
		t.machine.Run()
		t.step[0]++
		losses[i] = float64(t.loss[0])
	}
	return turn{time.Since(start).Seconds(), cpuTime() - cpu, losses}
}

// cpuTime is the seconds that this process has worked.
func cpuTime() float64 {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		panic(err) // the arguments are right
	}
	return float64(r.Utime.Nano()+r.Stime.Nano()) / 1e9
}

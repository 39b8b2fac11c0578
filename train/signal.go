package train

import (
	"github.com/minga-network/minga/nn"
)

// liveEvery is the number of training steps between two looks at what the data does. A look takes as long as 1¼ steps.
const liveEvery = 16

// signal estimates, while the job's model is trained, what each dataset does for it: the credits of package nn at some
// of the steps. It neither changes the run nor is it a part of its proof, and nobody is paid by it. A run that goes on
// after a stop begins a new signal.
type signal struct {
	machine *nn.Machine
	step    []int32   // the machine's input
	credits []float32 // of each dataset, so far
}

// newSignal binds to the states of a run.
func newSignal(t *trainer) (*signal, error) {
	p, err := t.plan.programs.Signal()
	if err != nil {
		return nil, err
	}
	s := &signal{credits: make([]float32, t.plan.programs.Datasets)}
	inputs := append(t.plan.Inputs[:len(t.plan.Inputs):len(t.plan.Inputs)], t.plan.stretches())
	s.machine, err = nn.NewMachine(p, t.backend, append(t.states[:len(t.states):len(t.states)], s.credits), inputs...)
	if err != nil {
		return nil, err
	}
	s.step = s.machine.Ints(nn.ID(len(inputs)))
	return s, nil
}

// stretches lists where the datasets begin and end in the corpus, as far as windows reach.
func (p *Plan) stretches() []int32 {
	var ends []int32
	places := p.Inputs[1]
	for d := 0; d < len(places); d += 2 {
		end := places[d]
		if places[d+1] > 0 {
			end += places[d+1] + int32(p.programs.Config.Context)
		}
		ends = append(ends, places[d], end)
	}
	return ends
}

// look is called before a training step, with its number.
func (s *signal) look(number int) {
	s.step[0] = int32(number)
	s.machine.Run()
}

// shares are the parts of the positive credits so far; nil while there are none.
func (s *signal) shares() []float64 {
	sum := 0.0
	for _, c := range s.credits {
		sum += max(0, float64(c))
	}
	if !(sum > 0) {
		return nil
	}
	shares := make([]float64, len(s.credits))
	for i, c := range s.credits {
		shares[i] = max(0, float64(c)) / sum
	}
	return shares
}

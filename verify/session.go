package verify

import (
	"fmt"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/nn"
)

// This file knows the task of a session: a model answers calls, and each call is a step. The terms have the task as if
// the session had one call, whose words nobody knows yet. A claim says how many calls there were, and their blob.

// NoSession says why a task is not that of any session with a model; empty: it is.
func (p *Programs) NoSession() string {
	switch {
	case !p.Sound || p.Header.Size != 0 || p.Start.Root == (Hash{}):
		return "a session counts contradictions, makes no file and begins with a model, this task is of another kind"
	case len(p.Phases) != 1 || p.Phases[0].Steps != 1:
		return "give a session's task with one phase of one step, a claim says how many there are"
	case len(p.Inputs) != 1 || !p.Inputs[0].Each || p.Inputs[0].Words < 1 || p.Inputs[0].Root != (Hash{}):
		return "give a session's task with one input of which every step has its own, the claim's result, and no root"
	}
	return ""
}

// Calls fills in what a claim says of a session: the blob of its calls and that blob's size.
func Calls(t *Task, calls []byte, size uint64) error {
	p, err := ProgramsOf(t)
	if err != nil {
		return err
	}
	each := 4 * uint64(p.Inputs[0].Words)
	steps := size / each
	if size%each != 0 || steps < 1 || steps > MaxSteps || len(calls) != len(Hash{}) {
		return fmt.Errorf("a result of %d bytes, give 1 to %d calls of %d", size, MaxSteps, each)
	}
	p.Phases[0].Steps, p.Inputs[0].Root = int(steps), Hash(calls)
	return p.checkInputs()
}

// ShowsUnits tells whether a path begins by showing that a session's last call left so many units, as part of state.
// It returns the rest of the path.
func ShowsUnits(t *Task, units uint64, path [][]byte, state []byte) (rest [][]byte, ok bool) {
	p, err := ProgramsOf(t)
	if err != nil {
		return path, false
	}
	count := nn.UnitsState(units)
	words := []uint32{blob.Word(count[0]), blob.Word(count[1])}
	return committed(words, p.States-1, p.States+p.Phases[0].Outputs, path, state)
}

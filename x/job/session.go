package job

import (
	"crypto/sha256"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/x/asset"
)

// This file knows the task of an infer job. Its terms have it as if the session had one
// call, whose words nobody knows yet; a claim says how many there were, and their blob.

// checkSession wants a task for any session with a model. Whether it is the model's
// Program, workers see before they take the job.
func checkSession(t Terms) error {
	task, err := programs(t.Task)
	if err != nil {
		return err
	}
	switch {
	case !task.Sound || task.Header.Size != 0 || task.Start.Root == (verify.Hash{}):
		return ErrTerms.Wrap("task: a session counts contradictions, makes no file and begins with a model, this task is " +
			"of another kind")
	case len(task.Phases) != 1 || task.Phases[0].Steps != 1:
		return ErrTerms.Wrap("task: give a session's task with one phase of one step, a claim says how many there are")
	case len(task.Inputs) != 1 || !task.Inputs[0].Each || task.Inputs[0].Words < 1 ||
		task.Inputs[0].Root != (verify.Hash{}):
		return ErrTerms.Wrap("task: give a session's task with one input of which every step has its own, the claim's " +
			"result, and no root")
	}
	return nil
}

// checkModel wants the task to begin with the model that the job names.
func checkModel(t Terms, a asset.Asset) error {
	if len(t.Task) == 0 {
		return nil
	}
	task, err := programs(t.Task)
	if err != nil {
		return err
	}
	if string(task.Start.Root[:]) != string(a.Root) || uint64(task.Start.Size) != a.Bytes {
		return ErrTerms.Wrapf("task: it begins with another file than model %d", a.Id)
	}
	return nil
}

// claimed fills in what a claim says of a session.
func claimed(task *verify.Task, c *Claim) error {
	t, err := verify.ProgramsOf(task)
	if err != nil {
		return err
	}
	size := 4 * uint64(t.Inputs[0].Words)
	steps := c.Bytes / size
	if c.Bytes%size != 0 || steps < 1 || steps > verify.MaxSteps || len(c.Result) != sha256.Size {
		return ErrClaim.Wrapf("a result of %d bytes, give 1 to %d calls of %d", c.Bytes, verify.MaxSteps, size)
	}
	t.Phases[0].Steps, t.Inputs[0].Root = int(steps), verify.Hash(c.Result)
	return nil
}

// checkUnits wants the units that a session's claim is paid for to be those of its last
// step. It returns the rest of end: the path from that step to the trace.
func checkUnits(task *verify.Task, c Claim) (rest [][]byte, ok bool) {
	t, err := verify.ProgramsOf(task)
	if err != nil {
		return c.End, false
	}
	state := nn.UnitsState(c.Units)
	name := verify.Value([]uint32{blob.Word(state[0]), blob.Word(state[1])})
	at, values := t.States-1, t.States+t.Phases[0].Outputs
	n := min(blob.PathLen(at, values), len(c.End))
	return c.End[n:], leads(name[:], at, values, c.End[:n], c.State)
}

package verify

import (
	"crypto/sha256"
	"fmt"

	"github.com/minga-network/minga/blob"
)

// Hash is a SHA-256.
type Hash = blob.Hash

// A Task is the work that a claim is about, as far as deciding about the claim
// needs it: a run of a step machine, with everything that its outcome depends on,
// by hash. Whoever posts a job computes it; whoever does or checks the job
// computes it again first.
type Task struct {
	Name string // of the machine
	Machine
}

// MaxSteps bounds a run.
const MaxSteps = 1 << 24

// Leaves is the number of leaves of a trace: what the run begins with, then what
// each step commits to.
func (t *Task) Leaves() int { return t.Steps() + 1 }

// Steps is the number of steps of the whole run.
func (t *Task) Steps() int { return t.Extent().Steps }

// ResultSize is the size of the file that the run makes, in bytes.
func (t *Task) ResultSize() int64 { return t.Extent().Result }

// Hash is what a job's terms name the task by.
func (t *Task) Hash() Hash { return sha256.Sum256(t.Encode()) }

const (
	taskMagic = "minga task 2"
	maxName   = 16
)

// Encode writes the task canonically.
func (t *Task) Encode() []byte {
	w := &writer{}
	w.Raw([]byte(taskMagic))
	w.Bytes([]byte(t.Name))
	w.Raw(t.Body())
	return w.Out()
}

// DecodeTask reads what Encode wrote and nothing else.
func DecodeTask(data []byte) (*Task, error) {
	r := newReader(data)
	if string(r.Raw(len(taskMagic))) != taskMagic {
		return nil, fmt.Errorf("%w: not a task of this version, which begins with %q", ErrMalformed, taskMagic)
	}
	name := string(r.Bytes(maxName))
	decode, known := machines[name]
	if !known {
		return nil, fmt.Errorf("%w: a task of machine %q, which nobody here knows", ErrMalformed, name)
	}
	m, err := decode(r.Rest())
	if err != nil {
		return nil, err
	}
	if err := m.Extent().check(); err != nil {
		return nil, err
	}
	return &Task{name, m}, nil
}

// check refuses a run about which a game could not be written down: a game counts words up to maxIndex.
func (x Extent) check() error {
	if x.Steps < 1 || x.Steps > MaxSteps || x.Result < 0 || x.Result%4 != 0 || x.Result/4 > maxIndex {
		return fmt.Errorf("%w: a run of %d steps that makes %d bytes: want 1 to %d steps and at most %d whole words",
			ErrMalformed, x.Steps, x.Result, MaxSteps, int64(maxIndex))
	}
	return nil
}

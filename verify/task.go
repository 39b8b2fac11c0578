package verify

import (
	"crypto/sha256"
	"fmt"

	"github.com/minga-network/minga/blob"
)

// Hash is a SHA-256.
type Hash = blob.Hash

// A Task is the work that a claim is about, as far as deciding about the claim
// needs it: everything that a run's outcome depends on, by hash. Whoever posts
// a job computes it; whoever does or checks the job computes it again first.
//
// A run is a list of phases, each a Program that is executed a number of times.
// All Programs have the same states, which carry over from step to step, and
// the same inputs: those of the task, which stay the same or advance with the
// step, and one more, the number of the step within its phase.
type Task struct {
	Phases []Phase
	States int     // of each Program
	Inputs []Input // of each Program, without the last: the step's number
	// Start is the file whose words after From bytes are the states before the
	// first step, and zeros after its end. With an empty Root they all are zeros.
	Start File
	// Result says what the file is that a run makes: the bytes of a header and
	// then the first words of the last state. Without a Header it makes none.
	Header File
	Words  int64
	// Sound, if set, marks a run whose first output of every step must be one zero:
	// what it counts are contradictions between inputs and outputs.
	Sound bool
}

// Phase is a number of steps of one Program.
type Phase struct {
	Program Hash // its root
	Nodes   int
	Steps   int
	Outputs int // how many of its first outputs a step commits to, besides the states
}

// Input is an array of int32 by the blob of its bytes, little-endian.
type Input struct {
	Root  Hash
	Words int64 // that a Program sees
	Each  bool  // every step of the run has the next Words of the blob for itself
}

// File is a blob; From is where the part begins that matters, in bytes.
type File struct {
	Root Hash
	Size int64
	From int64
}

// MaxSteps bounds a run.
const MaxSteps = 1 << 24

// Bounds of a task. Products of them stay far from overflowing.
const (
	maxPhases = 16
	maxStates = 1 << 14
	maxNodes  = 1 << 16
	maxInputs = 16
	maxWords  = 1 << 40
)

// Steps is the number of steps of the whole run.
func (t *Task) Steps() int {
	n := 0
	for _, p := range t.Phases {
		n += p.Steps
	}
	return n
}

// phase finds the phase of a step, and the step's number within it.
func (t *Task) phase(step int) (Phase, int) {
	for _, p := range t.Phases {
		if step < p.Steps {
			return p, step
		}
		step -= p.Steps
	}
	return Phase{}, 0
}

// ResultSize is the size of the file that a run makes, in bytes.
func (t *Task) ResultSize() int64 { return t.Header.Size + 4*t.Words }

// Hash is what a job's terms name the task by.
func (t *Task) Hash() Hash { return sha256.Sum256(t.Encode()) }

// Encode writes the task canonically.
func (t *Task) Encode() []byte {
	w := &writer{}
	w.bytes([]byte(taskMagic))
	w.number(int64(len(t.Phases)))
	for _, p := range t.Phases {
		w.hash(p.Program)
		w.number(int64(p.Nodes))
		w.number(int64(p.Steps))
		w.number(int64(p.Outputs))
	}
	w.number(int64(t.States))
	w.number(int64(len(t.Inputs)))
	for _, in := range t.Inputs {
		w.hash(in.Root)
		w.number(in.Words)
		w.flag(in.Each)
	}
	for _, f := range []File{t.Start, t.Header} {
		w.hash(f.Root)
		w.number(f.Size)
		w.number(f.From)
	}
	w.number(t.Words)
	w.flag(t.Sound)
	return w.b
}

const taskMagic = "minga task 1"

// DecodeTask reads what Encode wrote and nothing else.
func DecodeTask(data []byte) (*Task, error) {
	r := &reader{b: data}
	if string(r.bytes(len(taskMagic))) != taskMagic {
		r.fail()
	}
	t := &Task{}
	for range r.count(maxPhases) {
		t.Phases = append(t.Phases, Phase{
			Program: r.hash(), Nodes: int(r.number(maxNodes)), Steps: int(r.number(MaxSteps)), Outputs: int(r.number(maxStates)),
		})
	}
	t.States = int(r.number(maxStates))
	for range r.count(maxInputs) {
		t.Inputs = append(t.Inputs, Input{Root: r.hash(), Words: r.number(maxWords), Each: r.flag()})
	}
	for _, f := range []*File{&t.Start, &t.Header} {
		*f = File{Root: r.hash(), Size: r.number(maxWords), From: r.number(maxWords)}
	}
	t.Words, t.Sound = r.number(maxWords), r.flag()
	if err := r.end(); err != nil {
		return nil, fmt.Errorf("%w: not a task", err)
	}
	return t, t.check()
}

// check refuses what no run could be.
func (t *Task) check() error {
	steps := 0
	for _, p := range t.Phases {
		if p.Nodes < 1 || p.Steps < 1 || t.Sound && p.Outputs < 1 {
			return fmt.Errorf("%w: a phase has no nodes, no steps or no output to look at", ErrMalformed)
		}
		steps += p.Steps
	}
	switch {
	case steps < 1 || steps > MaxSteps || t.States < 1:
		return fmt.Errorf("%w: a task of %d steps over %d states, want 1 to %d and a state", ErrMalformed, steps, t.States, MaxSteps)
	case t.Start.From > t.Start.Size || t.Start.From%4 != 0 || t.Header.Size%4 != 0:
		return fmt.Errorf("%w: the words of a file begin at a multiple of 4", ErrMalformed)
	}
	return nil
}

// Leaves is the number of leaves of a trace: the states before the first step,
// then what each step commits to.
func (t *Task) Leaves() int { return t.Steps() + 1 }

// width is how many values a leaf of the trace commits to: the states, and of a
// step some outputs.
func (t *Task) width(leaf int) int {
	if leaf == 0 {
		return t.States
	}
	phase, _ := t.phase(leaf - 1)
	return t.States + phase.Outputs
}

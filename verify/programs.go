package verify

import "fmt"

// Programs is the machine of training, inference and everything else that nn.Programs
// say: a run is a list of phases, each a Program that is executed a number of times.
// All Programs have the same states, which carry over from step to step, and
// the same inputs: those of the task, which stay the same or advance with the
// step, and one more, the number of the step within its phase.
//
// Below a step the levels are its nodes, the outputs of a node, the words of an output
// and the scalar steps of a word's fold (nn.Fold), one of which is executed in the end. What
// is right in one place and another in the next is found by comparing: the states after
// the nodes, those before the first step, the file, and a count of contradictions.
type Programs struct {
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

// Bounds of a run of Programs. Products of them stay far from overflowing.
const (
	maxPhases = 16
	maxStates = 1 << 14
	maxNodes  = 1 << 16
	maxInputs = 16
	maxWords  = 1 << 40
)

// Task is the task of such a run.
func (p *Programs) Task() *Task { return &Task{"programs", p} }

// Encode writes its task.
func (p *Programs) Encode() []byte { return p.Task().Encode() }

// ProgramsOf is the run of a task that is one of Programs.
func ProgramsOf(t *Task) (*Programs, error) {
	p, ok := t.Machine.(*Programs)
	if !ok {
		return nil, fmt.Errorf("%w: a task of machine %q, want one of Programs", ErrMalformed, t.Name)
	}
	return p, nil
}

// Extent tells how long the run is and what it makes.
func (p *Programs) Extent() Extent {
	x := Extent{Sound: p.Sound}
	for _, phase := range p.Phases {
		x.Steps += phase.Steps
	}
	if p.Header.Size > 0 {
		x.Result = p.Header.Size + 4*p.Words
	}
	return x
}

// Phase is the one that a step belongs to.
func (p *Programs) Phase(step int) Phase {
	phase, _ := p.phase(step)
	return phase
}

// phase finds the phase of a step, and the step's number within it.
func (p *Programs) phase(step int) (Phase, int) {
	for _, phase := range p.Phases {
		if step < phase.Steps {
			return phase, step
		}
		step -= phase.Steps
	}
	return Phase{}, 0
}

// width is how many values a leaf of the trace commits to: the states, and of a
// step some outputs.
func (p *Programs) width(leaf int) int {
	if leaf == 0 {
		return p.States
	}
	phase := p.Phase(leaf - 1)
	return p.States + phase.Outputs
}

// Body writes the run canonically.
func (p *Programs) Body() []byte {
	w := &writer{}
	w.Number(int64(len(p.Phases)))
	for _, phase := range p.Phases {
		w.Hash(phase.Program)
		w.Number(int64(phase.Nodes))
		w.Number(int64(phase.Steps))
		w.Number(int64(phase.Outputs))
	}
	w.Number(int64(p.States))
	w.Number(int64(len(p.Inputs)))
	for _, in := range p.Inputs {
		w.Hash(in.Root)
		w.Number(in.Words)
		w.Flag(in.Each)
	}
	for _, f := range []File{p.Start, p.Header} {
		w.Hash(f.Root)
		w.Number(f.Size)
		w.Number(f.From)
	}
	w.Number(p.Words)
	w.Flag(p.Sound)
	return w.Out()
}

// decodePrograms reads what Body wrote and nothing else.
func decodePrograms(body []byte) (Machine, error) {
	r, p := newReader(body), &Programs{}
	for range r.Count(maxPhases) {
		p.Phases = append(p.Phases, Phase{
			Program: r.Hash(), Nodes: int(r.Number(maxNodes)), Steps: int(r.Number(MaxSteps)), Outputs: int(r.Number(maxStates)),
		})
	}
	p.States = int(r.Number(maxStates))
	for range r.Count(maxInputs) {
		p.Inputs = append(p.Inputs, Input{Root: r.Hash(), Words: r.Number(maxWords), Each: r.Flag()})
	}
	for _, f := range []*File{&p.Start, &p.Header} {
		*f = File{Root: r.Hash(), Size: r.Number(maxWords), From: r.Number(maxWords)}
	}
	p.Words, p.Sound = r.Number(maxWords), r.Flag()
	if err := r.end(); err != nil {
		return nil, fmt.Errorf("%w: not a run of Programs", err)
	}
	return p, p.check()
}

// check refuses what no run could be.
func (p *Programs) check() error {
	for _, phase := range p.Phases {
		if phase.Nodes < 1 || phase.Steps < 1 || p.Sound && phase.Outputs < 1 {
			return fmt.Errorf("%w: a phase has no nodes, no steps or no output to look at", ErrMalformed)
		}
	}
	switch {
	case p.States < 1:
		return fmt.Errorf("%w: a run without a state", ErrMalformed)
	case p.Start.From > p.Start.Size || p.Start.From%4 != 0 || p.Header.Size%4 != 0:
		return fmt.Errorf("%w: the words of a file begin at a multiple of 4", ErrMalformed)
	}
	return p.checkInputs()
}

// checkInputs bounds what all steps together read: a game counts the words of a blob up to maxIndex.
func (p *Programs) checkInputs() error {
	steps := int64(p.Extent().Steps)
	for i, in := range p.Inputs {
		if in.Each && steps > 0 && in.Words > maxIndex/steps {
			return fmt.Errorf("%w: input %d has %d words for each of %d steps, at most %d together", ErrMalformed, i, in.Words,
				steps, int64(maxIndex))
		}
	}
	return nil
}

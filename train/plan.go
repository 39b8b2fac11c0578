package train

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/nn/file"
	"github.com/minga-network/minga/nn/token"
)

// Plan is a training written out: all that a run computes, as Programs and the ints that they read. It follows from a
// Spec and its data alone, without training. So whoever posts, does or checks a job has the same, and a run needs
// nothing else.
//
// The run begins with states of zeros, or with those of a model. The Programs of all phases have the same states and
// inputs. Only the last input changes from step to step: the number of the step within its phase.
type Plan struct {
	Phases []Phase
	Inputs [][]int32   // of every Program, without the last
	Roots  []blob.Hash // of the inputs, as blobs of little-endian words
	// The run makes a file: Header, and then the first states as float32.
	Header []byte
	Floats int
	// Start is a model's file, if it is not empty: its words after From bytes are the first states, and zeros follow after
	// its end. Otherwise all states begin as zeros.
	Start []byte
	From  int

	Used []uint64 // training tokens of each dataset, in the order of the Spec
	Kept []uint64 // bytes of each dataset that repeat nothing earlier

	model      file.Model // without data
	programs   nn.Phases
	base       string // the name of Start's model
	checkpoint int    // training steps from one to the next
	live       bool   // the run shows what its data does
}

// Phase is a Program and how many times a run executes it.
type Phase struct {
	Name    string
	Program *nn.Program
	Steps   int
}

// phaseTraining is the phase of a run that trains.
const phaseTraining = 2

// NewPlan plans a training. Errors wrap ErrSpec and ErrData.
func NewPlan(s *Spec, data []Data) (*Plan, error) {
	c, err := newCorpus(s, data)
	if err != nil {
		return nil, err
	}
	return c.plan(s)
}

func (c *corpus) plan(s *Spec) (*Plan, error) {
	windows, err := c.validation(s)
	if err != nil {
		return nil, err
	}
	p := &Plan{Inputs: [][]int32{c.tokens, c.places, windows}, Kept: c.kept, checkpoint: s.Train.Checkpoint,
		live: s.Measured()}
	p.programs = nn.Phases{
		Config: s.Config(c.tokenizer.Vocab()), Optimizer: s.Schedule(), Seed: s.Train.Seed, Batch: s.Train.Batch,
		Corpus: len(c.tokens), Datasets: len(c.places) / 2, Held: len(windows) / (s.Model.Context + 1),
	}
	if c.base != nil {
		p.Start, p.From, p.base = c.file, len(c.base.Header()), s.Model.Base
	}
	if err := p.write(s, c.tokenizer); err != nil {
		return nil, err
	}
	for _, windows := range p.programs.Drawn(c.places) {
		p.Used = append(p.Used, windows*uint64(s.Model.Context))
	}
	return p, nil
}

func rootOf(ids []int32) blob.Hash { return blob.Sum(blob.AppendWords(nil, ids)) }

// write makes the phases, the file's header, and the roots of the inputs that have none yet.
func (p *Plan) write(s *Spec, t *token.Encoder) error {
	if err := p.build(); err != nil {
		return fmt.Errorf("%w: %w", ErrData, err)
	}
	for _, ids := range p.Inputs[len(p.Roots):] {
		p.Roots = append(p.Roots, rootOf(ids))
	}
	p.model = p.newModel(s, t)
	p.Header = p.model.Header()
	for _, t := range append(p.model.Tensors, p.model.Extra...) {
		p.Floats += t.Size()
	}
	return nil
}

// identity is the hash of everything that decides a run.
func (p *Plan) identity() blob.Hash {
	h := sha256.New()
	h.Write(p.Header)
	start := sha256.Sum256(p.Start)
	h.Write(start[:])
	for _, phase := range p.Phases {
		root := phase.Program.Root()
		h.Write(binary.LittleEndian.AppendUint64(root[:], uint64(phase.Steps)))
	}
	for _, root := range p.Roots {
		h.Write(root[:])
	}
	return blob.Hash(h.Sum(nil))
}

func (p *Plan) build() error {
	c := p.programs
	held := c.HeldSteps()
	begin, build := "initial weights", c.Initial
	if p.Start != nil {
		begin, build = "weights of the base", c.Continue
	}
	for _, phase := range []struct {
		name  string
		build func() (*nn.Program, error)
		steps int
	}{
		{begin, build, 1},
		{"validation before", func() (*nn.Program, error) { return c.Validation(nn.SlotFirst) }, held},
		{"training", c.Training, c.Optimizer.Steps},
		{"validation after", func() (*nn.Program, error) { return c.Validation(nn.SlotLast) }, held},
	} {
		program, err := phase.build()
		if err != nil {
			return err
		}
		p.Phases = append(p.Phases, Phase{phase.name, program, phase.steps})
	}
	return nil
}

// Means is the number of the state that has the validation losses before and after, and then the credits if the run
// gives some.
func (p *Plan) Means() int {
	return slices.IndexFunc(p.Phases[0].Program.States, func(s nn.State) bool { return s.Name == nn.StateMeans })
}

// Memory is about how many bytes a run takes: the inputs, the states, the Machine of the largest phase, that of the
// live signal if there is one, and in the end the file. It leaves out the roots of the steps and the kernel's buffers,
// which are a MiB or two for each thread. Recording a step for a dispute takes more: see Recorded.
func (p *Plan) Memory() (int64, error) {
	program := p.Phases[0].Program
	n := int64(len(p.Start))
	for _, ids := range p.Inputs {
		n += 4 * int64(len(ids))
	}
	n += 4*int64(program.StateSize()) + 2*(int64(len(p.Header))+4*int64(p.Floats))
	if p.live {
		look, err := p.programs.Signal()
		if err != nil {
			return 0, err
		}
		machine, err := nn.MachineBytes(look, len(p.Inputs))
		if err != nil {
			return 0, err
		}
		n += machine
	}
	most := int64(0)
	for _, phase := range p.Phases {
		machine, err := nn.MachineBytes(phase.Program, len(p.Inputs))
		if err != nil {
			return 0, err
		}
		most = max(most, machine)
	}
	return n + most, nil
}

// Recorded is about how many bytes a step takes of which all values are kept, as a move in a dispute about it wants.
func (p *Plan) Recorded() (most int64) {
	for _, phase := range p.Phases {
		most = max(most, nn.RecordBytes(phase.Program))
	}
	return most
}

// Steps is the number of steps of the whole run.
func (p *Plan) Steps() int {
	n := 0
	for _, phase := range p.Phases {
		n += phase.Steps
	}
	return n
}

// Leaves are the leaves of a run's trace: the root of the states before the first step, and then those after each step.
func (p *Plan) Leaves(roots []blob.Hash) []blob.Hash {
	program, words := p.Phases[0].Program, p.Start[p.From:]
	states := make([]blob.Hash, len(program.States))
	for i := range states {
		state := make([]byte, 4*program.Values[len(program.Inputs)+i].Size())
		words = words[copy(state, words):]
		states[i] = blob.Sum(state)
	}
	return append([]blob.Hash{blob.Root(states)}, roots...)
}

// begin sets the states before the first step.
func (p *Plan) begin(state []float32) {
	clear(state)
	words := p.Start[p.From:]
	for i := range min(len(state), len(words)/4) {
		state[i] = math.Float32frombits(binary.LittleEndian.Uint32(words[4*i:]))
	}
}

// At finds the phase of a step, counted from 1, and the step's number within the
// phase, counted from 0.
func (p *Plan) At(step int) (phase, number int) {
	number = step - 1
	for phase = range p.Phases {
		if number < p.Phases[phase].Steps {
			break
		}
		number -= p.Phases[phase].Steps
	}
	return phase, number
}

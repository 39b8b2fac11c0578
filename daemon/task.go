package daemon

import (
	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/infer"
	"github.com/minga-network/minga/nn/file"
	"github.com/minga-network/minga/train"
	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/verify/player"
)

// Task is a training job as the chain knows it: the whole work by hashes, so that
// any claim about it can be decided without the work being done there.
func Task(p *train.Plan) *verify.Task { return programs(p).Task() }

// programs is the run of a training job.
func programs(p *train.Plan) *verify.Programs {
	t := &verify.Programs{
		States: len(p.Phases[0].Program.States),
		Header: verify.File{Root: blob.Sum(p.Header), Size: int64(len(p.Header))},
		Words:  int64(p.Floats),
	}
	if p.Start != nil {
		t.Start = verify.File{Root: blob.Sum(p.Start), Size: int64(len(p.Start)), From: int64(p.From)}
	}
	for _, phase := range p.Phases {
		t.Phases = append(t.Phases, verify.Phase{Program: phase.Program.Root(), Nodes: len(phase.Program.Nodes), Steps: phase.Steps})
	}
	for i, ids := range p.Inputs {
		t.Inputs = append(t.Inputs, verify.Input{Root: verify.Hash(p.Roots[i]), Words: int64(len(ids))})
	}
	return t
}

// SessionTask is any session with a model (of which root and size name the file) as an
// infer job's terms have it: a claim adds how many calls there were and which.
func SessionTask(m *file.Model, root blob.Hash, size int64) (*verify.Task, error) {
	plan, err := infer.NewPlan(m.Config)
	if err != nil {
		return nil, err
	}
	p := plan.Program
	session := &verify.Programs{
		Phases: []verify.Phase{{Program: p.Root(), Nodes: len(p.Nodes), Steps: 1, Outputs: len(p.Outputs)}},
		States: len(p.States), Inputs: []verify.Input{{Words: int64(plan.Record), Each: true}},
		Start: verify.File{Root: verify.Hash(root), Size: size, From: int64(len(m.Header()))},
		Sound: true,
	}
	return session.Task(), nil
}

// reading is an execution of a session: a player.Execution, of which the first step has
// number 0.
type reading struct {
	*infer.Replay
	task *verify.Programs
}

// run is the execution as disputes ask about it.
func (r reading) run() player.Run { return player.Programs(r.task, r) }

func (r reading) Pass(step int) (player.Pass, error) {
	rec, err := r.Record(step + 1)
	if err != nil {
		return nil, err
	}
	return rec, nil
}

func (r reading) Input(int) ([]uint32, error) { return r.Given(), nil }
func (r reading) Start() ([]uint32, error)    { return r.Begins(), nil }

// File is empty: a session makes none.
func (r reading) File() ([]byte, error) { return nil, nil }

// execution is a run of a training job that can be asked about: a player.Execution, of
// which the first step has number 0.
type execution struct {
	*train.Replay
	file []byte // once it was asked for
}

// run is the execution as disputes ask about it.
func (e *execution) run() player.Run { return player.Programs(programs(e.Plan()), e) }

func (e *execution) Pass(step int) (player.Pass, error) {
	r, err := e.Record(step + 1)
	if err != nil {
		return nil, err
	}
	return r, nil
}

func (e *execution) File() (file []byte, err error) {
	if e.file == nil {
		e.file, err = e.Replay.File()
	}
	return e.file, err
}

func (e *execution) Input(i int) ([]uint32, error) {
	ids := e.Plan().Inputs[i]
	words := make([]uint32, len(ids))
	for j, id := range ids {
		words[j] = uint32(id)
	}
	return words, nil
}

// Start is the file of the model that training begins with, if it does.
func (e *execution) Start() ([]uint32, error) {
	return blob.Words[uint32](e.Plan().Start), nil
}

package worker

import (
	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/train"
	"github.com/minga-network/minga/verify"
)

// Task is a training job as the chain knows it: the whole work by hashes, so that
// any claim about it can be decided without the work being done there.
func Task(p *train.Plan) *verify.Task {
	t := &verify.Task{
		States: len(p.Phases[0].Program.States),
		Header: verify.File{Root: verify.Hash(blob.Sum(p.Header)), Size: int64(len(p.Header))},
		Words:  int64(p.Floats),
	}
	for _, phase := range p.Phases {
		t.Phases = append(t.Phases, verify.Phase{Program: phase.Program.Root(), Nodes: len(phase.Program.Nodes), Steps: phase.Steps})
	}
	for _, ids := range p.Inputs {
		root := blob.Sum(nn.AppendInts(nil, ids))
		t.Inputs = append(t.Inputs, verify.Input{Root: verify.Hash(root), Words: int64(len(ids))})
	}
	return t
}

// execution is a run of a training job that can be asked about: a verify.Run, of
// which the first step has number 0.
type execution struct {
	*train.Replay
	file []byte // once it was asked for
}

func (e *execution) Pass(step int) (verify.Pass, error) {
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

// Start is empty: training begins with zeros, not with the states of a file.
func (e *execution) Start() ([]uint32, error) { return nil, nil }

package kind

import (
	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/infer"
	"github.com/minga-network/minga/nn/file"
	"github.com/minga-network/minga/train"
	"github.com/minga-network/minga/verify"
)

// Task is a training as the chain knows it: the whole work by hashes, so that any claim about it can be decided without
// the work being done there.
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
		t.Phases = append(t.Phases, verify.Phase{Program: phase.Program.Root(), Nodes: len(phase.Program.Nodes),
			Steps: phase.Steps})
	}
	for i, ids := range p.Inputs {
		t.Inputs = append(t.Inputs, verify.Input{Root: p.Roots[i], Words: int64(len(ids))})
	}
	return t
}

// SessionTask is any session with a model, whose file has this root and size, as an infer job's terms have it. A claim
// adds how many calls there were, and which.
func SessionTask(m *file.Model, root blob.Hash, size int64) (*verify.Task, error) {
	plan, err := infer.NewPlan(m.Config)
	if err != nil {
		return nil, err
	}
	p := plan.Program
	session := &verify.Programs{
		Phases: []verify.Phase{{Program: p.Root(), Nodes: len(p.Nodes), Steps: 1, Outputs: len(p.Outputs)}},
		States: len(p.States), Inputs: []verify.Input{{Words: int64(plan.Record), Each: true}},
		Start: verify.File{Root: root, Size: size, From: int64(len(m.Header()))},
		Sound: true,
	}
	return session.Task(), nil
}

package verify_test

import (
	"math"
	"slices"
	"sync"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/verify/player"
)

// execution is a run of a toy, by an honest machine or by a liar.
type execution struct {
	*toy
	records []*nn.Record // one for each step of the run
	true    []*nn.Program
	file    []byte
	lie     *lie // about an outcome; nil: none
	leaves  []verify.Hash
}

// tamper may change a value after each node of each step of the run.
type tamper func(m *nn.Machine, step, node int)

var backend = sync.OnceValue(func() *kernel.Backend {
	b, err := kernel.New("", 1)
	if err != nil {
		panic(err)
	}
	return b
})

// execute runs a toy. The programs may be others than the toy's if they have the same shapes.
func (t *toy) execute(programs []*nn.Program, inputs [][]int32, change tamper) *execution {
	e := &execution{toy: t, true: t.programs}
	states := t.firstStates()
	for i, p := range programs {
		for n := range t.steps[i] {
			step := len(e.records)
			after := func(m *nn.Machine, node int) {
				if change != nil {
					change(m, step, node)
				}
			}
			rec, err := nn.NewRecord(p, backend(), t.given(inputs, step, n), states, after)
			if err != nil {
				panic(err)
			}
			e.records = append(e.records, rec)
			for s := range states {
				words := blob.Words[uint32](rec.Bytes(p.States[s].Next))
				for j, w := range words {
					states[s][j] = math.Float32frombits(w)
				}
			}
		}
	}
	e.file = slices.Clone(t.header)
	for _, s := range states {
		e.file = blob.AppendFloats(e.file, s)
	}
	return e
}

// firstStates are those of the file to begin with, or zeros.
func (t *toy) firstStates() [][]float32 {
	p := t.programs[0]
	words := blob.Words[uint32](t.start)[min(t.from/4, len(t.start)/4):]
	states := make([][]float32, len(p.States))
	for i := range states {
		states[i] = make([]float32, p.Values[len(p.Inputs)+i].Size())
		for j := range states[i] {
			if len(words) > 0 {
				states[i][j] = math.Float32frombits(words[0])
				words = words[1:]
			}
		}
	}
	return states
}

func (e *execution) programOf(step int) *nn.Program {
	for i, n := range e.steps {
		if step < n {
			return e.true[i]
		}
		step -= n
	}
	panic("no such step")
}

func (e *execution) Leaves() ([]verify.Hash, error) {
	if e.leaves != nil {
		return e.leaves, nil
	}
	var start []verify.Hash
	for i := range e.programs[0].States {
		start = append(start, blob.Sum(e.records[0].Bytes(nn.ID(2+i))))
	}
	e.leaves = []verify.Hash{blob.Root(start)}
	for step := range e.records {
		e.leaves = append(e.leaves, blob.Root(e.commits(step)))
	}
	return e.leaves, nil
}

// commits are the values that a step commits to.
func (e *execution) commits(step int) (roots []verify.Hash) {
	p := e.programOf(step)
	for _, s := range p.States {
		roots = append(roots, blob.Sum(e.records[step].Bytes(s.Next)))
	}
	for _, o := range p.Outputs {
		roots = append(roots, blob.Sum(e.records[step].Bytes(o.ID)))
	}
	if e.lie != nil && e.lie.step == step {
		roots[e.lie.state][e.lie.bit/8] ^= 1 << (e.lie.bit % 8)
	}
	return roots
}

func (e *execution) Pass(step int) (player.Pass, error) {
	return toyPass{e.records[step], e.programOf(step)}, nil
}
func (e *execution) File() ([]byte, error) { return e.file, nil }
func (e *execution) Input(i int) ([]uint32, error) {
	return blob.Words[uint32](blob.AppendWords(nil, e.inputs[i])), nil
}
func (e *execution) Start() ([]uint32, error) { return blob.Words[uint32](e.start), nil }

type toyPass struct {
	*nn.Record
	program *nn.Program
}

func (p toyPass) Program() *nn.Program    { return p.program }
func (p toyPass) Words(id nn.ID) []uint32 { return blob.Words[uint32](p.Bytes(id)) }

// lie is a false statement about what a step committed to. All its nodes were computed right.
type lie struct{ step, state, bit int }

// lying is a run that answers according to the lie of its execution.
type lying struct {
	player.Run
	*execution
}

func (l lying) Leaves() ([]verify.Hash, error) { return l.execution.Leaves() }
func (l lying) File() ([]byte, error)          { return l.file, nil }
func (l lying) Contradiction() (int, error)    { return -1, nil }
func (l lying) Tree(g *verify.Game) ([]verify.Hash, error) {
	leaves, err := l.Run.Tree(g)
	if err != nil || g.Level(verify.Steps).At.Lo-1 != l.lie.step {
		return leaves, err
	}
	switch g.Last().Stage {
	case verify.States:
		return l.commits(l.lie.step), nil
	case verify.Nodes:
		return append(leaves[:len(leaves)-1:len(leaves)-1], blob.Root(l.commits(l.lie.step))), nil
	}
	return leaves, nil
}

// side is the execution as players ask about it.
func (e *execution) side() player.Run {
	run := player.Programs(e.run(), e)
	if e.lie != nil {
		return lying{run, e}
	}
	return run
}

// claimed is what the owner of the run claims.
func (e *execution) claimed() verify.Claimed {
	leaves, _ := e.Leaves()
	return verify.Claimed{Trace: blob.Root(leaves), Result: blob.Sum(e.file)}
}

package job

import (
	"encoding/binary"
	"math"
	"sync"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/verify"
)

// The toys are the work of all train jobs here: a step that mixes one state with random
// numbers, 20 times, and a file of a header and that state. Those that measure others have
// the states of a training run with one weight, and draw means too.
const (
	toySteps = 20
	toyRows  = 24
	toyCols  = 32
)

// toyProgram is x' = (x + normal)·normal, x (24,32).
var toyProgram = sync.OnceValue(func() *nn.Program {
	floats := func(shape ...int) nn.Value { return nn.Value{Kind: nn.Float, Shape: shape} }
	normal := func(stream uint64, std float32, rows, cols uint64) []uint64 {
		return []uint64{7, stream, uint64(math.Float32bits(std)), rows, cols}
	}
	p := &nn.Program{
		Inputs: []string{"step"}, States: []nn.State{{Name: "x", Next: 5}},
		Nodes: []nn.Node{
			{Op: nn.OpNormal, Attr: normal(0, 1, toyRows, toyCols), Out: []nn.ID{2}},
			{Op: nn.OpAdd, In: []nn.ID{1, 2}, Out: []nn.ID{3}},
			{Op: nn.OpNormal, Attr: normal(1, 0.2, toyCols, toyCols), Out: []nn.ID{4}},
			{Op: nn.OpMatMul, In: []nn.ID{3, 4}, Out: []nn.ID{5}},
		},
		Values: []nn.Value{
			{Kind: nn.Int, Shape: []int{1}}, floats(toyRows, toyCols), floats(toyRows, toyCols), floats(toyRows, toyCols),
			floats(toyCols, toyCols), floats(toyRows, toyCols),
		},
	}
	return decoded(p)
})

func decoded(p *nn.Program) *nn.Program {
	p, err := nn.DecodeProgram(p.Encode())
	if err != nil {
		panic(err)
	}
	return p
}

// measuringProgram draws so many means besides, others for each run.
func measuringProgram(run, means int) *nn.Program {
	floats := func(shape ...int) nn.Value { return nn.Value{Kind: nn.Float, Shape: shape} }
	normal := func(stream uint64, std float32, rows, cols int) []uint64 {
		return []uint64{uint64(100 + run), stream, uint64(math.Float32bits(std)), uint64(rows), uint64(cols)}
	}
	return decoded(&nn.Program{
		Inputs: []string{"step"},
		States: []nn.State{{Name: "x", Next: 9}, {Name: "losses", Next: 2}, {Name: "validation", Next: 11}, {Name: "m.x", Next: 4}, {Name: "v.x", Next: 5}},
		Nodes: []nn.Node{
			{Op: nn.OpNormal, Attr: normal(0, 1, toyRows, toyCols), Out: []nn.ID{6}},
			{Op: nn.OpAdd, In: []nn.ID{1, 6}, Out: []nn.ID{7}},
			{Op: nn.OpNormal, Attr: normal(1, 0.2, toyCols, toyCols), Out: []nn.ID{8}},
			{Op: nn.OpMatMul, In: []nn.ID{7, 8}, Out: []nn.ID{9}},
			{Op: nn.OpNormal, Attr: normal(2, 1, 1, means), Out: []nn.ID{10}},
			{Op: nn.OpAdd, In: []nn.ID{3, 10}, Out: []nn.ID{11}},
		},
		Values: []nn.Value{
			{Kind: nn.Int, Shape: []int{1}}, floats(toyRows, toyCols), floats(1), floats(1, means), floats(1), floats(1),
			floats(toyRows, toyCols), floats(toyRows, toyCols), floats(toyCols, toyCols), floats(toyRows, toyCols), floats(1, means), floats(1, means),
		},
	})
}

var toyHeader = make([]byte, 64)

var toyTask = sync.OnceValue(func() *verify.Task { return taskOf(toyProgram()) })

func taskOf(p *nn.Program) *verify.Task {
	return &verify.Task{
		Phases: []verify.Phase{{Program: p.Root(), Nodes: len(p.Nodes), Steps: toySteps}}, States: len(p.States),
		Header: verify.File{Root: verify.Hash(blob.Sum(toyHeader)), Size: int64(len(toyHeader))}, Words: toyRows * toyCols,
	}
}

// execution is a toy, run by an honest machine or a lying one.
type execution struct {
	program *nn.Program
	records []*nn.Record
	leaves  []verify.Hash
	last    []verify.Hash // the states after the last step
	file    []byte
}

var processor = sync.OnceValue(func() *kernel.Backend {
	b, err := kernel.New("portable", 1)
	if err != nil {
		panic(err)
	}
	return b
})

// executed runs a toy. A liar flips a bit after a node of a step, counted from 0.
func executed(p *nn.Program, lie func(m *nn.Machine, step, node int)) *execution {
	e := &execution{program: p}
	states := make([][]float32, len(p.States))
	for i := range states {
		states[i] = make([]float32, p.Values[1+i].Size())
	}
	e.commit(states)
	for step := range toySteps {
		r, err := nn.NewRecord(p, processor(), [][]int32{{int32(step)}}, states, func(m *nn.Machine, node int) {
			if lie != nil {
				lie(m, step, node)
			}
		})
		if err != nil {
			panic(err)
		}
		for i, s := range p.States {
			for at, w := range wordsOf(r.Bytes(s.Next)) {
				states[i][at] = math.Float32frombits(w)
			}
		}
		e.records = append(e.records, r)
		e.commit(states)
	}
	e.file = nn.AppendFloats(append([]byte(nil), toyHeader...), states[0])
	return e
}

// commit adds a leaf to the trace.
func (e *execution) commit(states [][]float32) {
	e.last = nil
	for _, s := range states {
		e.last = append(e.last, blob.Sum(nn.AppendFloats(nil, s)))
	}
	e.leaves = append(e.leaves, nn.Root(e.last))
}

// flip is a lie: a bit of an element that a node of a step makes.
func flip(p *nn.Program, atStep, atNode, element int, bit uint) func(m *nn.Machine, step, node int) {
	return func(m *nn.Machine, step, node int) {
		if step == atStep && node == atNode {
			x := &m.Floats(p.Nodes[node].Out[0])[element]
			*x = math.Float32frombits(math.Float32bits(*x) ^ 1<<bit)
		}
	}
}

// truth is what the toy gives; lies are runs that flip one bit of one step (not of the
// lowest, which rounding may heal), and one that lies about the file alone.
var (
	truth = sync.OnceValue(func() *execution { return executed(toyProgram(), nil) })
	lies  = sync.OnceValue(func() []*execution {
		var all []*execution
		for i, at := range []struct{ step, node, element int }{{0, 0, 0}, {11, 3, 700}, {19, 1, 300}} {
			all = append(all, executed(toyProgram(), flip(toyProgram(), at.step, at.node, at.element, uint(5*i+10))))
		}
		return append(all, forged(truth()))
	})
)

// forged is a run of which the file is another.
func forged(e *execution) *execution {
	liar := *e
	liar.file = append([]byte(nil), e.file...)
	liar.file[700] ^= 1
	return &liar
}

// measuringRuns are those of two units of three datasets; each lies in another place.
var measuringRuns = sync.OnceValue(func() (all []struct {
	truth *execution
	lies  []*execution
}) {
	for run, means := range []int{2 + 4, 2, 2} {
		p := measuringProgram(run, means)
		honest := executed(p, nil)
		all = append(all, struct {
			truth *execution
			lies  []*execution
		}{honest, []*execution{executed(p, flip(p, 3+run, 5, 1, 20)), executed(p, flip(p, 12, 3, 5, 20)), forged(honest)}})
	}
	return all
})

// known are the honest run of a job's work and those of liars.
func known(j Job) (honest *execution, liars []*execution) {
	if j.isRun() {
		r := measuringRuns()[j.Terms.Run]
		return r.truth, r.lies
	}
	return truth(), lies()
}

func (e *execution) Leaves() ([]verify.Hash, error)     { return e.leaves, nil }
func (e *execution) Pass(step int) (verify.Pass, error) { return pass{e.records[step]}, nil }
func (e *execution) File() ([]byte, error)              { return e.file, nil }
func (e *execution) Input(int) ([]uint32, error)        { return nil, nil }
func (e *execution) Start() ([]uint32, error)           { return nil, nil }

type pass struct{ *nn.Record }

func (p pass) Words(id nn.ID) []uint32 { return wordsOf(p.Bytes(id)) }

func wordsOf(b []byte) (words []uint32) {
	for ; len(b) > 0; b = b[4:] {
		words = append(words, binary.LittleEndian.Uint32(b))
	}
	return words
}

// claim is what the run's owner says, for so many units.
func (e *execution) claim(units uint64) Claim {
	root, trace := blob.Sum(e.file), nn.Root(e.leaves)
	c := Claim{
		Result: root[:], Bytes: uint64(len(e.file)), State: e.leaves[toySteps][:], Trace: trace[:], Units: units,
		End: slicesOf(nn.Path(e.leaves, toySteps)),
	}
	if len(e.last) > 1 {
		c.Measured = e.records[toySteps-1].Bytes(e.program.States[2].Next)
		c.End = append(slicesOf(nn.Path(e.last, 2)), c.End...)
	}
	return c
}

// report is what a checker with this run sends.
func (e *execution) report(j Job, who string) *MsgReport {
	step := j.Sample(who, toySteps)
	return &MsgReport{
		Worker: who, Job: j.Id, Report: e.claim(j.Terms.Units), Leaf: e.leaves[step][:], Path: slicesOf(nn.Path(e.leaves, step)),
	}
}

// player plays for the owner of the run.
func (e *execution) player() *verify.Player { return verify.NewPlayer(taskOf(e.program), e) }

func slicesOf(hashes [][32]byte) (bs [][]byte) {
	for i := range hashes {
		bs = append(bs, hashes[i][:])
	}
	return bs
}

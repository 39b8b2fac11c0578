package job

import (
	"encoding/binary"
	"math"
	"slices"
	"sync"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/rule/contribution"
	"github.com/minga-network/minga/verify"
	"github.com/minga-network/minga/verify/player"
)

// The toys are the work of all train jobs here: a step that mixes one state with random
// numbers, 20 times, and a file of a header and that state. Those that measure others have
// the states of a training run with one weight, and their means depend on which units are
// present.
const (
	toySteps = 20
	toyRows  = 24
	toyCols  = 32
)

// Inputs of a run that measures.
const (
	inPresent = 1
	inSlices  = 3
)

// What jobs and their runs read. The corpus has two units, of 48 and 32 tokens; a window has 3.
var (
	toyCorpus = make([]int32, 80)
	toyPlaces = []int32{0, 25, 28, 41, 72, 5}
	toyHeld   = []int32{4, 3, 2, 1}
	toyUnits  = [][]int32{{0, 45, 0}, {48, 29, 1}}
	toySlices = []int32{
		0, 6, 6, 12, 12, 18, 18, 24, 24, 30, 30, 36, 36, 42, 42, 48,
		48, 52, 52, 56, 56, 60, 60, 64, 64, 68, 68, 72, 72, 76, 76, 80,
	}
)

// toyProgram is x' = (x + normal)·normal, x (24,32).
var toyProgram = sync.OnceValue(func() *nn.Program {
	floats := func(shape ...int) nn.Value { return nn.Value{Kind: nn.Float, Shape: shape} }
	normal := func(stream uint64, std float32, rows, cols uint64) []uint64 {
		return []uint64{7, stream, uint64(math.Float32bits(std)), rows, cols}
	}
	p := &nn.Program{
		Inputs: []string{"corpus", "places", "held", "step"}, States: []nn.State{{Name: "x", Next: 8}},
		Nodes: []nn.Node{
			{Op: nn.OpNormal, Attr: normal(0, 1, toyRows, toyCols), Out: []nn.ID{5}},
			{Op: nn.OpAdd, In: []nn.ID{4, 5}, Out: []nn.ID{6}},
			{Op: nn.OpNormal, Attr: normal(1, 0.2, toyCols, toyCols), Out: []nn.ID{7}},
			{Op: nn.OpMatMul, In: []nn.ID{6, 7}, Out: []nn.ID{8}},
		},
		Values: []nn.Value{
			ints(toyCorpus), ints(toyPlaces), ints(toyHeld), {Kind: nn.Int, Shape: []int{1}},
			floats(toyRows, toyCols), floats(toyRows, toyCols), floats(toyRows, toyCols), floats(toyCols, toyCols),
			floats(toyRows, toyCols),
		},
	}
	return decoded(p)
})

func ints(of []int32) nn.Value { return nn.Value{Kind: nn.Int, Shape: []int{len(of)}} }

func decoded(p *nn.Program) *nn.Program {
	p, err := nn.DecodeProgram(p.Encode())
	if err != nil {
		panic(err)
	}
	return p
}

// measuringProgram is that of the runs with these inputs: it draws so many means besides,
// and adds to them what a table has for the numbers of the units that are present.
func measuringProgram(inputs [][]int32, means int) *nn.Program {
	p := &nn.Program{}
	for i, name := range append([]string{"corpus", "present", "held", "slices"}[:len(inputs)], "step") {
		p.Inputs = append(p.Inputs, name)
		p.Values = append(p.Values, nn.Value{Kind: nn.Int, Shape: []int{1}})
		if i < len(inputs) {
			p.Values[i] = ints(inputs[i])
		}
	}
	floats := func(shape ...int) nn.ID {
		p.Values = append(p.Values, nn.Value{Kind: nn.Float, Shape: shape})
		return nn.ID(len(p.Values) - 1)
	}
	x, loss, mean, m, v := floats(toyRows, toyCols), floats(1), floats(1, means), floats(1), floats(1)
	node := func(op nn.Op, attr []uint64, in []nn.ID, shape ...int) nn.ID {
		out := floats(shape...)
		p.Nodes = append(p.Nodes, nn.Node{Op: op, Attr: attr, In: in, Out: []nn.ID{out}})
		return out
	}
	normal := func(stream uint64, std float32, rows, cols int) nn.ID {
		attr := []uint64{uint64(100 + means), stream, uint64(math.Float32bits(std)), uint64(rows), uint64(cols)}
		return node(nn.OpNormal, attr, nil, rows, cols)
	}
	present := len(inputs[inPresent])
	mixed := node(nn.OpAdd, nil, []nn.ID{x, normal(0, 1, toyRows, toyCols)}, toyRows, toyCols)
	next := node(nn.OpMatMul, nil, []nn.ID{mixed, normal(1, 0.2, toyCols, toyCols)}, toyRows, toyCols)
	rows := node(nn.OpEmbed, nil, []nn.ID{normal(7, 1, 49, means), inPresent}, present, means)
	sum := node(nn.OpMatMul, nil, []nn.ID{normal(3, 1, 1, present), rows}, 1, means)
	p.States = []nn.State{
		{Name: "x", Next: next}, {Name: "losses", Next: loss},
		{Name: "validation", Next: node(nn.OpAdd, nil, []nn.ID{mean, sum}, 1, means)}, {Name: "m.x", Next: m},
		{Name: "v.x", Next: v},
	}
	return decoded(p)
}

var toyHeader = make([]byte, 64)

var toyTask = sync.OnceValue(func() *verify.Programs { return taskOf(toyProgram(), toyInputs) })

var toyInputs = [][]int32{toyCorpus, toyPlaces, toyHeld}

func taskOf(p *nn.Program, inputs [][]int32) *verify.Programs {
	t := &verify.Programs{
		Phases: []verify.Phase{{Program: p.Root(), Nodes: len(p.Nodes), Steps: toySteps}}, States: len(p.States),
		Header: verify.File{Root: blob.Sum(toyHeader), Size: int64(len(toyHeader))}, Words: toyRows * toyCols,
	}
	for _, ids := range inputs {
		t.Inputs = append(t.Inputs, verify.Input{Root: blob.Sum(blob.AppendWords(nil, ids)), Words: int64(len(ids))})
	}
	return t
}

// execution is a toy, run by an honest machine or a lying one.
type execution struct {
	program *nn.Program
	inputs  [][]int32
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
func executed(p *nn.Program, inputs [][]int32, lie func(m *nn.Machine, step, node int)) *execution {
	e := &execution{program: p, inputs: inputs}
	states := make([][]float32, len(p.States))
	for i := range states {
		states[i] = make([]float32, p.Values[len(p.Inputs)+i].Size())
	}
	e.commit(states)
	for step := range toySteps {
		r, err := nn.NewRecord(p, processor(), append(slices.Clone(inputs), []int32{int32(step)}), states,
			func(m *nn.Machine, node int) {
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
	e.file = blob.AppendFloats(append([]byte(nil), toyHeader...), states[0])
	return e
}

// commit adds a leaf to the trace.
func (e *execution) commit(states [][]float32) {
	e.last = nil
	for _, s := range states {
		e.last = append(e.last, blob.Sum(blob.AppendFloats(nil, s)))
	}
	e.leaves = append(e.leaves, blob.Root(e.last))
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
	truth = sync.OnceValue(func() *execution { return executed(toyProgram(), toyInputs, nil) })
	lies  = sync.OnceValue(func() []*execution {
		var all []*execution
		for i, at := range []struct{ step, node, element int }{{0, 0, 0}, {11, 3, 700}, {19, 1, 300}} {
			all = append(all, executed(toyProgram(), toyInputs, flip(toyProgram(), at.step, at.node, at.element, uint(5*i+10))))
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
	for run, units := range [][]int32{slices.Concat(toyUnits...), toyUnits[0], toyUnits[1]} {
		inputs, means := [][]int32{toyCorpus, units, toyHeld}, 2
		if run == 0 {
			inputs, means = append(inputs, toySlices), 2+2*contribution.Slices
		}
		p := measuringProgram(inputs, means)
		honest := executed(p, inputs, nil)
		all = append(all, struct {
			truth *execution
			lies  []*execution
		}{honest, []*execution{
			executed(p, inputs, flip(p, 3+run, 7, 1, 20)), executed(p, inputs, flip(p, 12, 3, 5, 20)), forged(honest)}})
	}
	return all
})

// known are the honest run of a job's work and those of liars.
func known(j Job) (honest *execution, liars []*execution) {
	if j.isChild() {
		r := measuringRuns()[j.Terms.Number]
		return r.truth, r.lies
	}
	return truth(), lies()
}

func (e *execution) Leaves() ([]verify.Hash, error)     { return e.leaves, nil }
func (e *execution) Pass(step int) (player.Pass, error) { return pass{e.records[step]}, nil }
func (e *execution) File() ([]byte, error)              { return e.file, nil }
func (e *execution) Start() ([]uint32, error)           { return nil, nil }

func (e *execution) Input(i int) ([]uint32, error) {
	return wordsOf(blob.AppendWords(nil, e.inputs[i])), nil
}

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
	root, trace := blob.Sum(e.file), blob.Root(e.leaves)
	c := Claim{
		Result: root[:], Bytes: uint64(len(e.file)), State: e.leaves[toySteps][:], Trace: trace[:], Units: units,
		End: slicesOf(blob.Path(e.leaves, toySteps)),
	}
	if len(e.last) > 1 {
		c.Measure = &MeasureClaim{Words: e.records[toySteps-1].Bytes(e.program.States[2].Next)}
		c.End = append(slicesOf(blob.Path(e.last, 2)), c.End...)
	}
	return c
}

// report is what a checker with this run sends.
func (e *execution) report(j Job, who string) *MsgReport {
	step := j.Sample(who, toySteps)
	return &MsgReport{
		Worker: who, Job: j.Id, Report: e.claim(j.Terms.Units), Leaf: e.leaves[step][:],
		Path: slicesOf(blob.Path(e.leaves, step)),
	}
}

// player plays for the owner of the run.
func (e *execution) player() *player.Player {
	run := taskOf(e.program, e.inputs)
	return player.New(run.Task(), player.Programs(run, e))
}

func slicesOf(hashes []blob.Hash) (bs [][]byte) {
	for i := range hashes {
		bs = append(bs, hashes[i][:])
	}
	return bs
}

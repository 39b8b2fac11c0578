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

// The toy is the work of all train jobs here: a step that mixes one state with random
// numbers, 20 times, and a file of a header and that state.
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
	p, err := nn.DecodeProgram(p.Encode())
	if err != nil {
		panic(err)
	}
	return p
})

var toyHeader = make([]byte, 64)

var toyTask = sync.OnceValue(func() *verify.Task {
	p := toyProgram()
	return &verify.Task{
		Phases: []verify.Phase{{Program: p.Root(), Nodes: len(p.Nodes), Steps: toySteps}}, States: 1,
		Header: verify.File{Root: verify.Hash(blob.Sum(toyHeader)), Size: int64(len(toyHeader))}, Words: toyRows * toyCols,
	}
})

// execution is the toy, run by an honest machine or a lying one.
type execution struct {
	records []*nn.Record
	leaves  []verify.Hash
	file    []byte
}

var processor = sync.OnceValue(func() *kernel.Backend {
	b, err := kernel.New("portable", 1)
	if err != nil {
		panic(err)
	}
	return b
})

// executed runs the toy. A liar flips a bit after a node of a step, counted from 0.
func executed(lie func(m *nn.Machine, step, node int)) *execution {
	e, p := &execution{}, toyProgram()
	x := [][]float32{make([]float32, toyRows*toyCols)}
	e.leaves = append(e.leaves, nn.Root([][32]byte{blob.Sum(nn.AppendFloats(nil, x[0]))}))
	for step := range toySteps {
		r, err := nn.NewRecord(p, processor(), [][]int32{{int32(step)}}, x, func(m *nn.Machine, node int) {
			if lie != nil {
				lie(m, step, node)
			}
		})
		if err != nil {
			panic(err)
		}
		content := r.Bytes(p.States[0].Next)
		for i, w := range wordsOf(content) {
			x[0][i] = math.Float32frombits(w)
		}
		e.records = append(e.records, r)
		e.leaves = append(e.leaves, nn.Root([][32]byte{blob.Sum(content)}))
	}
	e.file = nn.AppendFloats(append([]byte(nil), toyHeader...), x[0])
	return e
}

// truth is what the toy gives; lies are runs that flip one bit of one step (not of the
// lowest, which rounding may heal), and one that lies about the file alone.
var (
	truth = sync.OnceValue(func() *execution { return executed(nil) })
	lies  = sync.OnceValue(func() []*execution {
		var all []*execution
		for i, at := range []struct{ step, node, element int }{{0, 0, 0}, {11, 3, 700}, {19, 1, 300}} {
			all = append(all, executed(func(m *nn.Machine, step, node int) {
				if out := toyProgram().Nodes[node].Out[0]; step == at.step && node == at.node {
					x := &m.Floats(out)[at.element]
					*x = math.Float32frombits(math.Float32bits(*x) ^ 1<<(5*i+10))
				}
			}))
		}
		file := *truth()
		file.file = append([]byte(nil), file.file...)
		file.file[700] ^= 1
		return append(all, &file)
	})
)

func (e *execution) Leaves() ([]verify.Hash, error)     { return e.leaves, nil }
func (e *execution) Pass(step int) (verify.Pass, error) { return pass{e.records[step]}, nil }
func (e *execution) File() ([]byte, error)              { return e.file, nil }
func (e *execution) Input(int) ([]uint32, error)        { return nil, nil }
func (e *execution) Start() ([]uint32, error)           { return nil, nil }

type pass struct{ *nn.Record }

func (p pass) Program() *nn.Program    { return toyProgram() }
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
	return Claim{
		Result: root[:], Bytes: uint64(len(e.file)), State: e.leaves[toySteps][:], Trace: trace[:], Units: units,
		End: slicesOf(nn.Path(e.leaves, toySteps)),
	}
}

// report is what a checker with this run sends.
func (e *execution) report(j Job, who string) *MsgReport {
	step := j.Sample(who, toySteps)
	return &MsgReport{
		Worker: who, Job: j.Id, Report: e.claim(j.Terms.Units), Leaf: e.leaves[step][:], Path: slicesOf(nn.Path(e.leaves, step)),
	}
}

func slicesOf(hashes [][32]byte) (bs [][]byte) {
	for i := range hashes {
		bs = append(bs, hashes[i][:])
	}
	return bs
}

package verify_test

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/verify"
)

// A toy is a small random run: phases of random Programs over the same states.
type toy struct {
	programs []*nn.Program
	steps    []int
	inputs   [][]int32 // without the number of the step, which is one too
	header   []byte
	words    int    // how many words of the last states are in the file
	each     bool   // every step has tokens of its own
	start    []byte // a file; the first states stand in it behind the first from bytes
	from     int
	outputs  int  // how many a step commits to
	sound    bool // the first output counts contradictions, and no file is made
}

// sketch makes a Program node by node. The shapes are those that the operators give, which DecodeProgram
// checks.
type sketch struct {
	nn.Program
	r *rand.Rand
}

func floats(shape ...int) nn.Value { return nn.Value{Kind: nn.Float, Shape: shape} }
func ints(shape ...int) nn.Value   { return nn.Value{Kind: nn.Int, Shape: shape} }

func (s *sketch) node(op nn.Op, attr []uint64, in []nn.ID, out ...nn.Value) {
	n := nn.Node{Op: op, Attr: attr, In: in}
	for _, v := range out {
		n.Out = append(n.Out, nn.ID(len(s.Values)))
		s.Values = append(s.Values, v)
	}
	s.Nodes = append(s.Nodes, n)
}

// find returns a random float value with dims dimensions whose shape is ok.
func (s *sketch) find(dims int, ok func(shape []int) bool) (nn.ID, []int, bool) {
	for _, i := range s.r.Perm(len(s.Values)) {
		if v := s.Values[i]; v.Kind == nn.Float && len(v.Shape) == dims && ok(v.Shape) {
			return nn.ID(i), v.Shape, true
		}
	}
	return 0, nil, false
}

func any2([]int) bool { return true }

// grow adds a random node, or none if no value fits.
func (s *sketch) grow() {
	x, sx, _ := s.find(2, any2)
	rows, d := sx[0], sx[1]
	f32 := func(x float32) uint64 { return uint64(math.Float32bits(x)) }
	switch s.r.IntN(12) {
	case 0:
		s.node(nn.OpNormal, []uint64{s.r.Uint64(), s.r.Uint64N(9), f32(1), uint64(rows), uint64(d)}, nil, floats(rows, d))
	case 1:
		s.node(nn.OpFill, []uint64{f32(float32(s.r.NormFloat64())), uint64(d)}, nil, floats(d))
	case 2, 3:
		if w, sw, ok := s.find(2, func(w []int) bool { return w[0] == d }); ok {
			s.node(nn.OpMatMul, nil, []nn.ID{x, w}, floats(rows, sw[1]))
		}
	case 4:
		if w, sw, ok := s.find(2, func(w []int) bool { return w[1] == d }); ok {
			s.node(nn.OpMatMulNT, nil, []nn.ID{x, w}, floats(rows, sw[0]))
		}
	case 5:
		if w, sw, ok := s.find(2, func(w []int) bool { return w[0] == rows }); ok {
			s.node(nn.OpMatMulTN, nil, []nn.ID{x, w}, floats(d, sw[1]))
		}
	case 6:
		if y, _, ok := s.find(2, func(w []int) bool { return slices.Equal(w, sx) }); ok {
			s.node([]nn.Op{nn.OpAdd, nn.OpSwiGLU}[s.r.IntN(2)], nil, []nn.ID{x, y}, floats(rows, d))
		}
	case 7:
		if g, _, ok := s.find(1, func(w []int) bool { return w[0] == d }); ok {
			s.node(nn.OpRMSNorm, []uint64{f32(1e-5)}, []nn.ID{x, g}, floats(rows, d), floats(rows))
		}
	case 8:
		s.node([]nn.Op{nn.OpMean, nn.OpSumSquares}[s.r.IntN(2)], nil, []nn.ID{x}, floats(1))
	case 9:
		s.node(nn.OpAttention, []uint64{uint64(rows), 1}, []nn.ID{x, x, x},
			floats(rows, d), floats(1, 1, rows, rows), floats(rows), floats(rows))
	case 10:
		s.node(nn.OpEmbed, nil, []nn.ID{x, 0}, floats(s.Values[0].Shape[0], d))
	case 11:
		if m, _, ok := s.find(1, func(w []int) bool { return w[0] == 1 }); ok {
			s.node(nn.OpClipScale, []uint64{f32(0.5)}, []nn.ID{m}, floats(1))
		}
	}
}

// settle lets each state become a value of its shape, if there is one.
func (s *sketch) settle(first int) {
	for i := range s.States {
		id := nn.ID(first + i)
		s.States[i].Next = id
		shape := s.Values[id].Shape
		next, _, ok := s.find(len(shape), func(w []int) bool { return slices.Equal(w, shape) })
		if ok && int(next) >= first+len(s.States) {
			s.States[i].Next = next
		}
	}
}

func randomToy(r *rand.Rand) *toy {
	t := &toy{header: make([]byte, 4*r.IntN(400)+4)}
	for i := range t.header {
		t.header[i] = byte(r.Uint32())
	}
	tokens := make([]int32, 1+r.IntN(20))
	shapes := [][]int{{1}}
	for range 1 + r.IntN(3) {
		shapes = append(shapes, []int{1 + r.IntN(24), 1 + r.IntN(40)}, []int{1 + r.IntN(40)})
	}
	if r.IntN(3) == 0 {
		shapes = append(shapes, shapes[len(shapes)-1]) // two states of one shape
	}
	n := len(tokens)
	least := n
	for _, s := range shapes {
		if len(s) == 2 {
			least = min(least, s[0], s[1])
		}
		t.words += size(s)
	}
	for i := range tokens {
		tokens[i] = r.Int32N(int32(least)) // every matrix has this row
	}
	t.each, t.outputs = r.IntN(2) == 0, r.IntN(3)
	steps := 0
	for range 1 + r.IntN(3) {
		t.programs = append(t.programs, randomProgram(r, len(tokens), shapes, t.outputs))
		t.steps = append(t.steps, 1+r.IntN(20))
		steps += t.steps[len(t.steps)-1]
	}
	if r.IntN(2) == 0 {
		t.from = 4 * r.IntN(100)
		t.start = make([]byte, t.from+4*(t.words-r.IntN(t.words)))
		for i := t.from / 4; i < len(t.start)/4; i++ {
			binary.LittleEndian.PutUint32(t.start[4*i:], blob.Word(float32(r.NormFloat64())))
		}
	}
	for range steps - 1 {
		if t.each {
			for range tokens[:n] {
				tokens = append(tokens, r.Int32N(int32(least)))
			}
		}
	}
	t.inputs = [][]int32{tokens}
	return t
}

// given are the inputs of a step.
func (t *toy) given(inputs [][]int32, step, number int) [][]int32 {
	tokens := inputs[0]
	if n := t.programs[0].Values[0].Size(); t.each {
		tokens = tokens[step*n : (step+1)*n]
	}
	return [][]int32{tokens, {int32(number)}}
}

func size(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

func randomProgram(r *rand.Rand, tokens int, shapes [][]int, outputs int) *nn.Program {
	s := &sketch{r: r}
	s.Inputs = []string{"tokens", "step"}
	s.Values = []nn.Value{ints(tokens), ints(1)}
	for i, shape := range shapes {
		s.States = append(s.States, nn.State{Name: string(rune('a' + i))})
		s.Values = append(s.Values, floats(shape...))
	}
	for range 3 + r.IntN(40) {
		s.grow()
	}
	if len(s.Nodes) == 0 {
		s.node(nn.OpFill, []uint64{0, 3}, nil, floats(3))
	}
	s.settle(2)
	for i := range outputs {
		n := s.Nodes[r.IntN(len(s.Nodes))]
		s.Outputs = append(s.Outputs, nn.Output{Name: string(rune('y' + i)), ID: n.Out[r.IntN(len(n.Out))]})
	}
	p, err := nn.DecodeProgram(s.Encode())
	if err != nil {
		panic(err)
	}
	return p
}

func (t *toy) run() *verify.Programs {
	run := &verify.Programs{
		States: len(t.programs[0].States), Words: int64(t.words),
		Header: verify.File{Root: blob.Sum(t.header), Size: int64(len(t.header))},
	}
	if run.Sound = t.sound; t.sound {
		run.Header = verify.File{}
	}
	for i, p := range t.programs {
		run.Phases = append(run.Phases, verify.Phase{
			Program: p.Root(), Nodes: len(p.Nodes), Steps: t.steps[i], Outputs: t.outputs,
		})
	}
	for _, in := range t.inputs {
		run.Inputs = append(run.Inputs, verify.Input{
			Root: blob.Sum(blob.AppendWords(nil, in)), Words: int64(t.programs[0].Values[0].Size()), Each: t.each,
		})
	}
	if t.start != nil {
		run.Start = verify.File{Root: blob.Sum(t.start), Size: int64(len(t.start)), From: int64(t.from)}
	}
	return run
}

package nn

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/minga-network/minga/blob"
)

var testPhases = Phases{Config: tiny, Optimizer: testOptimizer, Seed: 9, Batch: 2, Corpus: 90, Datasets: 3, Held: 5}

// testInputs are constant inputs of testPhases.
func testInputs() [][]int32 {
	r := rand.New(rand.NewPCG(1, 9))
	corpus, windows := make([]int32, testPhases.Corpus), make([]int32, testPhases.Held*(tiny.Context+1))
	fillTokens(r, tiny.Vocab, corpus, windows)
	return [][]int32{corpus, {0, 20, 30, 3, 40, 44}, windows}
}

func phasePrograms(t testing.TB) []*Program {
	t.Helper()
	var programs []*Program
	for _, build := range []func() (*Program, error){
		testPhases.Initial, testPhases.Training,
		func() (*Program, error) { return testPhases.Validation(SlotFirst) },
		func() (*Program, error) { return testPhases.Validation(SlotLast) },
	} {
		p, err := build()
		if err != nil {
			t.Fatal(err)
		}
		programs = append(programs, p)
	}
	return programs
}

func TestPhasePrograms(t *testing.T) {
	roots := map[blob.Hash]bool{}
	for i, p := range phasePrograms(t) {
		q, err := DecodeProgram(p.Encode())
		if err != nil || !reflect.DeepEqual(p, q) {
			t.Errorf("program %d: another came back, error %v", i, err)
		}
		root := p.Root()
		roots[root] = true
		for n := range p.Nodes {
			proof, err := p.ProveNode(n)
			if err != nil {
				t.Fatal(err)
			}
			if _, _, _, err := proof.Node(root, len(p.States), len(p.Nodes)); err != nil {
				t.Errorf("program %d, node %d: %v", i, n, err)
			}
		}
	}
	if len(roots) != 4 {
		t.Error("two programs are one")
	}
	for name, c := range map[string]Phases{
		"no validation windows": {Config: tiny, Optimizer: testOptimizer, Batch: 2, Corpus: 90, Datasets: 1},
		"no datasets":           {Config: tiny, Optimizer: testOptimizer, Batch: 2, Corpus: 90, Held: 1},
		"no optimizer":          {Config: tiny, Batch: 2, Corpus: 90, Datasets: 1, Held: 1},
		"no batch":              {Config: tiny, Optimizer: testOptimizer, Corpus: 90, Datasets: 1, Held: 1},
	} {
		if _, err := c.Initial(); err == nil {
			t.Errorf("%s: built anyway", name)
		}
	}
}

// The shape of a node that makes its output of nothing is in its attributes.
func TestAttributesThatAreAShape(t *testing.T) {
	for name, attr := range map[string][]uint64{
		"no shape": {0}, "five dimensions": {0, 1, 1, 1, 1, 1}, "an empty dimension": {0, 4, 0},
		"too large": {0, 1 << 20, 1 << 20}, "far too large": {0, 1 << 63},
	} {
		b := &builder{}
		if b.one(OpFill, attr); !errors.Is(b.err, ErrProgram) {
			t.Errorf("%s: error %v, want ErrProgram", name, b.err)
		}
	}
}

// The first step of a run makes the weights of a new model, once or again.
func TestInitialWeights(t *testing.T) {
	p, err := testPhases.Initial()
	m := bind(t, p, err, newBackend(t, "", 2))
	for range 2 {
		m.Run()
		for i, w := range Initial(tiny, testPhases.Seed, newBackend(t, "", 1)) {
			if !slices.Equal(m.state[i], w.Data) {
				t.Fatalf("weight %s is another", w.Name)
			}
			m.state[i][0]++ // the next pass must write it again
		}
	}
}

// A curve's points are the means over their steps, of which the last has fewer.
func TestCurve(t *testing.T) {
	c := testPhases
	c.Optimizer.Steps = 130
	p, err := c.Training()
	m := bind(t, p, err, newBackend(t, "", 1))
	for i, in := range testInputs() {
		copy(m.Ints(ID(i)), in)
	}
	var want []float64
	for step := range 130 {
		m.input(t, InputStep)[0] = int32(step)
		m.Run()
		if step%3 == 0 {
			want = append(want, 0)
		}
		want[step/3] += float64(m.output(t, OutputLoss)[0]) / float64(min(3, 130-step/3*3))
	}
	curve := m.state[len(tiny.Tensors())]
	if c.Interval() != 3 || len(curve) != 44 || len(want) != 44 {
		t.Fatalf("%d points, one for every %d steps", len(curve), c.Interval())
	}
	for i, loss := range curve {
		if math.Abs(float64(loss)-want[i]) > 1e-5 {
			t.Errorf("point %d is %v, want %v", i, loss, want[i])
		}
	}
}

func TestDrawnWindows(t *testing.T) {
	c, places := testPhases, testInputs()[1]
	c.Optimizer.Steps = 400
	want := make([]uint64, 3)
	for step := range 400 {
		for row := range c.Batch {
			start := drawWindow(c.Seed, int32(step), row, places)
			d := 2
			for start < places[2*d] {
				d--
			}
			if start >= places[2*d]+places[2*d+1] {
				t.Fatalf("a window starts at %d", start)
			}
			want[d]++
		}
	}
	if got := c.Drawn(places); !slices.Equal(got, want) || got[0] < 180 || got[1] < 10 || got[2] < 450 {
		t.Errorf("%v windows drawn, want %v", got, want)
	}
}

// A record of a step has what every node reads and makes, from the states before
// to those after, and the machine that trains arrives at the same.
func TestRecordIsAPass(t *testing.T) {
	for i, p := range phasePrograms(t) {
		m := bind(t, p, nil, newBackend(t, "", 2))
		r := rand.New(rand.NewPCG(2, uint64(i)))
		for _, s := range m.state {
			for j := range s {
				s[j] = float32(math.Abs(r.NormFloat64()))
			}
		}
		inputs := append(testInputs(), []int32{1})
		for id, in := range inputs {
			copy(m.Ints(ID(id)), in)
		}
		rec, err := NewRecord(p, newBackend(t, "portable", 1), inputs, m.state, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range p.Nodes {
			in := make([]operand, len(n.In))
			for j, id := range n.In {
				in[j] = rec.machine.memory[id]
			}
			for o, out := range execute(t, "reference", n, in) {
				for j, word := range rec.Words(n.Out[o]) {
					if out.word(j) != word || rec.Word(n.Out[o], j) != word ||
						binary.LittleEndian.Uint32(rec.Bytes(n.Out[o])[4*j:]) != word {
						t.Fatalf("program %d, %v: output %d, element %d is %08x, want %08x", i, n.Op, o, j, word, out.word(j))
					}
				}
			}
		}
		for s := range m.state {
			if !slices.Equal(rec.machine.memory[len(p.Inputs)+s].f, m.state[s]) {
				t.Fatalf("program %d: state %d was changed by recording", i, s)
			}
		}
		m.Run()
		for s, st := range p.States {
			if !bytes.Equal(rec.Bytes(st.Next), blob.AppendFloats(nil, m.state[s])) {
				t.Fatalf("program %d: the machine gives another state %s", i, st.Name)
			}
		}
	}
}

func TestRecordRefuses(t *testing.T) {
	p := phasePrograms(t)[1]
	inputs := append(testInputs(), []int32{0})
	state := bind(t, p, nil, newBackend(t, "", 1)).state
	for name, given := range map[string]struct {
		in [][]int32
		st [][]float32
	}{
		"an input too few":  {inputs[1:], state},
		"a short input":     {append([][]int32{inputs[0][1:]}, inputs[1:]...), state},
		"a long input":      {append([][]int32{append(inputs[0], 1)}, inputs[1:]...), state},
		"a state too few":   {inputs, state[1:]},
		"a state too short": {inputs, append([][]float32{state[0][1:]}, state[1:]...)},
	} {
		if _, err := NewRecord(p, newBackend(t, "", 1), given.in, given.st, nil); !errors.Is(err, ErrProgram) {
			t.Errorf("%s: error %v, want ErrProgram", name, err)
		}
	}
}

// What is changed after a node is what the rest of the pass reads, on a machine
// and in a record alike; constant nodes are computed again in each pass.
func TestChangesAfterANode(t *testing.T) {
	b := &builder{}
	b.input(InputStep, ints(1))
	s := b.state("s", 4)
	one := b.one(OpFill, []uint64{bits(1), 4})
	b.next(s, b.one(OpAdd, nil, b.one(OpAdd, nil, s, one), one))
	p, err := b.done()
	m := bind(t, p, err, newBackend(t, "", 1))
	calls := 0
	change := func(m *Machine, node int) {
		calls++
		if node == 0 && m.Ints(0)[0] == 1 {
			m.Floats(p.Nodes[0].Out[0])[2] = 10
		}
	}
	m.After = func(node int) { change(m.Machine, node) }
	for step := range int32(3) {
		rec, err := NewRecord(p, newBackend(t, "", 1), [][]int32{{step}}, m.state, change)
		if err != nil {
			t.Fatal(err)
		}
		m.Ints(0)[0] = step
		m.Run()
		if !bytes.Equal(rec.Bytes(p.States[0].Next), blob.AppendFloats(nil, m.state[0])) {
			t.Errorf("step %d: the record ends otherwise", step)
		}
	}
	if want := []float32{6, 6, 24, 6}; !slices.Equal(m.state[0], want) || calls != 18 {
		t.Errorf("state %v after %d calls, want %v", m.state[0], calls, want)
	}
}

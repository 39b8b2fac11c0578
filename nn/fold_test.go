package nn

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/minga-network/minga/blob"
)

// special are values on which sloppy arithmetic shows.
var special = []float32{
	0, float32(math.Copysign(0, -1)), 1, -1, math.MaxFloat32, -math.MaxFloat32,
	math.SmallestNonzeroFloat32, -0x1p-127, 0x1p-126, 0x1.fffffep-127, 0x1p-75, 1 + 0x1p-23, 0x1p24, 1e19,
	88.8, -88.8, -95, -104, float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()), float(0xffc12345),
}

// someFloats are ordinary numbers, or of a wide range, or next to special ones.
func someFloats(r *rand.Rand, n int) []float32 {
	x, kind := make([]float32, n), r.IntN(4)
	for i := range x {
		switch {
		case kind == 0 && r.IntN(20) == 0:
			x[i] = special[r.IntN(len(special))]
		case kind == 1:
			x[i] = float32(math.Ldexp(r.NormFloat64(), r.IntN(200)-130))
		default:
			x[i] = float32(r.NormFloat64())
		}
	}
	return x
}

// arrays are the values of a node: what its folds may read.
type arrays struct {
	in, out []operand
	done    []bool           // the outputs that are computed already
	chunks  map[[3]int]bool  // what the step at hand reads: own, index, chunk
	refuse  func(why string) // a read that no fold should make
}

// of returns what the fold reads from, nil after a refusal.
func (a *arrays) of(v Operand, at int, kind Kind) *operand {
	from, own := a.in, 0
	if v.Own {
		from, own = a.out, 1
		if v.Index < len(a.done) && !a.done[v.Index] {
			a.refuse(fmt.Sprintf("output %d is read before it is there", v.Index))
			return nil
		}
	}
	if v.Index < 0 || v.Index >= len(from) || at < 0 || at >= size(from[v.Index].shape) ||
		(kind == Int) != (from[v.Index].i != nil) {
		a.refuse(fmt.Sprintf("element %d of %+v is read as %v", at, v, kind))
		return nil
	}
	const chunk = 256 // elements in 1 KiB
	a.chunks[[3]int{own, v.Index, at / chunk}] = true
	return &from[v.Index]
}

func (a *arrays) Float(v Operand, at int) float32 {
	if o := a.of(v, at, Float); o != nil {
		return o.f[at]
	}
	return 0
}

func (a *arrays) Int(v Operand, at int) int32 {
	if o := a.of(v, at, Int); o != nil {
		return o.i[at]
	}
	return 0
}

func makeOperand(v Value) operand {
	o := operand{shape: v.Shape}
	if v.Kind == Int {
		o.i = make([]int32, v.Size())
	} else {
		o.f = make([]float32, v.Size())
	}
	return o
}

func (o operand) word(i int) uint32 {
	if o.i != nil {
		return uint32(o.i[i])
	}
	return blob.Word(o.f[i])
}

func (o operand) value() Value {
	if o.i != nil {
		return ints(o.shape...)
	}
	return floats(o.shape...)
}

func valuesOf(os []operand) []Value {
	vs := make([]Value, len(os))
	for i, o := range os {
		vs[i] = o.value()
	}
	return vs
}

// execute runs a node with a backend into fresh memory.
func execute(t testing.TB, backend string, n Node, in []operand) []operand {
	t.Helper()
	shapes, err := operators[n.Op].shape(n.Attr, valuesOf(in))
	if err != nil {
		t.Fatalf("%v: %v", n.Op, err)
	}
	c := call{attr: n.Attr, in: in, gather: make([]float32, len(in))}
	for _, v := range shapes {
		c.out = append(c.out, makeOperand(v))
	}
	operators[n.Op].run(newBackend(t, backend, 1), &c)
	return c.out
}

// checkFolds evaluates elements of a node by their folds, all of them or most
// of each output, compares them with what a kernel made, and returns the most
// chunks that a step read.
func checkFolds(t testing.TB, r *rand.Rand, n Node, in, out []operand, most int) (chunks int) {
	t.Helper()
	a := &arrays{in: in, out: out, done: make([]bool, len(out))}
	n.Out = make([]ID, len(out))
	inputs, outputs := valuesOf(in), valuesOf(out)
	for _, o := range n.Order() {
		count := size(out[o].shape)
		for i := range min(count, most) {
			if count > most {
				i = r.IntN(count)
			}
			a.refuse = func(why string) { t.Fatalf("%v, output %d%v, element %d: %s", n.Op, o, out[o].shape, i, why) }
			f, err := n.Fold(inputs, outputs, o, i)
			if err != nil {
				t.Fatal(err)
			}
			got, width := evaluate(f, a)
			if want := out[o].word(i); got != want {
				t.Fatalf("%v, output %d%v, element %d: the fold gives %08x, the kernel %08x", n.Op, o, out[o].shape, i, got, want)
			}
			chunks = max(chunks, width)
		}
		a.done[o] = true
	}
	if slices.Contains(a.done, false) {
		t.Fatalf("%v: order %v leaves an output out", n.Op, n.Order())
	}
	return chunks
}

func evaluate(f Fold, a *arrays) (word uint32, chunks int) {
	r := slices.Clone(f.Start)
	for p := range f.Steps {
		a.chunks = map[[3]int]bool{}
		f.Step(p, r, a)
		chunks = max(chunks, len(a.chunks))
	}
	return r[0], chunks
}

// maxChunks bounds what one step reads: each chunk of 1 KiB goes with a path into
// one message of at most 16 KiB.
const maxChunks = 4

// Every kernel agrees with the folds in every bit of every output.
func TestFoldsAreTheKernels(t *testing.T) {
	for op := range operators {
		t.Run(op.String(), func(t *testing.T) {
			t.Parallel()
			if samples[op] == nil {
				t.Fatal("no sample")
			}
			r := rand.New(rand.NewPCG(uint64(op), 3))
			chunks := 0
			for range 60 {
				n, in := drawNode(r, op, someFloats)
				out := execute(t, "reference", n, in)
				chunks = max(chunks, checkFolds(t, r, n, in, out, math.MaxInt))
				for _, backend := range []string{"portable", ""} {
					requireSameWords(t, n, execute(t, backend, n, in), out)
				}
			}
			if chunks > maxChunks {
				t.Errorf("a step reads %d chunks", chunks)
			}
			t.Logf("at most %d chunks in a step", chunks)
		})
	}
}

func requireSameWords(t testing.TB, n Node, got, want []operand) {
	t.Helper()
	for o := range want {
		for i := range size(want[o].shape) {
			if got[o].word(i) != want[o].word(i) {
				t.Fatalf("%v, output %d, element %d: the kernels give %08x and %08x", n.Op, o, i, got[o].word(i), want[o].word(i))
			}
		}
	}
}

// Every node of a whole training step, on the values that it has there.
func TestFoldsOfTraining(t *testing.T) {
	p := trainingProgram(t)
	r := rand.New(rand.NewPCG(5, 6))
	m := bind(t, p, nil, newBackend(t, "", 2))
	given := len(p.Inputs) + len(p.States)
	values := make([]operand, len(p.Values))
	for id := range given {
		values[id] = makeOperand(p.Values[id])
		for i := range values[id].i {
			values[id].i[i] = int32(r.IntN(tiny.Vocab))
		}
		for i := range values[id].f {
			values[id].f[i] = float32(math.Abs(r.NormFloat64() * 0.5)) // a second moment has a root
		}
		copy(m.memory[id].i, values[id].i)
		copy(m.memory[id].f, values[id].f)
	}
	for _, n := range p.Nodes {
		in := make([]operand, len(n.In))
		for i, id := range n.In {
			in[i] = values[id]
		}
		out := execute(t, "", n, in)
		checkFolds(t, r, n, in, out, 1000)
		for i, id := range n.Out {
			values[id] = out[i]
		}
	}
	m.Run()
	for i, s := range p.States {
		for j, x := range m.state[i] {
			if blob.Word(x) != values[s.Next].word(j) {
				t.Fatalf("state %s, element %d: the machine gives %v, its nodes %v", s.Name, j, x, values[s.Next].f[j])
			}
		}
	}
}

// What a dispute may have to narrow down in a model of some size.
func TestFoldsAreSmall(t *testing.T) {
	cfg := Config{Vocab: 32000, Layers: 6, Dim: 256, Heads: 8, Hidden: 1024, Context: 256, Theta: 10000, Eps: 1e-5}
	p, err := Training(cfg, 8, testOptimizer)
	if err != nil {
		t.Fatal(err)
	}
	requireSmallFolds(t, p)
	if p, err = Inference(cfg); err != nil {
		t.Fatal(err)
	}
	requireSmallFolds(t, p)
}

func requireSmallFolds(t *testing.T, p *Program) {
	t.Helper()
	steps, registers := map[Op]int{}, 0
	for _, n := range p.Nodes {
		in, out := p.pick(n.In), p.pick(n.Out)
		for o, v := range out {
			for _, e := range []int{0, v.Size() / 2, v.Size() - 1} {
				f, err := n.Fold(in, out, o, e)
				if err != nil {
					t.Fatal(err)
				}
				if f.Steps < 1 || len(f.Start) < 1 || len(f.Start) > MaxRegisters {
					t.Fatalf("%v, output %d, element %d: %d steps, %d registers", n.Op, o, e, f.Steps, len(f.Start))
				}
				steps[n.Op], registers = max(steps[n.Op], f.Steps), max(registers, len(f.Start))
			}
		}
	}
	t.Logf("%d registers; steps %v", registers, steps)
}

// No registers, operands or tokens make a step panic or read outside of its
// arrays: the chain executes what strangers send.
func TestStepsEndureAnything(t *testing.T) {
	for op := range samples {
		r := rand.New(rand.NewPCG(uint64(op), 4))
		for range 50 {
			n, in := drawNode(r, op, func(r *rand.Rand, n int) []float32 {
				x := make([]float32, n)
				for i := range x {
					x[i] = float(uint64(r.Uint32()))
				}
				return x
			})
			disturb(t, r, n, in)
		}
	}
}

// disturb executes steps of a node out of the order, on any words.
func disturb(t testing.TB, r *rand.Rand, n Node, in []operand) {
	t.Helper()
	for _, o := range in {
		for i := range o.i {
			o.i[i] = []int32{int32(r.Uint32()), int32(r.IntN(9)) - 4, math.MaxInt32, math.MinInt32, -1}[r.IntN(5)]
		}
	}
	shapes, err := operators[n.Op].shape(n.Attr, valuesOf(in))
	if err != nil {
		t.Fatal(err)
	}
	a := &arrays{in: in, chunks: map[[3]int]bool{}, refuse: func(why string) { t.Fatalf("%v: %s", n.Op, why) }}
	for _, v := range shapes {
		o := makeOperand(v)
		for i := range v.Size() {
			if v.Kind == Int {
				o.i[i] = int32(r.Uint32())
			} else {
				o.f[i] = float(uint64(r.Uint32()))
			}
		}
		a.out = append(a.out, o)
	}
	for o, v := range shapes {
		f, err := n.Fold(valuesOf(in), shapes, o, r.IntN(v.Size()))
		if err != nil {
			t.Fatal(err)
		}
		registers := make([]uint32, len(f.Start))
		for range 40 {
			for i := range registers {
				registers[i] = r.Uint32()
			}
			f.Step(r.IntN(f.Steps), registers, a)
		}
		f.Step(f.Steps-1, registers, a)
	}
}

func TestFoldRefuses(t *testing.T) {
	n := Node{Op: OpAdd}
	x := []Value{floats(3)}
	for _, at := range [][2]int{{-1, 0}, {1, 0}, {0, -1}, {0, 3}} {
		if _, err := n.Fold([]Value{x[0], x[0]}, x, at[0], at[1]); err == nil {
			t.Errorf("output %d, element %d has a fold", at[0], at[1])
		}
	}
	if _, err := (Node{Op: 99}).Fold(nil, x, 0, 0); err == nil {
		t.Error("an unknown operator has a fold")
	}
	if order := (Node{Op: 99, Out: []ID{7, 8}}).Order(); !slices.Equal(order, []int{0, 1}) {
		t.Errorf("an unknown operator has the order %v", order)
	}
}

// FuzzFold runs any operator on any words in shapes of a seed.
func FuzzFold(f *testing.F) {
	for op := range Op(len(samples) + 1) {
		f.Add(byte(op), uint64(op), []byte{0, 0, 192, 127, 1, 0, 0, 0, 0, 0, 0, 128, 0, 0, 128, 255, 0, 0, 128, 63})
	}
	f.Fuzz(func(t *testing.T, op byte, seed uint64, raw []byte) {
		if samples[Op(op)] == nil {
			return
		}
		r := rand.New(rand.NewPCG(seed, 0))
		at := 0
		n, in := drawNode(r, Op(op), func(_ *rand.Rand, n int) []float32 {
			x := make([]float32, n)
			for i := range x {
				w := uint64(0)
				for b := range min(4, len(raw)) {
					w |= uint64(raw[(at+b)%len(raw)]) << (8 * b)
				}
				at += 4
				x[i] = float(w)
			}
			return x
		})
		out := execute(t, "", n, in)
		checkFolds(t, r, n, in, out, 50)
		requireSameWords(t, n, execute(t, "portable", n, in), out)
		requireSameWords(t, n, execute(t, "reference", n, in), out)
		disturb(t, r, n, in)
	})
}

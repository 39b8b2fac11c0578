package train

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/nn/file"
)

// The roots of a run are those of its states, the trace and the state hash
// follow from them, and recording any step gives the same.
func TestReplayGivesTheRun(t *testing.T) {
	s, data := small(t)
	ctx, b := context.Background(), backend(t, "", 2)
	store := memory{}
	want := run(t, s, data, b, Options{Store: store})
	stored := NewReplay(ctx, written(t, s, data), b,
		Options{Store: store, Progress: func(Progress) { t.Error("trained again") }})
	alone := NewReplay(ctx, written(t, s, data), backend(t, "portable", 1), Options{})
	for name, replay := range map[string]*Replay{"from checkpoints": stored, "from the beginning": alone} {
		leaves, err := replay.Leaves()
		if err != nil {
			t.Fatal(err)
		}
		steps := len(leaves) - 1
		if steps != replay.Plan().Steps() || blob.Root(leaves) != want.Trace || leaves[steps] != want.StateHash {
			t.Fatalf("%s: %d leaves, not those of the run", name, len(leaves))
		}
		for _, step := range append(rand.Perm(steps)[:8], 0, steps-1) {
			checkRecord(t, replay, leaves, step+1)
		}
		for _, step := range []int{0, steps + 1} {
			if _, err := replay.Record(step); err == nil {
				t.Errorf("%s: step %d of %d recorded", name, step, steps)
			}
		}
		if file, err := replay.File(); err != nil || string(file) != string(want.File) {
			t.Errorf("%s: another file, error %v", name, err)
		}
	}
}

// checkRecord compares the states before and after a recorded step with the leaves
// of the run's trace, and the nodes with their folds.
func checkRecord(t *testing.T, replay *Replay, leaves []blob.Hash, step int) {
	t.Helper()
	r, err := replay.Record(step)
	if err != nil {
		t.Fatal(err)
	}
	p := r.Program()
	var before, after []blob.Hash
	for i, s := range p.States {
		before = append(before, blob.Sum(r.Bytes(nn.ID(len(p.Inputs)+i))))
		after = append(after, blob.Sum(r.Bytes(s.Next)))
	}
	if blob.Root(before) != leaves[step-1] {
		t.Errorf("step %d is recorded from other states", step)
	}
	if blob.Root(after) != leaves[step] {
		t.Errorf("step %d is recorded to other states", step)
	}
	phase, number := replay.Plan().At(step)
	if p != replay.Plan().Phases[phase].Program || r.Word(nn.ID(len(p.Inputs)-1), 0) != uint32(number) {
		t.Errorf("step %d is recorded as step %d of another phase", step, number)
	}
	for _, n := range p.Nodes[max(0, len(p.Nodes)-40):] {
		checkFold(t, r, n, step)
	}
}

// checkFold compares an element of each output of a node with its fold.
func checkFold(t *testing.T, r *nn.Record, n nn.Node, step int) {
	t.Helper()
	pick := func(ids []nn.ID) (vs []nn.Value) {
		for _, id := range ids {
			vs = append(vs, r.Program().Values[id])
		}
		return vs
	}
	in, out := pick(n.In), pick(n.Out)
	for o, v := range out {
		e := rand.IntN(v.Size())
		f, err := n.Fold(in, out, o, e)
		if err != nil {
			t.Fatal(err)
		}
		registers := append([]uint32(nil), f.Start...)
		for p := range f.Steps {
			f.Step(p, registers, operands{r, n})
		}
		if want := r.Word(n.Out[o], e); registers[0] != want {
			t.Errorf("step %d, %v: element %d of output %d is %08x, its fold gives %08x", step, n.Op, e, o, want, registers[0])
		}
	}
}

// operands reads a node's values from a record.
type operands struct {
	r *nn.Record
	n nn.Node
}

func (o operands) word(v nn.Operand, at int) uint32 {
	if v.Own {
		return o.r.Word(o.n.Out[v.Index], at)
	}
	return o.r.Word(o.n.In[v.Index], at)
}

func (o operands) Float(v nn.Operand, at int) float32 { return math.Float32frombits(o.word(v, at)) }
func (o operands) Int(v nn.Operand, at int) int32     { return int32(o.word(v, at)) }

// A liar changes a bit of a gradient. Its run follows from the lie, and so do its
// records: only the node that it lied about contradicts its folds.
func TestLiarIsConsistent(t *testing.T) {
	s, data := small(t)
	b := backend(t, "", 1)
	honest := run(t, s, data, b, Options{})
	plan := written(t, s, data)
	lieStep := plan.Phases[0].Steps + plan.Phases[1].Steps + 7
	program := plan.Phases[phaseTraining].Program
	lieNode := 0
	for i, n := range program.Nodes {
		if n.Op == nn.OpMatMulTN {
			lieNode = i
		}
	}
	lie := Options{Store: memory{}, Observe: func(step int, m *nn.Machine, node int) {
		if step == lieStep && node == lieNode {
			g := m.Floats(program.Nodes[node].Out[0])
			g[3] = math.Float32frombits(math.Float32bits(g[3]) ^ 1<<20)
		}
	}}
	lied := run(t, s, data, b, lie)
	if lied.StateHash == honest.StateHash || lied.Trace == honest.Trace {
		t.Fatal("the lie does not show")
	}
	liar := NewReplay(context.Background(), written(t, s, data), b, lie)
	roots, err := liar.Leaves()
	if err != nil {
		t.Fatal(err)
	}
	truth := NewReplay(context.Background(), written(t, s, data), b, Options{})
	right, err := truth.Leaves()
	if err != nil {
		t.Fatal(err)
	}
	for i := range roots {
		if (roots[i] == right[i]) != (i < lieStep) {
			t.Fatalf("lied in step %d, leaf %d is equal: %v", lieStep, i, roots[i] == right[i])
		}
	}
	claimed, err := liar.Record(lieStep)
	if err != nil {
		t.Fatal(err)
	}
	correct, err := truth.Record(lieStep)
	if err != nil {
		t.Fatal(err)
	}
	for i, n := range program.Nodes[:lieNode+1] {
		for _, id := range n.Out {
			if same := string(claimed.Bytes(id)) == string(correct.Bytes(id)); same != (i < lieNode) {
				t.Fatalf("lied in node %d, node %d is equal: %v", lieNode, i, same)
			}
		}
	}
	after, err := liar.Record(lieStep + 1)
	if err != nil {
		t.Fatal(err)
	}
	for i, st := range program.States {
		if string(after.Bytes(nn.ID(len(program.Inputs)+i))) != string(claimed.Bytes(st.Next)) {
			t.Fatalf("state %s is another one step later", st.Name)
		}
	}
}

// The file is the header, known before, and the float32 of the first states.
func TestFileIsHeaderAndStates(t *testing.T) {
	s, data := small(t)
	b := backend(t, "", 1)
	r := NewReplay(context.Background(), written(t, s, data), b, Options{})
	last, err := r.Record(r.Plan().Steps())
	if err != nil {
		t.Fatal(err)
	}
	made := append([]byte(nil), r.Plan().Header...)
	for _, st := range last.Program().States {
		made = append(made, last.Bytes(st.Next)...)
	}
	made = made[:len(r.Plan().Header)+4*r.Plan().Floats]
	want := run(t, s, data, b, Options{})
	if string(want.File) != string(made) {
		t.Error("another file")
	}
	m, err := file.Decode(made)
	if err != nil {
		t.Fatal(err)
	}
	log, err := ReadLog(m)
	if err != nil {
		t.Fatal(err)
	}
	if log.LossFirst != want.LossFirst || log.LossLast != want.LossLast || len(log.Losses) != len(want.Losses) ||
		!(log.LossLast < log.LossFirst) {
		t.Errorf("the file says %+v", log)
	}
	if len(r.Plan().Header)%4 != 0 {
		t.Error("the floats are not aligned")
	}
}

// A run begins with zeros; its phases come in their order, on the same states and inputs.
func TestPhases(t *testing.T) {
	s, data := small(t)
	var order []int
	r := NewReplay(context.Background(), written(t, s, data), backend(t, "", 1),
		Options{Observe: func(step int, m *nn.Machine, node int) {
			if node == 0 {
				order = append(order, step)
			}
		}})
	p := r.Plan()
	if n := p.Steps(); n != 1+2*p.Phases[1].Steps+s.Train.Steps || p.Phases[2].Steps != s.Train.Steps ||
		p.Phases[0].Steps != 1 {
		t.Errorf("%d steps", n)
	}
	first, err := r.Record(1)
	if err != nil {
		t.Fatal(err)
	}
	given := len(first.Program().Inputs)
	for i := range first.Program().States {
		for _, x := range first.Bytes(nn.ID(given + i)) {
			if x != 0 {
				t.Fatalf("state %d does not begin with zeros", i)
			}
		}
	}
	for i, w := range nn.Initial(p.programs.Config, s.Train.Seed, backend(t, "", 1)) {
		if string(first.Bytes(first.Program().States[i].Next)) != string(blob.AppendFloats(nil, w.Data)) {
			t.Fatalf("weight %s begins as another", w.Name)
		}
	}
	order = nil
	if _, err := r.Leaves(); err != nil {
		t.Fatal(err)
	}
	for i, step := range order {
		if step != i+1 {
			t.Fatalf("step %d comes in place %d", step, i+1)
		}
	}
	for _, phase := range p.Phases {
		for i, ids := range p.Inputs {
			if phase.Program.Values[i].Size() != len(ids) || phase.Program.Inputs[i] != p.Phases[0].Program.Inputs[i] {
				t.Errorf("%s: input %d is another", phase.Name, i)
			}
		}
		for i, st := range phase.Program.States {
			if want := p.Phases[0].Program; st.Name != want.States[i].Name ||
				phase.Program.Values[given+i].Size() != want.Values[given+i].Size() {
				t.Errorf("%s: state %d is another", phase.Name, i)
			}
		}
		if back, err := nn.DecodeProgram(phase.Program.Encode()); err != nil || back.Root() != phase.Program.Root() {
			t.Errorf("%s: %v", phase.Name, err)
		}
	}
}

package train

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/rule/contribution"
)

// village is a job of three texts about other things, with a public text and a
// hidden one about the same as the first two, measured in five portions.
func village(t testing.TB) (*Spec, []Data) {
	t.Helper()
	s := measuredSample()
	s.Model.Dim, s.Model.Heads, s.Model.Hidden, s.Model.Context = 16, 2, 24, 16
	s.Tokenizer.Vocab = 300
	s.Optimizer.Rate, s.Optimizer.Warmup = 0.02, 5
	s.Train.Steps, s.Train.Batch, s.Train.Checkpoint = 12, 3, 4
	s.Measure.Portion, s.Measure.Steps, s.Measure.Rows = 2000, 6, 2
	s.Measure.Layers, s.Measure.Dim, s.Measure.Heads, s.Measure.Hidden, s.Measure.Context = 1, 16, 2, 24, 16
	s.Data.Datasets = []string{"asset/1", "asset/2", "asset/3"}
	text, hidden := tale(8, 1500), tale(9, 1500)
	s.Validation.Text, s.Validation.Hidden = "blob/"+blob.Sum(text).String(), "blob/"+blob.Sum(hidden).String()
	r := rand.New(rand.NewPCG(7, 7))
	noise := make([]byte, 2000)
	for i := range noise {
		noise[i] = byte(33 + r.IntN(90))
	}
	return s, []Data{
		{Asset: "asset/1", Bytes: tale(1, 5000)}, {Asset: "asset/2", Bytes: tale(2, 3000)}, {Asset: "asset/3", Bytes: noise},
		{Asset: s.Validation.Text, Bytes: text}, {Asset: s.Validation.Hidden, Bytes: hidden},
	}
}

// tale is a passage of a book, another for each number.
func tale(number, size int) []byte {
	book, err := os.ReadFile("../examples/commons/moby-dick.txt")
	if err != nil {
		panic(err)
	}
	return book[20_000*number:][:size]
}

func measureOf(t testing.TB, s *Spec, data []Data) *Measure {
	t.Helper()
	m, err := NewMeasure(s, data)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func planOf(t testing.TB, m *Measure, run int) *Plan {
	t.Helper()
	p, err := m.Plan(run)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestMeasure(t *testing.T) {
	s, data := village(t)
	m := measureOf(t, s, data)
	want := "[{0 0 2000} {1 0 2000} {2 0 1000} {2 1 1000} {3 1 2000} {4 2 2000}]"
	if got := fmt.Sprint(m.Segments); got != want || m.Design.Portions != 5 {
		t.Fatalf("segments %s in %d portions, want %s", got, m.Design.Portions, want)
	}
	// Each segment has the tokens of its bytes, but for one at either end.
	for i, segment := range m.Segments {
		text := m.corpus.tokenizer.Decode(m.corpus.tokens[m.ends[2*i]:m.ends[2*i+1]])
		if off := math.Abs(float64(len(text)) - float64(segment.Bytes)); off > 64 {
			t.Errorf("segment %d has %d bytes in tokens, want %d", i, len(text), segment.Bytes)
		}
		if i > 0 && m.ends[2*i] != m.ends[2*i-1] {
			t.Errorf("segment %d begins at token %d, the one before ends at %d", i, m.ends[2*i], m.ends[2*i-1])
		}
	}
	main := written(t, s, data)
	if !slices.Equal(main.Inputs[0], m.corpus.tokens) {
		t.Error("the runs read another corpus")
	}
	if cost := m.Cost(); cost < 1 || cost > 100 {
		t.Errorf("runs cost %v trainings", cost)
	}
	programs := map[int]blob.Hash{}
	for run, coalition := range m.Design.Coalitions {
		p := planOf(t, m, run)
		total := uint64(0)
		for _, n := range p.Used {
			total += n
		}
		if total != m.Units(run) || total != uint64(coalition.Size()*2*16*6) {
			t.Errorf("run %d of %v trains on %v, %d tokens", run, coalition, p.Used, m.Units(run))
		}
		if coalition == 1<<4 && (p.Used[0] > 0 || p.Used[1] > 0) {
			t.Errorf("the last portion trains on %v", p.Used)
		}
		for i, ids := range p.Inputs {
			if p.Roots[i] != blob.Sum(blob.AppendWords(nil, ids)) {
				t.Errorf("run %d: input %d has another root", run, i)
			}
		}
		root := p.Phases[phaseTraining].Program.Root()
		if before, ok := programs[coalition.Size()]; ok && before != root {
			t.Errorf("run %d has another program than others of %d portions", run, coalition.Size())
		}
		programs[coalition.Size()] = root
	}
	if _, err := m.Plan(len(m.Design.Coalitions)); err == nil {
		t.Error("a run that the design has not")
	}
}

// A row's window is drawn by its portion and place in the portion: whoever else is
// there, and wherever in the batch it is. It never leaves the portion.
func TestWindowsDoNotSeeTheCoalition(t *testing.T) {
	s, data := village(t)
	m := measureOf(t, s, data)
	type row struct{ step, portion, row int }
	windows := map[row]int32{}
	seen := 0
	for run, coalition := range m.Design.Coalitions {
		p := planOf(t, m, run)
		before := p.Phases[0].Steps + p.Phases[1].Steps + 1
		r := NewReplay(context.Background(), p, backend(t, "", 1),
			Options{Observe: func(step int, machine *nn.Machine, node int) {
				n := machine.Program().Nodes[node]
				if n.Op != nn.OpPortionWindows {
					return
				}
				i := 0
				for portion := range m.Design.Portions {
					for r := range s.Measure.Rows {
						if !coalition.Has(portion) {
							continue
						}
						start := machine.Ints(n.Out[0])[i]
						if start < m.portions[3*portion] || start >= m.portions[3*portion]+m.portions[3*portion+1] {
							t.Fatalf("run %v: a window of portion %d starts at %d, portions are %v", coalition, portion, start, m.portions)
						}
						at := row{step - before, portion, r}
						if first, ok := windows[at]; ok && first != start {
							t.Fatalf("run %v: row %v starts at %d, in another run at %d", coalition, at, start, first)
						}
						windows[at] = start
						i++
						seen++
					}
				}
			}})
		if _, err := r.Leaves(); err != nil {
			t.Fatal(err)
		}
	}
	if len(windows) != 6*5*2 || seen < 10*len(windows) {
		t.Errorf("%d windows seen %d times", len(windows), seen)
	}
}

func TestRunsHaveTheSameBits(t *testing.T) {
	s, data := village(t)
	s.Measure.Steps = 3
	m := measureOf(t, s, data)
	for _, run := range []int{0, len(m.Design.Coalitions) - 1} {
		p := planOf(t, m, run)
		var want *Result
		for _, name := range kernel.Names() {
			for threads := 1; threads <= 3; threads += 2 {
				got, err := Run(context.Background(), p, backend(t, name, threads), Options{})
				if err != nil {
					t.Fatal(err)
				}
				if want == nil {
					want = got
				}
				sameResult(t, got, want)
			}
		}
	}
	// The machine that tokenizes makes no difference either.
	if again := planOf(t, measureOf(t, s, data), 3); again.identity() != planOf(t, m, 3).identity() {
		t.Error("another plan from the same data")
	}
}

// ProveMeans shows the losses and the credits under the last leaf of the trace,
// whether the run was done now or is in checkpoints.
func TestMeansAreProved(t *testing.T) {
	s, data := village(t)
	m := measureOf(t, s, data)
	for run, words := range map[int]int{0: 2 + contribution.Slices*m.Design.Portions, 2: 2} {
		p, store := planOf(t, m, run), memory{}
		for range 2 {
			r := NewReplay(context.Background(), p, backend(t, "", 1), Options{Store: store})
			leaves, err := r.Leaves()
			if err != nil {
				t.Fatal(err)
			}
			means, path, err := r.ProveMeans()
			if err != nil || len(means) != words {
				t.Fatalf("run %d: means %v, error %v", run, means, err)
			}
			states := len(p.Phases[0].Program.States)
			leaf := blob.Sum(blob.AppendFloats(nil, means))
			if root, ok := blob.Climb(leaf, p.Means(), states, path); !ok || root != leaves[len(leaves)-1] {
				t.Errorf("run %d: the path leads elsewhere", run)
			}
			if (states-2)/3+1 != p.Means() {
				t.Errorf("the means are state %d of %d", p.Means(), states)
			}
			if !(means[nn.SlotLast] < means[nn.SlotFirst]) {
				t.Errorf("run %d: validation loss from %v to %v", run, means[0], means[1])
			}
		}
	}
}

// The credits of a whole run come to about what the run takes off the validation
// loss, and noise has no part in it worth the name.
func TestCreditsOfARun(t *testing.T) {
	s, data := village(t)
	s.Measure.Steps, s.Measure.Rows, s.Optimizer.Rate, s.Optimizer.Floor = 60, 3, 0.004, 0.0004
	m := measureOf(t, s, data)
	r := NewReplay(context.Background(), planOf(t, m, 0), backend(t, "", 2), Options{})
	if _, err := r.Leaves(); err != nil {
		t.Fatal(err)
	}
	means, _, err := r.ProveMeans()
	if err != nil {
		t.Fatal(err)
	}
	fell, sum := float64(means[nn.SlotFirst]-means[nn.SlotLast]), 0.0
	for _, c := range means[nn.SlotCredits:] {
		sum += float64(c)
	}
	t.Logf("the loss fell by %.3f; credits %.3f sum to %.3f", fell, means[nn.SlotCredits:], sum)
	if fell < 0.5 || sum < 0.6*fell || sum > 1.6*fell {
		t.Errorf("credits sum to %v, the loss fell by %v", sum, fell)
	}
	honest := means[nn.SlotCredits : len(means)-contribution.Slices]
	noise := slices.Max(means[len(means)-contribution.Slices:])
	for i, c := range honest {
		if c < noise {
			t.Errorf("slice %d has %v, the noise up to %v", i, c, noise)
		}
	}
}

// Copies and the text to validate on are left out, before anything else, for
// the job and its runs alike.
func TestCopiesAreLeftOut(t *testing.T) {
	s, data := village(t)
	honest := written(t, s, data)
	if !slices.Equal(honest.Kept, []uint64{5000, 3000, 2000}) {
		t.Fatalf("%v bytes of honest texts are kept", honest.Kept)
	}
	for i := range data {
		data[i].Since = 10
	}
	copied := slices.Clone(data)
	copied[1] = Data{Asset: "asset/2", Bytes: data[0].Bytes, Since: 5} // of the first, but registered before
	copied[2].Bytes = bytes.Repeat(data[3].Bytes, 2)                   // of the text to validate on
	p := written(t, s, copied)
	if p.Kept[0] > 100 || p.Kept[1] != 5000 || p.Kept[2] > 100 {
		t.Errorf("%v bytes are kept", p.Kept)
	}
	if p.Used[0] != 0 || p.Used[2] != 0 || p.Used[1] != 12*3*16 {
		t.Errorf("%v tokens are used", p.Used)
	}
	m := measureOf(t, s, copied)
	if first := planOf(t, m, 0); !slices.Equal(first.Kept, p.Kept) || first.Used[1] < m.Units(0)*9/10 {
		t.Errorf("runs keep %v and use %v", first.Kept, first.Used)
	}
	for i := range 3 {
		copied[i].Bytes = data[3].Bytes
	}
	if _, err := NewPlan(s, copied); !errors.Is(err, ErrData) {
		t.Errorf("nothing left: error %v", err)
	}
}

func TestMeasureRefuses(t *testing.T) {
	for _, c := range []struct {
		name, want string
		change     func(*Spec, []Data) []Data
	}{
		{"too many portions", "measure.portion is 100, which makes 100 portions of 10000 bytes of data, want at most 31",
			func(s *Spec, d []Data) []Data {
				s.Measure.Portion = 100
				return d
			}},
		{"too many to take all", "want at most 6: raise it to 1667", func(s *Spec, d []Data) []Data {
			s.Measure.Portion, s.Measure.Method = 1000, contribution.Exact
			return d
		}},
		{"portions below a window", "has no more than measure.context 500 tokens", func(s *Spec, d []Data) []Data {
			s.Measure.Portion, s.Measure.Context = 500, 500
			return d[:len(d)-1]
		}},
		{"no hidden text", "validation.hidden names a text that is absent", func(_ *Spec, d []Data) []Data { return d[:4] }},
		{"another hidden text", "validation.hidden names another text", func(_ *Spec, d []Data) []Data {
			d[4].Bytes = d[0].Bytes
			return d
		}},
		{"a short hidden text", "validation.hidden gives no text of more than context 16", func(s *Spec, d []Data) []Data {
			d[4].Bytes = []byte("a b c")
			s.Validation.Hidden = "blob/" + blob.Sum(d[4].Bytes).String()
			d[4].Asset = s.Validation.Hidden
			return d
		}},
		{"tokens", "nothing is measured", func(s *Spec, d []Data) []Data {
			s.Measure.Method = ""
			return d
		}},
	} {
		s, data := village(t)
		if c.name == "portions below a window" {
			s.Validation.Hidden = ""
		}
		data = c.change(s, data)
		if _, err := NewMeasure(s, data); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
}

// What training allocates is what the plan says, without inputs and file, which
// are there before and after.
func TestMemory(t *testing.T) {
	s, data := village(t)
	s.Model.Dim, s.Model.Heads, s.Model.Hidden, s.Model.Context, s.Train.Batch = 64, 2, 192, 32, 4
	for name, p := range map[string]*Plan{"a job": written(t, s, data), "a run": planOf(t, measureOf(t, s, data), 0)} {
		want, err := p.Memory()
		if err != nil {
			t.Fatal(err)
		}
		for _, ids := range p.Inputs {
			want -= 4 * int64(len(ids))
		}
		want -= 2 * int64(len(p.Header)+4*p.Floats)
		b := backend(t, "reference", 1) // which has no buffers
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		trainer := newTrainer(p, b, Options{})
		trainer.done = p.Phases[0].Steps + p.Phases[1].Steps
		if err := trainer.execute(); err != nil {
			t.Fatal(err)
		}
		if p.live {
			if _, err := newSignal(trainer); err != nil {
				t.Fatal(err)
			}
		}
		runtime.ReadMemStats(&after)
		spent := int64(after.TotalAlloc - before.TotalAlloc)
		t.Logf("%s: %d bytes planned, %d allocated", name, want, spent)
		if spent < want || spent > want+want/10+150<<10 {
			t.Errorf("%s: %d bytes allocated, the plan says %d", name, spent, want)
		}
	}
}

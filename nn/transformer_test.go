package nn

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/minga-network/minga/kernel"
)

var tiny = Config{Vocab: 11, Layers: 2, Dim: 8, Heads: 2, Hidden: 12, Context: 6, Theta: 10000, Eps: 1e-5}

var testOptimizer = Optimizer{Rate: 0.01, Floor: 0.001, Warmup: 2, Steps: 50, Beta1: 0.9, Beta2: 0.95, Eps: 1e-8,
	Decay: 0.1, Clip: 1}

func newBackend(t testing.TB, name string, threads int) *kernel.Backend {
	t.Helper()
	b, err := kernel.New(name, threads)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// bound is a Program with its state, ready to run.
type bound struct {
	*Machine
	p     *Program
	state [][]float32
}

func bind(t testing.TB, p *Program, err error, b *kernel.Backend) *bound {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	state := make([][]float32, len(p.States))
	for i := range state {
		state[i] = make([]float32, p.Values[len(p.Inputs)+i].Size())
	}
	m, err := NewMachine(p, b, state)
	if err != nil {
		t.Fatal(err)
	}
	return &bound{m, p, state}
}

func (b *bound) input(t testing.TB, name string) []int32 {
	t.Helper()
	id, err := b.p.Input(name)
	if err != nil {
		t.Fatal(err)
	}
	return b.Ints(id)
}

func (b *bound) output(t testing.TB, name string) []float32 {
	t.Helper()
	id, err := b.p.Output(name)
	if err != nil {
		t.Fatal(err)
	}
	return b.Floats(id)
}

func fillTokens(r *rand.Rand, vocab int, ids ...[]int32) {
	for _, s := range ids {
		for i := range s {
			s[i] = r.Int32N(int32(vocab))
		}
	}
}

// gradientProgram is the forward pass and its gradients, without an optimiser.
func gradientProgram(cfg Config, batch int) (*Program, error) {
	b, err := newTransformer(cfg, batch)
	if err != nil {
		return nil, err
	}
	b.read(batch)
	weights := b.states("")
	losses := b.losses(weights)
	b.output(OutputLoss, b.one(OpMean, nil, losses))
	b.backward(losses)
	for i, w := range weights {
		b.output(cfg.Tensors()[i].Name, b.grads[w])
	}
	return b.done()
}

// The derivative of the loss along a random direction of each weight tensor
// must be the one that the gradient nodes give.
func TestGradientOfTheWholeTransformer(t *testing.T) {
	for _, tied := range []bool{false, true} {
		cfg := tiny
		cfg.Tied = tied
		be := newBackend(t, "portable", 1)
		p, err := gradientProgram(cfg, 3)
		m := bind(t, p, err, be)
		r := rand.New(rand.NewPCG(1, 2))
		fillTokens(r, cfg.Vocab, m.input(t, InputTokens), m.input(t, InputTargets))
		for _, s := range m.state {
			for i := range s {
				s[i] = float32(r.NormFloat64() * 0.4)
			}
		}
		loss := m.output(t, OutputLoss)
		for i, w := range cfg.Tensors() {
			m.Run()
			g := slices.Clone(m.output(t, w.Name))
			base, u := slices.Clone(m.state[i]), make([]float64, len(g))
			want, norm := 0.0, 0.0
			for j := range u {
				// Mostly along the gradient: a direction across it has a
				// derivative near zero, which float32 cannot resolve.
				u[j] = r.NormFloat64()*0.1*rms(g) + float64(g[j])
				norm += u[j] * u[j]
			}
			for j := range u {
				u[j] /= math.Sqrt(norm)
				want += u[j] * float64(g[j])
			}
			const h = 3e-2
			at := func(e float64) float64 {
				for j := range base {
					m.state[i][j] = base[j] + float32(e*u[j])
				}
				m.Run()
				return float64(loss[0])
			}
			got := (8*(at(h)-at(-h)) - (at(2*h) - at(-2*h))) / (12 * h)
			at(0)
			if math.Abs(got-want) > 1e-3*math.Abs(want)+5e-5 {
				t.Errorf("tied %v, %s: derivative %.6f, gradient says %.6f", tied, w.Name, got, want)
			}
		}
	}
}

func rms(x []float32) float64 {
	s := 0.0
	for _, v := range x {
		s += float64(v) * float64(v)
	}
	return math.Sqrt(s / float64(len(x)))
}

// startTraining binds a training step to a new model's weights.
func startTraining(t testing.TB, cfg Config, batch int, b *kernel.Backend) *bound {
	t.Helper()
	p, err := Training(cfg, batch, testOptimizer)
	m := bind(t, p, err, b)
	for i, w := range Initial(cfg, 7, b) {
		copy(m.state[i], w.Data)
	}
	return m
}

func TestLossFalls(t *testing.T) {
	m := startTraining(t, tiny, 2, newBackend(t, "portable", 1))
	fillTokens(rand.New(rand.NewPCG(3, 4)), tiny.Vocab, m.input(t, InputTokens), m.input(t, InputTargets))
	loss := m.output(t, OutputLoss)
	m.Run()
	first := loss[0]
	if math.Abs(float64(first)-math.Log(float64(tiny.Vocab))) > 0.3 {
		t.Errorf("first loss %v, want about ln %d", first, tiny.Vocab)
	}
	for step := range int32(testOptimizer.Steps) {
		m.input(t, InputStep)[0] = step
		m.Run()
	}
	if !(loss[0] < first/2) {
		t.Errorf("loss went from %v to %v on one batch, want less than half", first, loss[0])
	}
}

// A plan in which no value shares memory computes the same as the planned one.
func TestPlanSharesNoLiveMemory(t *testing.T) {
	planned := startTraining(t, tiny, 2, newBackend(t, "reference", 1))
	apart := startTraining(t, tiny, 2, newBackend(t, "reference", 1))
	for id := range apart.memory {
		o := &apart.memory[id]
		if id >= len(apart.p.Inputs)+len(apart.p.States) {
			o.f = make([]float32, len(o.f))
			apart.Plan.home[id] = ID(id)
		}
	}
	for i, n := range apart.p.Nodes {
		apart.calls[i].in, apart.calls[i].out = apart.operands(n.In), apart.operands(n.Out)
	}
	for step := range int32(3) {
		for _, m := range []*bound{planned, apart} {
			fillTokens(rand.New(rand.NewPCG(5, uint64(step))), tiny.Vocab, m.input(t, InputTokens), m.input(t, InputTargets))
			m.input(t, InputStep)[0] = step
			m.Run()
		}
	}
	for i := range planned.state {
		if !slices.Equal(planned.state[i], apart.state[i]) {
			t.Fatalf("state %q differs", planned.p.States[i].Name)
		}
	}
	total := 0
	for id := range apart.memory[len(apart.p.Inputs)+len(apart.p.States):] {
		total += len(apart.memory[len(apart.p.Inputs)+len(apart.p.States)+id].f)
	}
	if planned.Plan.Arena*2 > total {
		t.Errorf("arena of %d for %d values apart: planning saves too little", planned.Plan.Arena, total)
	}
}

// The operators may allocate the few words of a closure when they hand a part
// to a thread; the values of a step are all in the arena.
func TestStepAllocatesNoValues(t *testing.T) {
	cfg := tiny
	cfg.Context = 64
	m := startTraining(t, cfg, 4, newBackend(t, "portable", 1))
	m.Run()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	m.Run()
	runtime.ReadMemStats(&after)
	if got, arena := after.TotalAlloc-before.TotalAlloc, 4*m.Plan.Arena; got > uint64(arena)/4 {
		t.Errorf("a step allocates %d bytes, the arena has %d", got, arena)
	}
}

func TestSameBitsOnEveryBackend(t *testing.T) {
	cfg := Config{Vocab: 67, Layers: 2, Dim: 24, Heads: 2, Hidden: 40, Context: 19, Tied: true, Theta: 10000, Eps: 1e-5}
	var want *bound
	for _, name := range kernel.Names() {
		for threads := 1; threads <= 3; threads++ {
			m := startTraining(t, cfg, 3, newBackend(t, name, threads))
			for step := range int32(3) {
				fillTokens(rand.New(rand.NewPCG(8, uint64(step))), cfg.Vocab, m.input(t, InputTokens), m.input(t, InputTargets))
				m.input(t, InputStep)[0] = step
				m.Run()
			}
			if want == nil {
				want = m
			}
			for i := range m.state {
				if !slices.Equal(m.state[i], want.state[i]) {
					t.Fatalf("%s with %d threads: state %q differs", name, threads, m.p.States[i].Name)
				}
			}
		}
	}
}

func TestNodeCountOfTwoLayers(t *testing.T) {
	cfg := Config{Vocab: 1024, Layers: 2, Dim: 128, Heads: 4, Hidden: 384, Context: 128, Tied: true, Theta: 10000,
		Eps: 1e-5}
	p, err := Training(cfg, 8, testOptimizer)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(p.Nodes); n < 120 || n > 200 {
		t.Errorf("%d nodes, want 120 to 200", n)
	}
}

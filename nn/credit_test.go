package nn

import (
	"math"
	"math/rand/v2"
	"testing"
)

// creditPhases has three portions with two windows each in a step, and a stretch for
// each but the last, which has two.
func creditPhases() (c Phases, inputs [][]int32) {
	c = Phases{
		Config: tiny, Optimizer: testOptimizer, Seed: 9, Batch: 6, Corpus: 90, Held: 5, HeldRows: 2, Portions: 3, Credits: 4,
	}
	c.Optimizer.Rate, c.Optimizer.Floor = 0.001, 0.0001
	r := rand.New(rand.NewPCG(3, 9))
	corpus, windows := make([]int32, c.Corpus), make([]int32, c.Held*(tiny.Context+1))
	fillTokens(r, tiny.Vocab, corpus, windows)
	return c, [][]int32{corpus, {0, 24, 0, 30, 24, 1, 60, 24, 5}, windows, {0, 30, 30, 60, 60, 77, 77, 90}}
}

// gradients are those of the mean loss over windows.
func gradients(t *testing.T, weights [][]float32, tokens, targets []int32) [][]float32 {
	t.Helper()
	batch := len(tokens) / tiny.Context
	g, err := newTransformer(tiny, batch)
	if err != nil {
		t.Fatal(err)
	}
	g.read(batch)
	states := g.states("")
	g.backward(g.losses(states))
	p, err := g.done()
	if err != nil {
		t.Fatal(err)
	}
	rec, err := NewRecord(p, newBackend(t, "", 1), [][]int32{tokens, targets}, weights, nil)
	if err != nil {
		t.Fatal(err)
	}
	var all [][]float32
	for _, w := range states {
		all = append(all, rec.machine.Floats(g.grads[w]))
	}
	return all
}

// TestCreditIsTheProductOfGradients computes the credit of each portion in float64 from
// its windows' own gradient, the validation gradient and AdamW's numbers:
// rate · clip · (windows/all) · ⟨∇L, ∇V / (√v̂ + eps)⟩.
func TestCreditIsTheProductOfGradients(t *testing.T) {
	c, inputs := creditPhases()
	initial, err := c.Initial()
	start := bind(t, initial, err, newBackend(t, "", 1))
	start.Run()
	training, err := c.Training()
	m := bind(t, training, err, newBackend(t, "", 2))
	for i, in := range inputs {
		copy(m.Ints(ID(i)), in)
	}
	for s := range m.state {
		copy(m.state[s], start.state[s])
	}
	for step := range int32(6) {
		m.input(t, InputStep)[0] = step
		rec, err := NewRecord(training, newBackend(t, "", 1), append(inputs, []int32{step}), m.state, nil)
		if err != nil {
			t.Fatal(err)
		}
		before := append([]float32(nil), m.state[len(tiny.Tensors())+1]...)
		want := explicit(t, c, rec, m.state[:len(tiny.Tensors())])
		m.Run()
		got := m.state[len(tiny.Tensors())+1]
		for i := range got {
			got[i] -= before[i]
		}
		largest := math.Max(math.Abs(want[0]), math.Max(math.Abs(want[1]), math.Abs(want[2])))
		for u, have := range []float32{got[2], got[3], got[4] + got[5]} {
			// In the first step each weight's direction has size 1, however small its
			// gradient: what is not linear shows.
			tolerance := 0.02
			if step == 0 {
				tolerance = 0.2
			}
			if off := math.Abs(float64(have) - want[u]); off > tolerance*largest {
				t.Errorf("step %d, portion %d: credit %v, want %v", step, u, have, want[u])
			}
		}
		if got[0] != 0 || got[1] != 0 {
			t.Errorf("step %d: the losses changed by %v", step, got[:2])
		}
		for i := range got {
			got[i] += before[i]
		}
	}
}

// explicit computes the credits of the portions in a recorded step with these weights.
func explicit(t *testing.T, c Phases, rec *Record, weights [][]float32) []float64 {
	t.Helper()
	m, moves := rec.machine, []Node{}
	var val, drawn Node
	for _, n := range rec.Program().Nodes {
		switch n.Op {
		case OpPortionWindows:
			drawn = n
		case OpCycle:
			val = n
		case OpAdamW:
			moves = append(moves, n)
		}
	}
	v := gradients(t, weights, m.Ints(val.Out[0]), m.Ints(val.Out[1]))
	rates, clip := m.Floats(moves[0].In[4]), float64(m.Floats(moves[0].In[5])[0])
	credits := make([]float64, c.Portions)
	size := len(m.Ints(drawn.Out[1])) / c.Portions
	for u := range credits {
		own := gradients(t, weights, m.Ints(drawn.Out[1])[u*size:(u+1)*size], m.Ints(drawn.Out[2])[u*size:(u+1)*size])
		for w := range weights {
			second := m.Floats(moves[w].Out[2])
			for i := range own[w] {
				scale := math.Sqrt(float64(second[i])*float64(rates[2])) + float64(c.Optimizer.Eps)
				credits[u] += float64(rates[0]) * clip * float64(own[w][i]) * float64(v[w][i]) / scale / float64(c.Portions)
			}
		}
	}
	return credits
}

// The Programs of Phases with portions and credits are well made, and all of their
// nodes small enough to be disputed.
func TestCreditPrograms(t *testing.T) {
	c, _ := creditPhases()
	c.Config = Config{Vocab: 512, Layers: 1, Dim: 64, Heads: 2, Hidden: 192, Context: 64, Theta: 10000, Eps: 1e-5}
	for name, build := range map[string]func() (*Program, error){
		"training": c.Training, "signal": Phases{Config: c.Config, Optimizer: c.Optimizer, Batch: 4, Corpus: 999, Datasets: 3,
			Held: 2}.Signal,
	} {
		p, err := build()
		if err != nil {
			t.Fatal(err)
		}
		if back, err := DecodeProgram(p.Encode()); err != nil || back.Root() != p.Root() {
			t.Errorf("%s: %v", name, err)
		}
		requireSmallFolds(t, p)
	}
	c.Batch = 7
	if _, err := c.Training(); err == nil {
		t.Error("7 windows of 3 portions")
	}
}

package nn

import (
	"math"
	"math/rand/v2"
	"testing"
)

// reading is a model with the Program that checks its calls.
type reading struct {
	t       testing.TB
	program *Program
	states  [][]float32
	vocab   int
}

func newReading(t testing.TB) *reading {
	t.Helper()
	p, err := Inference(tiny)
	if err != nil {
		t.Fatal(err)
	}
	weights := Initial(tiny, 3, newBackend(t, "", 1))
	r := &reading{t: t, program: p, vocab: tiny.Vocab}
	for _, w := range weights {
		if len(w.Shape) == 2 {
			for i := range w.Data {
				w.Data[i] *= 8
			}
		}
		r.states = append(r.states, w.Data)
	}
	r.states = append(r.states, []float32{unitsFull - 2, 3})
	return r
}

func (r *reading) check(record []int32, step int32) (wrong float32, logits, units []float32) {
	r.t.Helper()
	rec, err := NewRecord(r.program, newBackend(r.t, "", 1), [][]int32{record, {step}}, r.states, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	m := rec.machine
	last := r.program.States[len(r.program.States)-1]
	return m.Floats(r.program.Outputs[0].ID)[0], m.Floats(r.program.Outputs[1].ID), m.Floats(last.Next)
}

// write makes tokens one by one, each from a pass of its own.
func (r *reading) write(prompt []int32, n int, s Sampling) Call {
	c := Call{Prompt: prompt, Sampling: s}
	for range n {
		at := len(prompt) + len(c.Made)
		tried := c
		tried.Made = append(append([]int32(nil), c.Made...), 0)
		_, logits, _ := r.check(tried.Record(tiny.Context), 0)
		row := logits[(at-1)*r.vocab : at*r.vocab]
		c.Made = append(c.Made, NewSampler(newBackend(r.t, "", 1), r.vocab).Choose(s, row, at))
	}
	return c
}

func TestInferenceFindsEveryOtherToken(t *testing.T) {
	r := newReading(t)
	rng := rand.New(rand.NewPCG(1, 1))
	for _, s := range []Sampling{{TopP: TopPWhole}, {Temperature: 1, TopP: TopPWhole * 9 / 10, Seed: 7}} {
		prompt := []int32{3, 1, 4}
		c := r.write(prompt, tiny.Context-len(prompt), s)
		wrong, logits, _ := r.check(c.Record(tiny.Context), 5)
		if wrong != 0 {
			t.Errorf("%+v: %v of the model's own tokens are wrong", s, wrong)
		}
		for i, x := range logits {
			if row := i / r.vocab; (x != 0) != (row >= 2 && row < tiny.Context-1) {
				t.Fatalf("the logit %d of row %d is %v", i%r.vocab, row, x)
			}
		}
		for i := range c.Made {
			lie := c
			lie.Made = append([]int32(nil), c.Made...)
			lie.Made[i] = (lie.Made[i] + 1 + rng.Int32N(int32(r.vocab)-1)) % int32(r.vocab)
			if wrong, _, _ := r.check(lie.Record(tiny.Context), 0); wrong < 1 {
				t.Errorf("token %d changed and nothing is wrong", i)
			}
		}
		c.Prompt, c.Made = c.Prompt[:2], append(c.Prompt[2:3:3], c.Made[:3]...)
		if wrong, _, _ := r.check(c.Record(tiny.Context), 0); wrong > 1 {
			t.Errorf("%v are wrong where one more is chosen", wrong)
		}
	}
}

func TestInferenceCountsUnits(t *testing.T) {
	r := newReading(t)
	c := Call{Prompt: []int32{1, 2, 3}, Sampling: Sampling{TopP: 1}}
	if wrong, _, units := r.check(c.Record(tiny.Context), 1); wrong != 0 || units[0] != 1 || units[1] != 4 {
		t.Errorf("%v wrong, units %v", wrong, units)
	}
	if _, _, units := r.check(c.Record(tiny.Context), 0); Units([2]float32(units)) != 3 {
		t.Errorf("units begin at %v", units)
	}
	for _, n := range []uint64{0, 1, unitsFull, 5*unitsFull - 1} {
		if got := Units(UnitsState(n)); got != n {
			t.Errorf("%d became %d", n, got)
		}
	}
}

// What is no call has faults, and none makes the Program fail.
func TestInferenceTakesAnyRecord(t *testing.T) {
	r := newReading(t)
	good := Call{Prompt: []int32{1, 2, 3}, Sampling: Sampling{Temperature: 1, TopP: TopPWhole, Seed: 1 << 40}}
	if _, ok := ReadCall(good.Record(tiny.Context), r.vocab); !ok {
		t.Error("a right record has faults")
	}
	if _, ok := ReadCall(Call{Sampling: Sampling{TopP: 1}}.Record(tiny.Context), r.vocab); !ok {
		t.Error("a call of nothing has faults")
	}
	for name, spoil := range map[string]func(w []int32){
		"another context":     func(w []int32) { w[callContext]++ },
		"negative prompt":     func(w []int32) { w[callPrompt] = -1 },
		"long prompt":         func(w []int32) { w[callPrompt] = math.MaxInt32 },
		"too many made":       func(w []int32) { w[callMade] = int32(tiny.Context - 2) },
		"made without prompt": func(w []int32) { w[callPrompt], w[callMade] = 0, 1 },
		"temperature NaN":     func(w []int32) { w[callTemperature] = 0x7fc00000 },
		"temperature < 0":     func(w []int32) { w[callTemperature] = int32(math.Float32bits(1)) | math.MinInt32 },
		"temperature > 100":   func(w []int32) { w[callTemperature] = int32(math.Float32bits(101)) },
		"no top p":            func(w []int32) { w[callTopP] = 0 },
		"top p over 1":        func(w []int32) { w[callTopP] = TopPWhole + 1 },
		"token":               func(w []int32) { w[CallHeader] = int32(r.vocab) },
		"negative token":      func(w []int32) { w[CallHeader+2] = -1 },
		"more text":           func(w []int32) { w[CallHeader+3] = 1 },
	} {
		w := good.Record(tiny.Context)
		spoil(w)
		if _, ok := ReadCall(w, r.vocab); ok {
			t.Errorf("%s: no fault", name)
		}
		if wrong, _, _ := r.check(w, 0); wrong < 1 {
			t.Errorf("%s: nothing is wrong", name)
		}
	}
}

func FuzzReadCall(f *testing.F) {
	f.Add([]byte{5, 0, 0, 0, 2})
	f.Fuzz(func(t *testing.T, raw []byte) {
		w := make([]int32, CallWords(5))
		for i, b := range raw {
			if i/4 < len(w) {
				w[i/4] |= int32(b) << (8 * (i % 4))
			}
		}
		if c, ok := ReadCall(w, 9); ok {
			for i, x := range c.Record(5) {
				if x != w[i] {
					t.Fatalf("read %v, wrote %v", w, c.Record(5))
				}
			}
		}
	})
}

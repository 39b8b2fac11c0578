package nn

import (
	"errors"
	"math"
	"testing"

	"github.com/minga-network/minga/kernel"
)

// A tiny problem: the class of an image is which of its pixels is on.
var fourPixels = Classifier{Images: 12, Pixels: 5, Hidden: 8, Classes: 4}

func pixelMachine(t *testing.T, build func() (*Program, error), states [][]float32) *Machine {
	t.Helper()
	p, err := build()
	if err != nil {
		t.Fatal(err)
	}
	b, err := kernel.New("", 1)
	if err != nil {
		t.Fatal(err)
	}
	m, err := NewMachine(p, b, states)
	if err != nil {
		t.Fatal(err)
	}
	images, tokens, targets := m.Floats(0), m.Ints(1), m.Ints(2)
	for i := range fourPixels.Images {
		images[i*fourPixels.Pixels+i%fourPixels.Classes] = 1 + float32(i)/20
		images[i*fourPixels.Pixels+fourPixels.Pixels-1] = 1
	}
	for r := range tokens {
		tokens[r] = int32(r % fourPixels.Images)
		targets[r] = int32(r % fourPixels.Classes)
	}
	return m
}

func pixelStates(t *testing.T) (weights, all [][]float32) {
	t.Helper()
	b, err := kernel.New("reference", 1)
	if err != nil {
		t.Fatal(err)
	}
	weights = fourPixels.Initial(3, b)
	all = append(all, weights...)
	for range 2 {
		for _, w := range weights {
			all = append(all, make([]float32, len(w)))
		}
	}
	return weights, all
}

func outputOf(t *testing.T, m *Machine, name string) []float32 {
	t.Helper()
	id, err := m.Program().Output(name)
	if err != nil {
		t.Fatal(err)
	}
	return m.Floats(id)
}

func TestClassifierLearns(t *testing.T) {
	o := Optimizer{Rate: 0.03, Floor: 0.003, Steps: 150, Beta1: 0.9, Beta2: 0.99, Eps: 1e-8}
	_, states := pixelStates(t)
	m := pixelMachine(t, func() (*Program, error) { return fourPixels.Training(fourPixels.Images, o) }, states)
	var first, last float32
	for step := range o.Steps {
		m.Ints(3)[0] = int32(step)
		m.Run()
		last = outputOf(t, m, OutputLoss)[0]
		if step == 0 {
			first = last
		}
	}
	if math.Abs(float64(first)-math.Log(4)) > 0.5 || last > 0.01 {
		t.Fatalf("loss from %v to %v", first, last)
	}
}

// The gradients of single rows add up to that of all, and each is the slope.
func TestClassifierGradients(t *testing.T) {
	weights, _ := pixelStates(t)
	gradients := func(rows int) *Machine {
		return pixelMachine(t, func() (*Program, error) { return fourPixels.Gradients(rows) }, weights)
	}
	whole, one := gradients(fourPixels.Images), gradients(1)
	whole.Run()
	for i, name := range []string{"g.w1", "g.w3", "g.w2"} {
		sum := make([]float32, len(weights[i]))
		for r := range fourPixels.Images {
			one.Ints(1)[0], one.Ints(2)[0] = int32(r), int32(r%fourPixels.Classes)
			one.Run()
			for j, g := range outputOf(t, one, name) {
				sum[j] += g / float32(fourPixels.Images)
			}
		}
		for j, g := range outputOf(t, whole, name) {
			if math.Abs(float64(g-sum[j])) > 1e-6 {
				t.Fatalf("%s[%d]: %v of all rows, %v of each", name, j, g, sum[j])
			}
			if slope := slopeAt(t, gradients(fourPixels.Images), &weights[i][j]); math.Abs(float64(g-slope)) > 2e-3 {
				t.Fatalf("%s[%d]: %v, slope %v", name, j, g, slope)
			}
		}
	}
}

func slopeAt(t *testing.T, m *Machine, w *float32) float32 {
	const h = 1e-2
	at := func(x float32) float32 {
		before := *w
		*w = x
		m.Run()
		*w = before
		return outputOf(t, m, OutputLoss)[0]
	}
	return (at(*w+h) - at(*w-h)) / (2 * h)
}

func TestImpossibleClassifier(t *testing.T) {
	good := Optimizer{Rate: 1, Steps: 1, Eps: 1}
	if _, err := fourPixels.Training(0, good); !errors.Is(err, ErrProgram) {
		t.Errorf("no rows: %v", err)
	}
	if _, err := fourPixels.Training(1, Optimizer{}); !errors.Is(err, ErrConfig) {
		t.Errorf("no rate: %v", err)
	}
	if _, err := (Classifier{Images: 1, Pixels: 1, Classes: 2}).Gradients(1); !errors.Is(err, ErrProgram) {
		t.Errorf("nothing hidden: %v", err)
	}
}

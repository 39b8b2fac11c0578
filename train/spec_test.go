package train

import (
	"errors"
	"math"
	"strings"
	"testing"
)

func TestSpecRefusals(t *testing.T) {
	nan := float32(math.NaN())
	for _, c := range []struct {
		name, want string
		change     func(*Spec)
	}{
		{"no name", `model.name is "", want`, func(s *Spec) { s.Model.Name = "" }},
		{"odd head", "model.heads is 128, want", func(s *Spec) { s.Model.Heads = 128 }},
		{"heads do not divide", "model.heads is 3, want", func(s *Spec) { s.Model.Heads = 3 }},
		{"no layers", "model.layers is 0, want", func(s *Spec) { s.Model.Layers = 0 }},
		{"huge", "model.hidden is 1000000000, want", func(s *Spec) { s.Model.Hidden = 1e9 }},
		{"theta", "model.theta is NaN, want", func(s *Spec) { s.Model.Theta = nan }},
		{"base", `model.base is "model/1", want`, func(s *Spec) { s.Model.Base = "model/1" }},
		{"small vocabulary", "tokenizer.vocab is 256, want", func(s *Spec) { s.Tokenizer.Vocab = 256 }},
		{"rate", "optimizer.rate is -0.004, want", func(s *Spec) { s.Optimizer.Rate = -0.004 }},
		{"floor above rate", "optimizer.floor is 0.04, want", func(s *Spec) { s.Optimizer.Floor = 0.04 }},
		{"batch", "train.batch is 60000, want", func(s *Spec) { s.Train.Batch = 60000 }},
		{"no steps", "train.steps is 0, want", func(s *Spec) { s.Train.Steps = 0 }},
		{"many windows", "train.steps times train.batch is", func(s *Spec) { s.Train.Steps, s.Train.Batch = 1<<20, 512 }},
		{"validation", "train.validation is 0, want", func(s *Spec) { s.Train.Validation = 0 }},
		{"no datasets", "data.datasets has 0", func(s *Spec) { s.Data.Datasets = nil }},
		{"dataset twice", `data.datasets has "asset/1" twice`, func(s *Spec) { s.Data.Datasets[1] = "asset/1" }},
		{"dataset name", `data.datasets has "asset/02", want`, func(s *Spec) { s.Data.Datasets[1] = "asset/02" }},
		{"path for a name", `data.datasets has "../2", want`, func(s *Spec) { s.Data.Datasets[1] = "../2" }},
	} {
		s := sample()
		c.change(s)
		refuses(t, c.name, s, c.want)
	}
}

func TestMeasureRefusals(t *testing.T) {
	for _, c := range []struct {
		name, want string
		change     func(*Spec)
	}{
		{"method", `measure.method is "shapley", want`, func(s *Spec) { s.Measure.Method = "shapley" }},
		{"no validation", `measure.method is "measure", which wants a table [validation]`, func(s *Spec) {
			s.Validation.Text, s.Validation.Hidden, s.Train.Validation = "", "", 0.05
		}},
		{"two validations", "train.validation is 0.05: leave it out", func(s *Spec) { s.Train.Validation = 0.05 }},
		{"no text", "validation.text is", func(s *Spec) { s.Validation.Text = "" }},
		{"a path", "validation.text is", func(s *Spec) { s.Validation.Text = "blob/../a" }},
		{"upper case", "validation.hidden is", func(s *Spec) { s.Validation.Hidden = strings.ToUpper(s.Validation.Hidden) }},
		{"no portion", "measure.portion is 0, want 1", func(s *Spec) { s.Measure.Portion = 0 }},
		{"odd width", "measure.heads is 2, want", func(s *Spec) { s.Measure.Dim = 63 }},
		{"many rows", "measure.rows is 1025, want", func(s *Spec) { s.Measure.Rows = 1025 }},
		{"a rate that is none", "measure.rate is -1, want", func(s *Spec) { s.Measure.Rate = -1 }},
	} {
		s := measuredSample()
		c.change(s)
		refuses(t, c.name, s, c.want)
	}
}

// refuses wants a KeyError that begins so.
func refuses(t *testing.T, name string, s *Spec, want string) {
	t.Helper()
	err := s.Validate()
	if key, ok := errors.AsType[*KeyError](err); !ok || !errors.Is(err, ErrSpec) || !strings.HasPrefix(key.Error(), want) {
		t.Errorf("%s: error %v, want a KeyError with %q", name, err, want)
	}
}

func TestRunsAreShorterTrainings(t *testing.T) {
	s := measuredSample()
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	if o := s.short(); o.Steps != 175 || o.Warmup != 12 || o.Rate != s.Optimizer.Rate || o.Floor != s.Optimizer.Floor {
		t.Errorf("runs are optimised by %+v", o)
	}
	s.Measure.Rate = 4 * s.Optimizer.Rate
	if o := s.short(); o.Rate != s.Measure.Rate || o.Floor != 4*s.Optimizer.Floor {
		t.Errorf("with four times the rate, runs have %v down to %v", o.Rate, o.Floor)
	}
	if s.Hidden() != s.Validation.Hidden {
		t.Errorf("runs validate on %s", s.Hidden())
	}
	s.Validation.Hidden = ""
	if s.Hidden() != s.Validation.Text {
		t.Errorf("without a hidden text, runs validate on %s", s.Hidden())
	}
}

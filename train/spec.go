package train

import (
	"errors"
	"fmt"
	"strings"

	"github.com/minga-network/minga/nn"
)

// ErrSpec marks a Spec that cannot be run.
var ErrSpec = errors.New("train: bad spec")

// KeyError says what is wrong with a value of a Spec, and what to write instead. It is an ErrSpec.
type KeyError struct {
	Key     string // as in the file: "model.heads"
	Problem string
}

func (e *KeyError) Error() string { return e.Key + " " + e.Problem }

// Unwrap makes it an ErrSpec.
func (e *KeyError) Unwrap() error { return ErrSpec }

func wrong(key, format string, args ...any) error {
	return &KeyError{key, fmt.Sprintf(format, args...)}
}

// Spec says all that a training computes, and nothing of who pays for it: the job file around it does (package kind).
// There are no defaults but nothing at all, for what is marked optional: a Spec means the same training in every
// version of this program.
type Spec struct {
	Model struct {
		Name    string  `toml:"name"` // of what is made
		Layers  int     `toml:"layers"`
		Dim     int     `toml:"dim"`
		Heads   int     `toml:"heads"`
		Hidden  int     `toml:"hidden"`
		Context int     `toml:"context"` // tokens
		Tied    bool    `toml:"tied"`
		Theta   float32 `toml:"theta"`
		Base    string  `toml:"base" file:"optional"` // "asset/5": the model whose weights training begins with
	} `toml:"model"`

	Tokenizer struct {
		Vocab int `toml:"vocab"` // at most; little data gives fewer tokens
	} `toml:"tokenizer"`

	Optimizer struct {
		Rate   float32 `toml:"rate"`
		Floor  float32 `toml:"floor"`
		Warmup int     `toml:"warmup"` // steps
		Beta1  float32 `toml:"beta1"`
		Beta2  float32 `toml:"beta2"`
		Eps    float32 `toml:"eps"`
		Decay  float32 `toml:"decay"`
		Clip   float32 `toml:"clip"`
	} `toml:"optimizer"`

	Train struct {
		Seed       uint64 `toml:"seed"` // of the initial weights and the order of the data
		Steps      int    `toml:"steps"`
		Batch      int    `toml:"batch"`      // windows of context tokens in a step
		Checkpoint int    `toml:"checkpoint"` // steps from one to the next
		// Validation is the share at the end of each dataset that is validated on; 0 where the table below names a text.
		Validation float64 `toml:"validation" file:"optional"`
	} `toml:"train"`

	Data struct {
		Datasets []string `toml:"datasets"` // "asset/1", ...
	} `toml:"data"`

	// Validation is the job's own text to validate on, instead of a share of the datasets. Texts are "blob/" and 64
	// hexadecimal digits.
	Validation struct {
		Text   string `toml:"text"`
		Hidden string `toml:"hidden" file:"optional"` // measures contributions; shown after training. "": text measures
	} `toml:"validation" file:"optional"`

	// Measure is what the runs are like that measure what each part of the data did: short trainings of a small model,
	// each on some portions of the data. Without a method nothing is measured.
	Measure struct {
		Method  string `toml:"method"`  // contribution.Measure or contribution.Exact
		Portion int    `toml:"portion"` // bytes of data
		Steps   int    `toml:"steps"`   // of training
		Rows    int    `toml:"rows"`    // windows of each portion in a step
		Layers  int    `toml:"layers"`
		Dim     int    `toml:"dim"`
		Heads   int    `toml:"heads"`
		Hidden  int    `toml:"hidden"`
		Context int    `toml:"context"` // tokens
		// Rate is the highest learning rate of a run; 0: as in Optimizer. A short run of a small model wants more of it:
		// docs/contribution.md has figures.
		Rate float32 `toml:"rate" file:"optional"`
	} `toml:"measure" file:"optional"`
}

// Config is the model's configuration once the tokenizer's size is known.
func (s *Spec) Config(vocab int) nn.Config {
	m := s.Model
	return nn.Config{
		Vocab: vocab, Layers: m.Layers, Dim: m.Dim, Heads: m.Heads, Hidden: m.Hidden,
		Context: m.Context, Tied: m.Tied, Theta: m.Theta, Eps: 1e-5,
	}
}

// Schedule is what the optimiser does over the steps of the job.
func (s *Spec) Schedule() nn.Optimizer {
	o := s.Optimizer
	return nn.Optimizer{
		Rate: o.Rate, Floor: o.Floor, Warmup: o.Warmup, Steps: s.Train.Steps,
		Beta1: o.Beta1, Beta2: o.Beta2, Eps: o.Eps, Decay: o.Decay, Clip: o.Clip,
	}
}

// Validate returns a KeyError for the first value that cannot be.
func (s *Spec) Validate() error {
	for _, check := range []func() error{
		s.validateNumbers, s.validateModel, s.validateDatasets, s.validateValidation, s.validateMeasure,
	} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// Bounds of a run: the state roots of all steps are kept, and all windows are
// counted before the run.
const (
	maxSteps   = 1 << 23
	maxWindows = 1 << 28
)

func (s *Spec) validateNumbers() error {
	if n := s.Model.Name; len(n) < 1 || len(n) > 64 || strings.ContainsAny(n, "\n\r\t") {
		return wrong("model.name", "is %q, want 1 to 64 characters on one line", n)
	}
	if err := within([]bounds{
		{"tokenizer.vocab", s.Tokenizer.Vocab, 257, 1 << 18},
		{"train.steps", s.Train.Steps, 1, maxSteps},
		{"train.batch", s.Train.Batch, 1, 1 << 16},
		{"train.checkpoint", s.Train.Checkpoint, 1, 1 << 30},
	}); err != nil {
		return err
	}
	if n := s.Train.Steps * s.Train.Batch; n > maxWindows {
		return wrong("train.steps", "times train.batch is %d, want at most %d", n, maxWindows)
	}
	return nil
}

// bounds are those of a number.
type bounds struct {
	key              string
	v, least, atMost int
}

// within refuses the first number out of its bounds.
func within(numbers []bounds) error {
	for _, n := range numbers {
		if n.v < n.least || n.v > n.atMost {
			return wrong(n.key, "is %d, want %d to %d", n.v, n.least, n.atMost)
		}
	}
	return nil
}

// validateModel asks nn, and names the table of the field that nn complains of.
func (s *Spec) validateModel() error {
	cfg := s.Config(s.Tokenizer.Vocab)
	for _, t := range []struct {
		name  string
		check func() error
	}{
		{"model", cfg.Validate},
		{"optimizer", s.Schedule().Validate},
		{"train", func() error { return nn.CheckBatch(cfg, s.Train.Batch) }},
	} {
		if err := field(t.name, t.check()); err != nil {
			return err
		}
	}
	return nil
}

// field makes a KeyError of nn's complaint about a field of a table.
func field(table string, err error) error {
	if field, ok := errors.AsType[*nn.FieldError](err); ok {
		return wrong(table+"."+field.Field, "%s", field.Problem)
	}
	return nil
}

func (s *Spec) validateDatasets() error {
	const key = "data.datasets"
	if n := len(s.Data.Datasets); n < 1 || n > 1024 {
		return wrong(key, "has %d entries, want 1 to 1024", n)
	}
	seen := map[string]bool{}
	if base := s.Model.Base; base != "" && !isAsset(base) {
		return wrong("model.base", "is %q, want a name like \"asset/1\"", base)
	}
	for _, d := range s.Data.Datasets {
		if !isAsset(d) {
			return wrong(key, "has %q, want names like \"asset/1\"", d)
		}
		if seen[d] {
			return wrong(key, "has %q twice", d)
		}
		seen[d] = true
	}
	return nil
}

func isAsset(name string) bool {
	var id uint64
	_, err := fmt.Sscanf(name, "asset/%d", &id)
	return err == nil && fmt.Sprintf("asset/%d", id) == name && id != 0
}

package train

import (
	"errors"
	"fmt"
	"strings"

	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/rule/contribution"
)

// ErrSpec marks a Spec that cannot be run. The text names the line.
var ErrSpec = errors.New("train: bad spec")

// Spec says everything about a training job. There are no defaults but nothing
// at all, for what is marked optional: a file means the same job in every
// version of this program.
type Spec struct {
	Name string `toml:"name"`
	Seed uint64 `toml:"seed"` // of the initial weights and the order of the data

	Model struct {
		Layers  int     `toml:"layers"`
		Dim     int     `toml:"dim"`
		Heads   int     `toml:"heads"`
		Hidden  int     `toml:"hidden"`
		Context int     `toml:"context"` // tokens
		Tied    bool    `toml:"tied"`
		Theta   float32 `toml:"theta"`
		Base    string  `toml:"base" spec:"optional"` // "asset/5": the model whose weights training begins with
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
		Steps      int     `toml:"steps"`
		Batch      int     `toml:"batch"`      // windows of context tokens in a step
		Validation float64 `toml:"validation"` // share at the end of each dataset
		Checkpoint int     `toml:"checkpoint"` // steps from one to the next
	} `toml:"train"`

	Data struct {
		Datasets []string `toml:"datasets"` // "asset/1", ...
	} `toml:"data"`

	// Validation is the job's own text to validate on, instead of a share of the
	// datasets. Texts are "blob/" and 64 hexadecimal digits.
	Validation struct {
		Text   string `toml:"text"`
		Hidden string `toml:"hidden" spec:"optional"` // measures contributions; shown after training. "": text measures
	} `toml:"validation" spec:"optional"`

	// Measure is what the runs of methods measure and measure-exact are like: short
	// trainings of a small model, each on some portions of the data.
	Measure struct {
		Portion int `toml:"portion"` // bytes of data
		Steps   int `toml:"steps"`   // of training
		Rows    int `toml:"rows"`    // windows of each portion in a step
		Layers  int `toml:"layers"`
		Dim     int `toml:"dim"`
		Heads   int `toml:"heads"`
		Hidden  int `toml:"hidden"`
		Context int `toml:"context"` // tokens
		// Rate is the highest learning rate of a run; 0: as in Optimizer. A short run of
		// a small model wants more of it: docs/contribution.md has figures.
		Rate     float32 `toml:"rate" spec:"optional"`
		Checked  int     `toml:"checked"`   // basis points of the runs that are executed again; 0: all of them
		Stake    string  `toml:"stake"`     // as in Job, of one run
		CheckPay string  `toml:"check_pay"` // as in Job
		Work     int     `toml:"work"`      // as in Job
	} `toml:"measure" spec:"optional"`

	// Job is for whoever posts the job; training does not read it.
	Job struct {
		Licence  string `toml:"licence"`   // of the model, as SPDX expression
		Budget   string `toml:"budget"`    // coins in escrow, "25MINGA"
		MaxPrice string `toml:"max_price"` // uminga for a token
		Checkers int    `toml:"checkers"`  // how many must train again and agree
		CheckPay string `toml:"check_pay"` // coins for each of them
		Stake    string `toml:"stake"`     // coins that a worker must have at risk
		Window   int    `toml:"window"`    // blocks in which a claim can be challenged
		Deadline int    `toml:"deadline"`  // blocks in which somebody must take the job
		Work     int    `toml:"work"`      // blocks in which the taker must claim
	} `toml:"job"`

	// Split is how the model's shares, and what it earns, are divided, in basis points.
	Split struct {
		Data    int    `toml:"data"`
		Compute int    `toml:"compute"`
		Creator int    `toml:"creator"`
		Commons int    `toml:"commons"`
		Method  string `toml:"method"`                  // by what the data part is divided: a name of package contribution
		Floor   int    `toml:"floor" spec:"optional"`   // of the data part, the least for a dataset of positive value
		Cap     int    `toml:"cap" spec:"optional"`     // and the most; 0: no bound
		Vesting int    `toml:"vesting" spec:"optional"` // blocks until all first shares can be sent
		Royalty int    `toml:"royalty" spec:"optional"` // of the income of models that are trained from this one
		// Attribution is of what an answer costs: it goes, as far as the answer repeats
		// their text, to the datasets.
		Attribution int `toml:"attribution" spec:"optional"`
	} `toml:"split"`

	lines map[string]int // of each key, "model.heads"; nil when not from a file
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

// wrong is an ErrSpec about a key.
func (s *Spec) wrong(key, format string, args ...any) error {
	what := key + " " + fmt.Sprintf(format, args...)
	if line, ok := s.lines[key]; ok {
		return fmt.Errorf("%w: line %d: %s", ErrSpec, line, what)
	}
	return fmt.Errorf("%w: %s", ErrSpec, what)
}

// Validate returns an ErrSpec for the first thing that cannot be. ParseSpec has
// done this; it is for a Spec that was changed since.
func (s *Spec) Validate() error {
	for _, check := range []func() error{s.validateNumbers, s.validateModel, s.validateDatasets, s.validateSplit, s.validateValidation, s.validateMeasure} {
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
	if len(s.Name) < 1 || len(s.Name) > 64 || strings.ContainsAny(s.Name, "\n\r\t") {
		return s.wrong("name", "is %q, want 1 to 64 characters on one line", s.Name)
	}
	if err := s.within([]bounds{
		{"tokenizer.vocab", s.Tokenizer.Vocab, 257, 1 << 18},
		{"train.steps", s.Train.Steps, 1, maxSteps},
		{"train.batch", s.Train.Batch, 1, 1 << 16},
		{"train.checkpoint", s.Train.Checkpoint, 1, 1 << 30},
		{"job.checkers", s.Job.Checkers, 0, 100},
		{"job.window", s.Job.Window, 1, 1 << 30},
		{"job.deadline", s.Job.Deadline, 1, 1 << 30},
		{"job.work", s.Job.Work, 1, 1 << 30},
	}); err != nil {
		return err
	}
	if n := s.Train.Steps * s.Train.Batch; n > maxWindows {
		return s.wrong("train.steps", "times train.batch is %d, want at most %d", n, maxWindows)
	}
	return nil
}

// bounds are those of a number.
type bounds struct {
	key              string
	v, least, atMost int
}

// within refuses the first number that is not.
func (s *Spec) within(numbers []bounds) error {
	for _, n := range numbers {
		if n.v < n.least || n.v > n.atMost {
			return s.wrong(n.key, "is %d, want %d to %d", n.v, n.least, n.atMost)
		}
	}
	return nil
}

// validateModel asks nn, and finds the table of the field that nn complains of.
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
		if err := s.field(t.name, t.check()); err != nil {
			return err
		}
	}
	return nil
}

// field is an ErrSpec about the field that nn complains of, in a table.
func (s *Spec) field(table string, err error) error {
	if field, ok := errors.AsType[*nn.FieldError](err); ok {
		return s.wrong(table+"."+field.Field, "%s", field.Problem)
	}
	return nil
}

func (s *Spec) validateDatasets() error {
	const key = "data.datasets"
	if n := len(s.Data.Datasets); n < 1 || n > 1024 {
		return s.wrong(key, "has %d entries, want 1 to 1024", n)
	}
	seen := map[string]bool{}
	if base := s.Model.Base; base != "" && !isAsset(base) {
		return s.wrong("model.base", "is %q, want a name like \"asset/1\"", base)
	}
	for _, d := range s.Data.Datasets {
		if !isAsset(d) {
			return s.wrong(key, "has %q, want names like \"asset/1\"", d)
		}
		if seen[d] {
			return s.wrong(key, "has %q twice", d)
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

func (s *Spec) validateSplit() error {
	sum := 0
	for _, part := range []struct {
		key string
		v   int
	}{
		{"split.data", s.Split.Data},
		{"split.compute", s.Split.Compute},
		{"split.creator", s.Split.Creator},
		{"split.commons", s.Split.Commons},
	} {
		if part.v < 0 || part.v > 10000 {
			return s.wrong(part.key, "is %d, want 0 to 10000 basis points", part.v)
		}
		sum += part.v
	}
	if sum != 10000 {
		return s.wrong("split", "sums to %d basis points, want 10000", sum)
	}
	switch s.Split.Method {
	case contribution.Tokens, contribution.Measure, contribution.Exact:
	default:
		return s.wrong("split.method", "is %q, want %q, %q or %q", s.Split.Method, contribution.Tokens, contribution.Measure, contribution.Exact)
	}
	most := 10000
	if s.Split.Cap > 0 {
		most = s.Split.Cap
	}
	return s.within([]bounds{
		{"split.cap", s.Split.Cap, 0, 10000},
		{"split.floor", s.Split.Floor, 0, most},
		{"split.vesting", s.Split.Vesting, 0, 1 << 30},
		{"split.royalty", s.Split.Royalty, 0, 10000},
		{"split.attribution", s.Split.Attribution, 0, 10000},
	})
}

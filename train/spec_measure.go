package train

import (
	"encoding/hex"
	"strings"

	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/rule/contribution"
)

// Measured tells whether runs on parts of the data measure what the data did.
func (s *Spec) Measured() bool { return s.Measure.Method != "" }

// Hidden names the text that the runs validate on.
func (s *Spec) Hidden() string {
	if s.Validation.Hidden != "" {
		return s.Validation.Hidden
	}
	return s.Validation.Text
}

func (s *Spec) validateValidation() error {
	v, share := s.Validation, s.Train.Validation
	if v.Text == "" && v.Hidden == "" {
		if !(share > 0 && share <= 0.5) {
			return wrong("train.validation", "is %v, want more than 0 and at most 0.5, or a table [validation]", share)
		}
		return nil
	}
	if share != 0 {
		return wrong("train.validation", "is %v: leave it out beside a table [validation]", share)
	}
	if !isBlob(v.Text) {
		return wrong("validation.text", "is %q, want \"blob/\" and 64 hexadecimal digits", v.Text)
	}
	if v.Hidden != "" && !isBlob(v.Hidden) {
		return wrong("validation.hidden", "is %q, want \"blob/\" and 64 hexadecimal digits, or nothing", v.Hidden)
	}
	return nil
}

// isBlob tells whether a name is that of a blob. Digits are lower case, so that a blob has one name.
func isBlob(name string) bool {
	digits, ok := strings.CutPrefix(name, "blob/")
	raw, err := hex.DecodeString(digits)
	return ok && err == nil && len(raw) == 32 && digits == strings.ToLower(digits)
}

func (s *Spec) validateMeasure() error {
	m := s.Measure
	switch m.Method {
	case "":
		return nil
	case contribution.Measure, contribution.Exact:
	default:
		return wrong("measure.method", "is %q, want %q or %q", m.Method, contribution.Measure, contribution.Exact)
	}
	if s.Validation.Text == "" {
		return wrong("measure.method", "is %q, which wants a table [validation]: data may not be measured by its owners' own",
			m.Method)
	}
	if err := within([]bounds{
		{"measure.portion", m.Portion, 1, 1 << 30},
		{"measure.steps", m.Steps, 1, 1 << 20},
		{"measure.rows", m.Rows, 1, 1 << 10},
	}); err != nil {
		return err
	}
	cfg := s.small(s.Tokenizer.Vocab)
	if err := field("measure", cfg.Validate()); err != nil {
		return err
	}
	if err := field("measure", s.short().Validate()); err != nil {
		return err
	}
	if rows := m.Rows * contribution.MaxPortions; nn.CheckBatch(cfg, rows) != nil {
		return wrong("measure.rows", "is %d, and %d windows in a step of %d portions are too many for this model",
			m.Rows, rows, contribution.MaxPortions)
	}
	return nil
}

// small is the configuration of the model that the runs train.
func (s *Spec) small(vocab int) nn.Config {
	cfg, m := s.Config(vocab), s.Measure
	cfg.Layers, cfg.Dim, cfg.Heads, cfg.Hidden, cfg.Context = m.Layers, m.Dim, m.Heads, m.Hidden, m.Context
	return cfg
}

// short is what the optimiser does over the steps of such a run: the same in fewer steps, with the same ratio of floor
// and rate.
func (s *Spec) short() nn.Optimizer {
	o := s.Schedule()
	o.Steps = s.Measure.Steps
	if rate := s.Measure.Rate; rate != 0 {
		o.Floor = float32(o.Floor/o.Rate) * rate
		o.Rate = rate
	}
	o.Warmup = int(int64(o.Warmup) * int64(o.Steps) / int64(s.Train.Steps))
	return o
}

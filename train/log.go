package train

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/nn/file"
	"github.com/minga-network/minga/nn/token"
)

// ErrLog marks a model file that does not say how it was trained.
var ErrLog = errors.New("train: no training log in the model")

// Log says how a run went. It is in the model file, so the hash that checkers confirm covers it: what is known before
// the run in the metadata, the losses in tensors beside the weights.
type Log struct {
	Name      string   `json:"name"`
	Datasets  []string `json:"datasets"`
	Seed      uint64   `json:"seed"`
	Base      string   `json:"base,omitempty"` // the model that training began with
	Steps     int      `json:"steps"`
	Interval  int      `json:"interval"` // steps for each point of Losses; the last may have fewer
	LossFirst float32  `json:"-"`        // validation loss before training
	LossLast  float32  `json:"-"`        // and after
	Losses    []Point  `json:"-"`        // training loss along the way
}

// Point is the mean training loss since the point before, in nats a token.
type Point struct {
	Step int
	Loss float32
}

// logKey is where the model's metadata has the log.
const logKey = "training"

// newModel is the model that a run makes, without the data of its tensors.
func (p *Plan) newModel(s *Spec, t *token.Encoder) file.Model {
	run := Log{
		Name: s.Model.Name, Datasets: s.Data.Datasets, Seed: s.Train.Seed, Base: p.base,
		Steps: p.programs.Optimizer.Steps, Interval: p.programs.Interval(),
	}
	text, err := json.Marshal(run)
	if err != nil {
		panic(err) // strings and integers can always be written
	}
	m := file.Model{
		Config: p.programs.Config, Tensors: p.programs.Config.Tensors(), Tokenizer: t,
		Meta: map[string]string{"name": s.Model.Name, logKey: string(text)},
	}
	program := p.Phases[0].Program
	for i, state := range program.States[len(m.Tensors):][:2] {
		shape := program.Values[len(program.Inputs)+len(m.Tensors)+i].Shape
		m.Extra = append(m.Extra, nn.Tensor{Name: state.Name, Shape: shape})
	}
	return m
}

// ReadLog reads how a model was trained. The error wraps ErrLog.
func ReadLog(m *file.Model) (Log, error) {
	var l Log
	if err := json.Unmarshal([]byte(m.Meta[logKey]), &l); err != nil {
		return Log{}, fmt.Errorf("%w: %w", ErrLog, err)
	}
	if len(m.Extra) != 2 || m.Extra[0].Name != nn.StateLosses || m.Extra[1].Name != nn.StateMeans ||
		len(m.Extra[1].Data) < nn.SlotCredits {
		return Log{}, fmt.Errorf("%w: its tensors have no losses", ErrLog)
	}
	if n := len(m.Extra[0].Data); l.Interval < 1 || l.Steps < 1 || n != (l.Steps-1)/l.Interval+1 {
		return Log{}, fmt.Errorf("%w: %d points for %d steps", ErrLog, n, l.Steps)
	}
	for i, loss := range m.Extra[0].Data {
		l.Losses = append(l.Losses, Point{Step: min((i+1)*l.Interval, l.Steps), Loss: loss})
	}
	l.LossFirst, l.LossLast = m.Extra[1].Data[nn.SlotFirst], m.Extra[1].Data[nn.SlotLast]
	return l, nil
}

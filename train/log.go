package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/minga-network/minga/nn"
)

// ErrLog marks a model file that does not say how it was trained.
var ErrLog = errors.New("train: no training log in the model")

// Log is how a run went. It stands in the model file, so that the hash that
// checkers confirm covers it.
type Log struct {
	Name      string   `json:"name"`
	Datasets  []string `json:"datasets"`
	Seed      uint64   `json:"seed"`
	Steps     int      `json:"steps"`
	LossFirst Loss     `json:"loss_first"` // validation loss before training
	LossLast  Loss     `json:"loss_last"`  // and after
	Losses    []Point  `json:"losses"`     // training loss along the way
}

// logKey is where the model's metadata has the log.
const logKey = "training"

// meta writes the log down. A loss that is no number any more (the rate was too
// high) is null: the run was done all the same.
func (l Log) meta() map[string]string {
	text, err := json.Marshal(l)
	if err != nil {
		panic(err) // strings, integers and losses can always be written
	}
	return map[string]string{"name": l.Name, logKey: string(text)}
}

// ReadLog reads how a model was trained. The error wraps ErrLog.
func ReadLog(m *nn.Model) (Log, error) {
	var l Log
	if err := json.Unmarshal([]byte(m.Meta[logKey]), &l); err != nil {
		return Log{}, fmt.Errorf("%w: %w", ErrLog, err)
	}
	return l, nil
}

// Loss is a mean cross-entropy in nats a token.
type Loss float32

// MarshalJSON writes what JSON has no number for as null.
func (x Loss) MarshalJSON() ([]byte, error) {
	if v := float64(x); math.IsNaN(v) || math.IsInf(v, 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float32(x))
}

// UnmarshalJSON reads null as NaN.
func (x *Loss) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		*x = Loss(math.NaN())
		return nil
	}
	return json.Unmarshal(text, (*float32)(x))
}

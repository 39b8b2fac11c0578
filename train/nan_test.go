package train

import (
	"errors"
	"math"
	"testing"
)

// A number that is none must be refused: it would train for nothing, and a model file cannot spell it.
func TestSpecRefusesWhatIsNoNumber(t *testing.T) {
	for _, value := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		s := sample()
		o := &s.Optimizer
		for i, key := range []*float32{&s.Model.Theta, &o.Rate, &o.Floor, &o.Beta1, &o.Beta2, &o.Eps, &o.Decay, &o.Clip} {
			right := *key
			*key = float32(value)
			if err := s.Validate(); !errors.Is(err, ErrSpec) {
				t.Errorf("number %d is %v: got %v, want ErrSpec", i, value, err)
			}
			*key = right
		}
		s.Train.Validation = value
		if err := s.Validate(); !errors.Is(err, ErrSpec) {
			t.Errorf("train.validation is %v: got %v, want ErrSpec", value, err)
		}
	}
}

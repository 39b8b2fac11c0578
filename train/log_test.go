package train

import (
	"errors"
	"math"
	"reflect"
	"testing"

	"github.com/minga-network/minga/nn"
)

func TestLogStandsInTheModel(t *testing.T) {
	want := Log{
		Name: "commons", Datasets: []string{"asset/1"}, Seed: 7, Steps: 3, LossFirst: 6.25, LossLast: 4.5,
		Losses: []Point{{1, 6}, {3, 4.75}},
	}
	got, err := ReadLog(&nn.Model{Meta: want.meta()})
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	if _, err := ReadLog(&nn.Model{}); !errors.Is(err, ErrLog) {
		t.Errorf("a model without a log: got %v, want ErrLog", err)
	}
}

func TestLogOfARunThatBlewUp(t *testing.T) {
	for _, lost := range []float64{math.NaN(), math.Inf(1)} {
		got, err := ReadLog(&nn.Model{Meta: Log{LossLast: Loss(lost)}.meta()})
		if err != nil || !math.IsNaN(float64(got.LossLast)) {
			t.Errorf("loss %v: got %v, %v, want NaN", lost, got.LossLast, err)
		}
	}
}

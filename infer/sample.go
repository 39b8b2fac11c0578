package infer

import (
	"math"

	"github.com/minga-network/minga/nn"
)

// sampling is how the tokens of a request are drawn. Top p is rounded to the
// parts that a call's record has.
func (r Request) sampling() nn.Sampling {
	s := nn.Sampling{Temperature: r.Temperature, TopP: nn.TopPWhole, Seed: r.Seed}
	if r.TopP > 0 {
		s.TopP = uint32(max(1, math.Round(float64(r.TopP)*nn.TopPWhole)))
	}
	return s
}

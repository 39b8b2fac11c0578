package train

import (
	"strings"

	"github.com/minga-network/minga/rule/contribution"
)

// sample is a training of the size of the demo's.
func sample() *Spec {
	s := &Spec{}
	s.Model.Name, s.Model.Layers, s.Model.Dim, s.Model.Heads, s.Model.Hidden, s.Model.Context = "commons", 2, 128, 4, 384,
		128
	s.Model.Tied, s.Model.Theta = true, 10000
	s.Tokenizer.Vocab = 512
	s.Optimizer.Rate, s.Optimizer.Floor, s.Optimizer.Warmup = 0.004, 0.0004, 100
	s.Optimizer.Beta1, s.Optimizer.Beta2, s.Optimizer.Eps, s.Optimizer.Decay, s.Optimizer.Clip = 0.9, 0.95, 1e-8, 0.1, 1
	s.Train.Seed, s.Train.Steps, s.Train.Batch, s.Train.Checkpoint, s.Train.Validation = 1, 1400, 8, 100, 0.05
	s.Data.Datasets = []string{"asset/1", "asset/2", "asset/3", "asset/4"}
	return s
}

// measuredSample is the same with its data measured, on texts that nobody has.
func measuredSample() *Spec {
	s := sample()
	s.Train.Validation = 0
	s.Validation.Text, s.Validation.Hidden = "blob/"+strings.Repeat("0a", 32), "blob/"+strings.Repeat("1b", 32)
	m := &s.Measure
	m.Method, m.Portion, m.Steps, m.Rows = contribution.Measure, 100_000, 175, 1
	m.Layers, m.Dim, m.Heads, m.Hidden, m.Context = 1, 64, 2, 192, 64
	return s
}

package verify

import (
	"slices"

	"github.com/minga-network/minga/blob"
)

// This file knows the tasks of training runs, and of the runs that measure what a training's data is worth. Package
// train makes the Programs; here is what the chain has to know of them.

// Inputs of the Programs of a run that measures. Those of a training begin with the corpus too.
const (
	inCorpus  = iota // the tokens of all data
	inPresent        // of each portion present: where it begins, how many windows may start there, its number
	inHeld           // windows of the hidden text
	inSlices         // of each slice of each portion where it begins and ends; only in run 0, which gives credits
)

// Checkpoints is how many states of a run its worker keeps, evenly spread. A move in a dispute may need the disputed
// step executed once more, from the checkpoint before it on.
const Checkpoints = 16

// IsTraining tells whether the run makes a file and counts no contradictions.
func (p *Programs) IsTraining() bool { return p.Header.Size != 0 && !p.Sound }

// Corpus is how many tokens a training run or a measuring run reads.
func (p *Programs) Corpus() int64 { return p.Inputs[inCorpus].Words }

// means is the place of the means among the states of a training run. The states are the weights, the curve of the
// loss, the means and two moments of each weight.
func (p *Programs) means() (at int, ok bool) {
	weights := (p.States - 2) / 3
	return weights + 1, weights >= 1 && p.States == 3*weights+2
}

// ShowsMeans tells whether a path begins by showing that a run's last step committed to these words as its means, as
// part of state. It returns the rest of the path. The words are little-endian.
func ShowsMeans(t *Task, words []byte, path [][]byte, state []byte) (rest [][]byte, ok bool) {
	p, err := ProgramsOf(t)
	if err != nil || len(words) == 0 || len(words)%4 != 0 {
		return path, false
	}
	at, ok := p.means()
	if !ok {
		return path, false
	}
	return committed(blob.Words[uint32](words), at, p.States+p.Phases[len(p.Phases)-1].Outputs, path, state)
}

// Misshapen says why the last of the tasks given so far is not one of a shape of measuring runs; empty: it is. Runs of
// a shape differ only in which portions are present and in where slices are. All runs read the corpus of the training
// that is measured, take as many steps, are measured by the same text and make the same model. Only the file of run 0
// differs, because it has the credits.
func Misshapen(shapes []*Programs, training *Programs) string {
	shape, inputs := len(shapes)-1, inSlices
	if shape == 0 {
		inputs++
	}
	p, first, second := shapes[shape], shapes[0], shapes[min(shape, 1)]
	steps := func(a, b Phase) bool { return a.Steps == b.Steps }
	switch _, ok := p.means(); {
	case !ok:
		return "a training run has three states for each weight, and two"
	case len(p.Inputs) != inputs:
		return "a run reads the corpus, the portions present and the hidden text, and the first also slices"
	case len(training.Inputs) == 0 || p.Inputs[inCorpus] != training.Inputs[inCorpus]:
		return "it reads another corpus than the job's own training"
	case p.Inputs[inPresent] != (Input{}) || shape == 0 && p.Inputs[inSlices] != (Input{}):
		return "leave out which portions are present and where slices are, that differs from run to run"
	case p.Inputs[inHeld] != first.Inputs[inHeld] || p.Inputs[inHeld].Each:
		return "it measures by another text than task 0"
	case p.States != first.States || !slices.EqualFunc(p.Phases, first.Phases, steps):
		return "it has other states than task 0, or other steps"
	case p.Header != second.Header || p.Words != second.Words:
		return "it makes another model than task 1"
	}
	return ""
}

// Present is the run of a shape on the portions present. In run 0 the slices are given too; nil: it is another run.
func (p *Programs) Present(portions, ofSlices []uint32) *Programs {
	run := *p
	run.Inputs = slices.Clone(p.Inputs)
	run.Inputs[inPresent] = array(portions)
	if ofSlices != nil {
		run.Inputs[inSlices] = array(ofSlices)
	}
	return &run
}

func array(words []uint32) Input { return Input{Root: Value(words), Words: int64(len(words))} }

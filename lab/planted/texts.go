package planted

import (
	"bytes"
	"context"
	"fmt"
	"math/big"
	"slices"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/data/record"
	"github.com/minga-network/minga/examples/commons"
	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/rule/contribution"
	"github.com/minga-network/minga/train"
)

// Texts is a game of eight portions of text for a small language model. A ninth dataset
// repeats the first in lower case. As a copy it is left out before anything is measured.
type Texts struct {
	spec train.Spec
	data []train.Data
}

const (
	textBytes    = 30_000 // of a portion
	textPortions = 8
	blanks       = 500 // bytes; shuffling takes fewer out of a portion
)

// NewTexts plants the portions.
func NewTexts(seed uint64) (*Texts, error) {
	g := &Texts{}
	texts := map[string][]byte{}
	for _, name := range []string{"king-james-bible", "moby-dick", "state-of-the-union", "validation", "hidden"} {
		text, err := commons.Files.ReadFile(name + ".txt")
		if err != nil {
			return nil, err
		}
		texts[name] = text
	}
	// What a book repeats of itself is taken out before portions are cut. Otherwise it would
	// be left out of the portions later, and they would have different lengths.
	books := record.Keep([][]byte{texts["validation"], texts["king-james-bible"], texts["moby-dick"],
		texts["state-of-the-union"]}, make([]int64, 4))
	bible, whale, union := books[1], books[2], books[3]
	d := &dice{seed: seed, stream: 1}
	at := d.below(20_000)
	cut := func(book []byte, place, n int) []byte { return book[at+place:][:n] }
	first := cut(bible, 0, textBytes)
	for _, text := range [][]byte{
		first, cut(bible, 100_000, textBytes), cut(whale, 0, textBytes), cut(whale, 100_000, textBytes),
		cut(union, 0, textBytes),
		d.bytes(textBytes), d.shuffle(cut(whale, 200_000, textBytes+blanks))[:textBytes],
		append(d.bytes(textBytes/2), cut(union, 100_000, textBytes/2)...),
		bytes.ToLower(first),
	} {
		g.data = append(g.data, train.Data{Asset: fmt.Sprintf("asset/%d", len(g.data)+1), Bytes: text,
			Since: int64(len(g.data))})
	}
	g.spec = textSpec()
	g.spec.Train.Seed = seed
	for _, d := range g.data {
		g.spec.Data.Datasets = append(g.spec.Data.Datasets, d.Asset)
	}
	g.spec.Validation.Text = g.show(texts["validation"])
	g.spec.Validation.Hidden = g.show(excerpts(texts["hidden"]))
	return g, nil
}

// show adds a text that the job brings itself, and returns its name.
func (g *Texts) show(text []byte) string {
	name := "blob/" + blob.Sum(text).String()
	g.data = append(g.data, train.Data{Asset: name, Bytes: text})
	return name
}

// excerpts are three passages of a text, one of each book. They are short, since each
// of many runs reads them twice.
func excerpts(text []byte) []byte {
	third := len(text) / 3
	return slices.Concat(text[:1500], text[third+500:][:1500], text[2*third+500:][:1500])
}

func (d *dice) bytes(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(d.below(256))
	}
	return b
}

// shuffle returns a text's words in another order.
func (d *dice) shuffle(text []byte) []byte {
	words := bytes.Fields(text)
	out := make([]byte, 0, len(text))
	for _, i := range d.order(len(words)) {
		out = append(append(out, words[i]...), ' ')
	}
	return out
}

// Names implements Game.
func (g *Texts) Names() []string {
	return []string{"Bible", "Bible, another part", "Moby-Dick", "Moby-Dick, another part", "addresses", "random bytes",
		"shuffled words", "half random bytes"}
}

// Sizes implements Game.
func (g *Texts) Sizes() []Size {
	return []Size{
		{"the training itself", 200, 2, 32, 0.006},
		{"1½ steps, ½ rows, ¼ width, rate ×3", 300, 1, 8, 0.018},
		{"same steps, ½ rows, ¼ width, rate ×3", 200, 1, 8, 0.018},
		{"1½ steps, ½ rows, ⅛ width, rate ×5", 300, 1, 4, 0.03},
		{"⅗ steps, ½ rows, ½ width, rate ×2", 120, 1, 16, 0.012},
		{"1½ steps, ½ rows, ¼ width, same rate", 300, 1, 8, 0.006},
	}
}

// Tokens implements Game: all portions have the same size.
func (g *Texts) Tokens() []float64 {
	tokens := make([]float64, textPortions)
	for i := range tokens {
		tokens[i] = 1
	}
	return tokens
}

// Open implements Game.
func (g *Texts) Open(s Size) (Trainer, error) {
	spec := g.spec
	m := &spec.Measure
	m.Steps, m.Rows, m.Dim, m.Heads, m.Hidden = s.Steps, s.Rows, s.Width, max(1, s.Width/16), 3*s.Width
	m.Rate = s.Rate
	measure, err := train.NewMeasure(&spec, g.data)
	if err != nil {
		return nil, err
	}
	if measure.Design.Portions != textPortions {
		return nil, fmt.Errorf("planted: %d portions of text, want %d", measure.Design.Portions, textPortions)
	}
	t := &texts{measure: measure, runs: map[contribution.Coalition]int{}}
	measure.Design.Coalitions = nil
	for c := contribution.Coalition(1)<<textPortions - 1; c > 0; c-- {
		t.runs[c] = len(measure.Design.Coalitions)
		measure.Design.Coalitions = append(measure.Design.Coalitions, c)
	}
	return t, nil
}

// texts are the runs of one size, on every coalition.
type texts struct {
	measure *train.Measure
	runs    map[contribution.Coalition]int
}

// Train implements Trainer by a run as a worker does it.
func (t *texts) Train(ctx context.Context, c contribution.Coalition) (*big.Rat, error) {
	words, err := t.run(ctx, c)
	if err != nil {
		return nil, err
	}
	return contribution.Utility(words[0], words[1]), nil
}

// run returns the words that a claim about the run would have.
func (t *texts) run(ctx context.Context, c contribution.Coalition) ([]float32, error) {
	plan, err := t.measure.Plan(t.runs[c])
	if err != nil {
		return nil, err
	}
	b, err := kernel.New("", 1)
	if err != nil {
		return nil, err
	}
	words, _, err := train.NewReplay(ctx, plan, b, train.Options{}).ProveMeans()
	return words, err
}

// Credits implements Trainer by what the run of all portions records.
func (t *texts) Credits(ctx context.Context) ([]float64, error) {
	words, err := t.run(ctx, 1<<textPortions-1)
	if err != nil {
		return nil, err
	}
	credits, found := make([]float64, textPortions), words[nn.SlotCredits:]
	for i, c := range found {
		credits[i/contribution.Slices] += float64(c)
	}
	return credits, nil
}

// Work implements Trainer by Measure.Cost. The first run of a list also gives
// credits, which the training itself does not.
func (t *texts) Work(coalitions []contribution.Coalition) float64 {
	if len(coalitions) == 1 {
		return t.cost([]contribution.Coalition{1, coalitions[0]}) - t.cost([]contribution.Coalition{1})
	}
	return t.cost(coalitions)
}

func (t *texts) cost(coalitions []contribution.Coalition) float64 {
	d := t.measure.Design
	every := d.Coalitions
	defer func() { d.Coalitions = every }()
	d.Coalitions = coalitions
	return t.measure.Cost()
}

// textSpec is a training that is measured by the runs of the game. Only its runs are used.
func textSpec() (s train.Spec) {
	s.Model.Name, s.Model.Layers, s.Model.Dim, s.Model.Heads, s.Model.Hidden, s.Model.Context = "texts", 1, 32, 2, 96, 32
	s.Model.Tied, s.Model.Theta = true, 10000
	s.Tokenizer.Vocab = 384
	s.Optimizer.Rate, s.Optimizer.Floor, s.Optimizer.Warmup = 6e-3, 6e-4, 20
	s.Optimizer.Beta1, s.Optimizer.Beta2, s.Optimizer.Eps, s.Optimizer.Decay, s.Optimizer.Clip = 0.9, 0.95, 1e-8, 0.1, 1
	s.Train.Steps, s.Train.Batch, s.Train.Checkpoint = 200, 16, 50
	m := &s.Measure
	m.Method, m.Portion, m.Steps, m.Rows = contribution.Measure, textBytes, 200, 2
	m.Layers, m.Dim, m.Heads, m.Hidden, m.Context = 1, 32, 2, 96, 32
	return s
}

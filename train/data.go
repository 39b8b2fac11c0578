package train

import (
	"bytes"
	"errors"
	"fmt"
	"math/bits"

	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/nn"
)

// ErrData marks data that does not fit the Spec.
var ErrData = errors.New("train: data does not fit the spec")

// Data is the content of one dataset.
type Data struct {
	Asset string // "asset/1"
	Bytes []byte
}

// corpus is the data of a job in tokens.
type corpus struct {
	tokenizer  *nn.Tokenizer
	context    int
	training   [][]int32 // of each dataset, in the order of the Spec
	starts     []int     // in how many places a window may start, of each dataset
	validation [][]int32 // windows of all datasets, context+1 tokens each
}

// newCorpus splits, trains the tokenizer on the training parts, and encodes.
func newCorpus(s *Spec, data []Data) (*corpus, error) {
	texts := make([][]byte, len(s.Data.Datasets))
	held := make([][]byte, len(texts))
	for i, name := range s.Data.Datasets {
		content, ok := find(data, name)
		if !ok {
			return nil, fmt.Errorf("%w: %w", ErrData, s.wrong("data.datasets", "names %s, which is absent: fetch it or leave it out", name))
		}
		cut := cutAt(content, s.Train.Validation)
		texts[i], held[i] = content[:cut], content[cut:]
	}
	tokenizer, err := nn.TrainTokenizer(texts, s.Tokenizer.Vocab)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrData, err)
	}
	c := &corpus{tokenizer: tokenizer, context: s.Model.Context}
	for i, name := range s.Data.Datasets {
		tokens := tokenizer.Encode(texts[i])
		// A window is context tokens and the one after them.
		starts := len(tokens) - c.context
		if starts < 1 {
			return nil, fmt.Errorf("%w: %s has %d tokens to train on, want more than context %d: leave it out or lower the context", ErrData, name, len(tokens), c.context)
		}
		c.training, c.starts = append(c.training, tokens), append(c.starts, starts)
		c.hold(tokenizer.Encode(held[i]))
	}
	if len(c.validation) == 0 {
		return nil, fmt.Errorf("%w: no dataset has more than context %d tokens to validate on: raise train.validation or lower the context", ErrData, c.context)
	}
	return c, nil
}

func find(data []Data, name string) ([]byte, bool) {
	for _, d := range data {
		if d.Asset == name {
			return d.Bytes, true
		}
	}
	return nil, false
}

// cutAt returns the length of the training part: all but the last share,
// rounded down to the end of a line where there is one.
func cutAt(content []byte, share float64) int {
	cut := len(content) - int(share*float64(len(content)))
	if line := bytes.LastIndexByte(content[:cut], '\n'); line >= 0 {
		return line + 1
	}
	return cut
}

// windowStream sets the draws of windows apart from those of initial weights,
// which are keyed by the same seed with a smaller stream.
const windowStream = 1 << 31

// fill draws the windows of a step into tokens and targets (rows·context): row
// r starts at a place drawn from the seed, step and r, each place of all
// datasets as likely as another. It counts the tokens of each dataset.
func (c *corpus) fill(tokens, targets []int32, seed uint64, step int, used []uint64) {
	total := 0
	for _, n := range c.starts {
		total += n
	}
	for row := range len(tokens) / c.context {
		r := kernel.Philox(seed, [4]uint32{uint32(step), uint32(row), 0, windowStream})
		// The high word of a product maps 64 bits to [0, total) evenly.
		place, _ := bits.Mul64(uint64(r[0])|uint64(r[1])<<32, uint64(total))
		at, dataset := int(place), 0
		for at >= c.starts[dataset] {
			at -= c.starts[dataset]
			dataset++
		}
		c.copyWindow(tokens, targets, row, c.training[dataset][at:])
		used[dataset] += uint64(c.context)
	}
}

func (c *corpus) copyWindow(tokens, targets []int32, row int, from []int32) {
	lo, hi := row*c.context, (row+1)*c.context
	copy(tokens[lo:hi], from)
	copy(targets[lo:hi], from[1:])
}

// hold cuts tokens into validation windows, as many as fit without overlap.
func (c *corpus) hold(tokens []int32) {
	for len(tokens) > c.context {
		c.validation = append(c.validation, tokens[:c.context+1])
		tokens = tokens[c.context:]
	}
}

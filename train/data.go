package train

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/minga-network/minga/nn"
)

// ErrData marks data that does not fit the Spec.
var ErrData = errors.New("train: data does not fit the spec")

// Data is the content of one dataset.
type Data struct {
	Asset string // "asset/1"
	Bytes []byte
}

// corpus is the data of a job in tokens, as its Programs read it.
type corpus struct {
	tokenizer *nn.Tokenizer
	tokens    []int32 // to train on, of all datasets in the order of the Spec
	places    []int32 // of each dataset: where it begins in tokens, and how many windows may start there
	windows   []int32 // to validate on: context+1 tokens each, of all datasets
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
	c := &corpus{tokenizer: tokenizer}
	for i, name := range s.Data.Datasets {
		tokens := tokenizer.Encode(texts[i])
		// A window is context tokens and the one after them.
		starts := len(tokens) - s.Model.Context
		if starts < 1 {
			return nil, fmt.Errorf("%w: %s has %d tokens to train on, want more than context %d: leave it out or lower the context", ErrData, name, len(tokens), s.Model.Context)
		}
		if len(tokens) > maxTokens-len(c.tokens) {
			return nil, fmt.Errorf("%w: more than %d tokens to train on: leave %s out", ErrData, maxTokens, name)
		}
		c.places = append(c.places, int32(len(c.tokens)), int32(starts))
		c.tokens = append(c.tokens, tokens...)
		c.hold(tokenizer.Encode(held[i]), s.Model.Context)
	}
	if len(c.windows) == 0 {
		return nil, fmt.Errorf("%w: no dataset has more than context %d tokens to validate on: raise train.validation or lower the context", ErrData, s.Model.Context)
	}
	return c, nil
}

// maxTokens is the largest value of a Program.
const maxTokens = 1 << 30

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

// hold cuts tokens into validation windows, as many as fit without overlap.
func (c *corpus) hold(tokens []int32, context int) {
	for len(tokens) > context {
		c.windows = append(c.windows, tokens[:context+1]...)
		tokens = tokens[context:]
	}
}

package train

import (
	"bytes"
	"errors"
	"fmt"
	"math"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/data/record"
	"github.com/minga-network/minga/nn/file"
	"github.com/minga-network/minga/nn/token"
)

// ErrData marks data that does not fit the Spec.
var ErrData = errors.New("train: data does not fit the spec")

// misfit is an ErrData about a key of the Spec.
func misfit(key, format string, args ...any) error {
	return fmt.Errorf("%w: %w", ErrData, wrong(key, format, args...))
}

// Data is the content of one dataset, or of a text that the Spec names.
type Data struct {
	Asset string // "asset/1", or "blob/" and the hexadecimal digits of its name
	Bytes []byte
	// Since is the height at which a dataset was committed to the chain. If two have the same record, the earlier keeps
	// it.
	Since int64
}

// corpus is the data of a job in tokens, as its Programs read it.
type corpus struct {
	tokenizer *token.Encoder
	base      *file.Model // that training begins with; nil: with random weights
	file      []byte      // the base's
	kept      []uint64    // bytes of each dataset that repeat nothing earlier
	copies    []bool      // the datasets that had something left out
	texts     [][]byte    // of each dataset, what is trained on
	held      [][]byte    // and what is held out of it
	text      []byte      // the job's own text to validate on, if it has one
	tokens    []int32     // of all joined texts in the order of the Spec
	places    []int32     // of each dataset: where it begins in tokens, and how many windows may start there
}

// newCorpus splits the data, trains the tokenizer on the training parts, and makes tokens of them.
func newCorpus(s *Spec, data []Data) (*corpus, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	c := &corpus{}
	if err := c.split(s, data); err != nil {
		return nil, err
	}
	if err := c.learnTokens(s, data); err != nil {
		return nil, err
	}
	for _, text := range c.joined() {
		tokens := c.tokenizer.Encode(text)
		if len(tokens) > maxTokens-len(c.tokens) {
			return nil, fmt.Errorf("%w: more than %d tokens to train on: leave datasets out", ErrData, maxTokens)
		}
		c.tokens = append(c.tokens, tokens...)
	}
	if err := c.place(s); err != nil {
		return nil, err
	}
	return c, nil
}

// joined are the texts of which tokens are made. Where the data is measured, all are one text: a line then has the same
// tokens whoever owns the line before it, and a text is worth the same in one dataset as in many. Otherwise each
// dataset is a text, since what is held out stands between them.
func (c *corpus) joined() [][]byte {
	if c.text == nil {
		return c.texts
	}
	return [][]byte{bytes.Join(c.texts, nil)}
}

// place finds the datasets in the tokens.
func (c *corpus) place(s *Spec) error {
	ends, total, most := make([]uint64, len(c.texts)), uint64(0), 0
	for i, text := range c.texts {
		total += uint64(len(text))
		ends[i] = total
	}
	begin := 0
	for i, end := range c.tokensAt(ends) {
		// A window is context tokens and the one after them. The rest of a copy may be too short for one: that is its owner's
		// loss, not the job's.
		tokens := int(end) - begin
		starts := max(0, tokens-s.Model.Context)
		most = max(most, starts)
		if starts < 1 && !c.copies[i] {
			return fmt.Errorf("%w: %s has %d tokens to train on, want more than context %d: leave it out or lower the context",
				ErrData, s.Data.Datasets[i], tokens, s.Model.Context)
		}
		c.places = append(c.places, int32(begin), int32(starts))
		begin = int(end)
	}
	if most < 1 {
		return fmt.Errorf("%w: nothing is left to train on: all datasets repeat earlier ones or the text to validate on",
			ErrData)
	}
	return nil
}

// tokensAt returns the first token that begins at each of some places or later. Places are bytes of all texts, in
// rising order. A token over a border belongs to the text in which it begins.
func (c *corpus) tokensAt(places []uint64) []int32 {
	var found []int32
	at, read := 0, uint64(0) // token, bytes before it
	for _, place := range places {
		for at < len(c.tokens) && read < place {
			read += uint64(len(c.tokenizer.Bytes(c.tokens[at])))
			at++
		}
		found = append(found, int32(at))
	}
	return found
}

// split finds the datasets, and the part of each that is trained on.
func (c *corpus) split(s *Spec, data []Data) error {
	var err error
	if name := s.Validation.Text; name != "" {
		if c.text, err = text(data, "validation.text", name); err != nil {
			return err
		}
	}
	var since []int64
	for _, name := range s.Data.Datasets {
		d, ok := find(data, name)
		if !ok {
			return misfit("data.datasets", "names %s, which is absent: fetch it or leave it out", name)
		}
		c.texts, since = append(c.texts, d.Bytes), append(since, d.Since)
	}
	c.keep(since)
	for i, text := range c.texts {
		cut := len(text)
		if c.text == nil {
			cut = cutAt(text, s.Train.Validation)
		}
		c.texts[i], c.held = text[:cut], append(c.held, text[cut:])
	}
	return nil
}

// keep leaves out of the datasets what stands earlier in one of them, and what repeats the job's own text to validate
// on, since everybody knows that before the training. A job without such a text takes its data as it is.
func (c *corpus) keep(since []int64) {
	given := c.texts
	if c.text != nil {
		c.texts = record.Keep(append([][]byte{c.text}, given...), append([]int64{math.MinInt64}, since...))[1:]
	}
	for i, text := range c.texts {
		c.kept = append(c.kept, uint64(len(text)))
		c.copies = append(c.copies, len(text) < len(given[i]))
	}
}

// text is a text that the Spec names by its hash.
func text(data []Data, key, name string) ([]byte, error) {
	d, ok := find(data, name)
	if !ok {
		return nil, misfit(key, "names a text that is absent: fetch %s", name)
	}
	if got := "blob/" + blob.Sum(d.Bytes).String(); got != name {
		return nil, misfit(key, "names another text than was given, which is %s", got)
	}
	return d.Bytes, nil
}

// validation is what the job's model is validated on: windows of the job's own text, or of what is held out of all
// datasets.
func (c *corpus) validation(s *Spec) ([]int32, error) {
	if c.text != nil {
		return c.windows("validation.text", [][]byte{c.text}, s.Model.Context)
	}
	return c.windows("train.validation", c.held, s.Model.Context)
}

// windows cuts texts into windows of context+1 tokens, as many as fit without
// overlap.
func (c *corpus) windows(key string, texts [][]byte, context int) ([]int32, error) {
	var windows []int32
	for _, text := range texts {
		for tokens := c.tokenizer.Encode(text); len(tokens) > context; tokens = tokens[context:] {
			windows = append(windows, tokens[:context+1]...)
		}
	}
	if len(windows) == 0 {
		return nil, misfit(key, "gives no text of more than context %d tokens to validate on: give more or lower the context",
			context)
	}
	return windows, nil
}

// maxTokens is the largest value of a Program.
const maxTokens = 1 << 30

func find(data []Data, name string) (Data, bool) {
	for _, d := range data {
		if d.Asset == name {
			return d, true
		}
	}
	return Data{}, false
}

// cutAt returns the length of the training part: all but the last share, rounded down to the end of a line if there is
// one.
func cutAt(content []byte, share float64) int {
	cut := len(content) - int(share*float64(len(content)))
	if line := bytes.LastIndexByte(content[:cut], '\n'); line >= 0 {
		return line + 1
	}
	return cut
}

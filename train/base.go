package train

import (
	"bytes"
	"fmt"

	"github.com/minga-network/minga/nn/file"
	"github.com/minga-network/minga/nn/token"
)

// learnTokens trains the tokenizer, or takes that of the base.
func (c *corpus) learnTokens(s *Spec, data []Data) (err error) {
	if s.Model.Base != "" {
		return c.begin(s, data)
	}
	if c.tokenizer, err = token.Train(c.joined(), s.Tokenizer.Vocab); err != nil {
		return fmt.Errorf("%w: %w", ErrData, err)
	}
	return nil
}

// begin finds the base, which must be as the Spec says in everything but weights.
func (c *corpus) begin(s *Spec, data []Data) error {
	d, ok := find(data, s.Model.Base)
	if !ok {
		return misfit("model.base", "names %s, which is absent: fetch it", s.Model.Base)
	}
	m, err := file.Decode(d.Bytes)
	if err != nil {
		return misfit("model.base", "names %s, which is no model: %v", s.Model.Base, err)
	}
	if !bytes.Equal(m.Encode(), d.Bytes) {
		return misfit("model.base", "names %s, a file that this program has not written", s.Model.Base)
	}
	if n := m.Tokenizer.Vocab(); n > s.Tokenizer.Vocab {
		return misfit("tokenizer.vocab", "is %d, but the base has %d tokens: raise it", s.Tokenizer.Vocab, n)
	}
	if want := s.Config(m.Config.Vocab); m.Config != want {
		return misfit("model", "is another than the base: it says %+v, %s is %+v", want, s.Model.Base, m.Config)
	}
	c.base, c.file, c.tokenizer = m, d.Bytes, m.Tokenizer
	return nil
}

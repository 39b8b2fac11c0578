package file

import (
	"errors"
	"fmt"
	"slices"

	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/nn/token"
)

// ErrModel marks bytes that are not a model file.
var ErrModel = errors.New("file: bad model file")

// Model is a transformer with its weights, in the order of Config.Tensors,
// and what its user needs beside them.
type Model struct {
	Config    nn.Config
	Tensors   []nn.Tensor
	Extra     []nn.Tensor // about the model, as its training curve; never changes what it computes
	Tokenizer *token.Encoder
	Meta      map[string]string // free text about the model; never changes what it computes
}

// all are the tensors in the order of the file.
func (m *Model) all() []nn.Tensor { return slices.Concat(m.Tensors, m.Extra) }

// elements counts the float32 of the file.
func (m *Model) elements() int {
	n := 0
	for _, t := range m.all() {
		n += t.Size()
	}
	return n
}

// check compares the model with its config.
func (m *Model) check() error {
	if err := m.Config.Validate(); err != nil {
		return err
	}
	want := m.Config.Tensors()
	if len(m.Tensors) != len(want) {
		return fmt.Errorf("file: model has %d tensors, its config %d", len(m.Tensors), len(want))
	}
	for i, t := range m.Tensors {
		if w := want[i]; t.Name != w.Name || len(t.Data) != w.Size() || fmt.Sprint(t.Shape) != fmt.Sprint(w.Shape) {
			return fmt.Errorf("file: tensor %d is %s %v of %d, the config wants %s %v", i, t.Name, t.Shape, len(t.Data), w.Name,
				w.Shape)
		}
	}
	names := map[string]bool{metaKey: true}
	for _, t := range m.all() {
		if names[t.Name] || len(t.Data) != t.Size() {
			return fmt.Errorf("file: tensor %q is there twice, or is %v of %d", t.Name, t.Shape, len(t.Data))
		}
		names[t.Name] = true
	}
	return m.checkTokenizer()
}

// checkTokenizer: every token has a row in the embedding and every row a token.
func (m *Model) checkTokenizer() error {
	if m.Tokenizer != nil && m.Tokenizer.Vocab() != m.Config.Vocab {
		return fmt.Errorf("file: tokenizer has %d tokens, the config %d", m.Tokenizer.Vocab(), m.Config.Vocab)
	}
	return nil
}

package file

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrExport marks a model that GGUF cannot describe.
var ErrExport = errors.New("file: cannot export")

// Numbers of the GGUF format (github.com/ggml-org/ggml, docs/gguf.md).
const (
	ggufMagic   = "GGUF"
	ggufVersion = 3
	ggufAlign   = 32 // of every tensor's data

	ggufUint32  = 4
	ggufInt32   = 5
	ggufFloat32 = 6
	ggufBool    = 7
	ggufString  = 8
	ggufArray   = 9

	ggmlF32 = 0
	ggmlF16 = 1

	tokenNormal  = 1
	tokenControl = 3
)

// GGUF writes the model for llama.cpp and what is built on it: GGUF version 3,
// architecture "llama", weights as float32 or, if half, the matrices as
// float16 rounded to nearest even. The tokenizer goes along as "gpt2" BPE with
// "gpt-2" pre-tokens, and gives the same tokens there for valid UTF-8, as far
// as both have the same Unicode tables. The same model gives the same bytes.
// The error wraps ErrExport.
func (m *Model) GGUF(half bool) ([]byte, error) {
	if err := m.check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrExport, err)
	}
	if m.Tokenizer == nil {
		return nil, fmt.Errorf("%w: the model has no tokenizer; set Model.Tokenizer", ErrExport)
	}
	tensors := m.ggufTensors(half)
	meta := m.ggufMetadata(half)
	var w ggufWriter
	w.out = append(w.out, ggufMagic...)
	w.uint32(ggufVersion)
	w.uint64(uint64(len(tensors)))
	w.uint64(uint64(meta.count))
	w.out = append(w.out, meta.out...)
	w.describe(tensors)
	for _, t := range tensors {
		w.align()
		t.write(&w)
	}
	w.align()
	return w.out, nil
}

// ggufMetadata writes the keys that llama.cpp reads.
func (m *Model) ggufMetadata(half bool) (w ggufWriter) {
	c, fileType := m.Config, uint32(ggmlF32)
	if half {
		fileType = ggmlF16
	}
	w.keyString("general.architecture", "llama")
	w.keyString("general.name", m.name())
	w.keyUint32("general.file_type", fileType)
	w.keyUint32("general.alignment", ggufAlign)
	w.keyUint32("llama.vocab_size", uint32(c.Vocab))
	w.keyUint32("llama.context_length", uint32(c.Context))
	w.keyUint32("llama.embedding_length", uint32(c.Dim))
	w.keyUint32("llama.block_count", uint32(c.Layers))
	w.keyUint32("llama.feed_forward_length", uint32(c.Hidden))
	w.keyUint32("llama.rope.dimension_count", uint32(c.Dim/c.Heads))
	w.keyUint32("llama.attention.head_count", uint32(c.Heads))
	w.keyUint32("llama.attention.head_count_kv", uint32(c.Heads))
	w.keyFloat32("llama.attention.layer_norm_rms_epsilon", c.Eps)
	w.keyFloat32("llama.rope.freq_base", c.Theta)
	m.ggufTokenizer(&w)
	return w
}

func (m *Model) name() string {
	if name := m.Meta["name"]; name != "" {
		return name
	}
	return "minga"
}

// ggufTokenizer writes tokens and merges in the byte alphabet.
func (m *Model) ggufTokenizer(w *ggufWriter) {
	t := m.Tokenizer
	tokens, kinds := make([]string, t.Vocab()), make([]int32, t.Vocab())
	for id := range tokens {
		tokens[id], kinds[id] = t.Spell(int32(id)), tokenNormal
	}
	kinds[t.EOS()] = tokenControl
	w.keyString("tokenizer.ggml.model", "gpt2")
	w.keyString("tokenizer.ggml.pre", "gpt-2")
	w.keyStrings("tokenizer.ggml.tokens", tokens)
	w.keyInt32s("tokenizer.ggml.token_type", kinds)
	w.keyStrings("tokenizer.ggml.merges", t.Merges())
	w.keyUint32("tokenizer.ggml.bos_token_id", uint32(t.EOS()))
	w.keyUint32("tokenizer.ggml.eos_token_id", uint32(t.EOS()))
	w.keyBool("tokenizer.ggml.add_bos_token", false)
}

// ggufTensor is a tensor under llama.cpp's name. Its llama architecture turns
// pairs (2i, 2i+1) as we do, so rows keep their order.
type ggufTensor struct {
	name    string
	shape   []int // as GGUF stores it: rows first
	data    []float32
	columns int // of data where it is stored (in, out) and has to be transposed, else 0
	half    bool
}

// ggufNames of the tensors outside and inside of a layer. Those marked are
// (in, out) here and (out, in) there.
var ggufNames = map[string]struct {
	name      string
	transpose bool
}{
	"embed": {"token_embd", false}, "norm": {"output_norm", false}, "output": {"output", false},
	"norm1": {"attn_norm", false}, "norm2": {"ffn_norm", false},
	"wq": {"attn_q", true}, "wk": {"attn_k", true}, "wv": {"attn_v", true}, "wo": {"attn_output", true},
	"w1": {"ffn_gate", true}, "w3": {"ffn_up", true}, "w2": {"ffn_down", true},
}

// ggufTensors maps the weights. A tied output is left out: llama.cpp then
// takes the embedding.
func (m *Model) ggufTensors(half bool) []ggufTensor {
	out := make([]ggufTensor, len(m.Tensors))
	for i, t := range m.Tensors {
		name, block := t.Name, ""
		if layer, ok := strings.CutPrefix(t.Name, "layers."); ok {
			number, rest, _ := strings.Cut(layer, ".")
			name, block = rest, "blk."+number+"."
		}
		n := ggufNames[name]
		// llama.cpp wants gains in float32 whatever the rest is.
		g := ggufTensor{name: block + n.name + ".weight", shape: slices.Clone(t.Shape), data: t.Data, half: half &&
			len(t.Shape) == 2}
		if n.transpose {
			g.columns = t.Shape[1]
			slices.Reverse(g.shape)
		}
		out[i] = g
	}
	return out
}

// size is the number of bytes of the data.
func (t ggufTensor) size() int {
	if t.half {
		return 2 * len(t.data)
	}
	return 4 * len(t.data)
}

func (t ggufTensor) write(w *ggufWriter) {
	if t.columns == 0 {
		for _, f := range t.data {
			w.float(f, t.half)
		}
		return
	}
	for column := range t.columns {
		for i := column; i < len(t.data); i += t.columns {
			w.float(t.data[i], t.half)
		}
	}
}

package file

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/minga-network/minga/blob"
)

const (
	modelFormat   = "minga 1"
	headerPrefix  = 8        // bytes that hold the header's length
	headerAlign   = 8        // safetensors pads the header to this
	maxHeader     = 64 << 20 // bytes of header that a reader accepts
	metaKey       = "__metadata__"
	metaPrefix    = "meta."
	metaConfig    = "config"
	metaTokenizer = "tokenizer"
	metaFormat    = "format"
)

// Encode writes the model file: safetensors (github.com/huggingface/safetensors,
// "Format"), that is the length of a JSON header (8 bytes, little endian), the
// header padded with spaces to a multiple of 8, and the float32 of every
// tensor, little endian, in the order of Config.Tensors, then the extra ones.
// Every NaN is 7fc00000. The header's __metadata__ holds the config, the tokenizer as Text, and each entry of Meta
// under "meta." and its key. The same model gives the same bytes: keys are
// sorted, numbers have one spelling.
//
// Readers of safetensors see plain arrays. To load them as a Llama of Hugging
// Face, three things differ besides the names (embed is model.embed_tokens,
// layers.N.w1 is model.layers.N.mlp.gate_proj, w3 is up_proj, w2 is down_proj,
// output is lm_head): matrices of the layers are stored (in, out) and must be
// transposed, and the rows of wq and wk within a head belong to pairs (2i,
// 2i+1) of the rotation, where Hugging Face pairs i with i+width/2.
//
// Tensors must be those of Config, with their sizes; anything else is a
// programmer's mistake and panics. Text of Meta that is not UTF-8 has its bad
// bytes replaced.
func (m *Model) Encode() []byte {
	if err := m.check(); err != nil {
		panic(err)
	}
	out := m.Header()
	out = slices.Grow(out, 4*m.elements())
	for _, t := range m.all() {
		out = blob.AppendFloats(out, t.Data)
	}
	return out
}

// Header is the model file up to the first weight. It depends on everything of
// the model but the data of its tensors, which need not be there yet.
func (m *Model) Header() []byte {
	header := m.header()
	return append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header...)
}

// configText spells a Config in the header; the names are the spec's.
type configText struct {
	Vocab   int     `json:"vocab"`
	Layers  int     `json:"layers"`
	Dim     int     `json:"dim"`
	Heads   int     `json:"heads"`
	Hidden  int     `json:"hidden"`
	Context int     `json:"context"`
	Tied    bool    `json:"tied"`
	Theta   float32 `json:"theta"`
	Eps     float32 `json:"eps"`
}

// metadata is everything of the model that is not a weight.
func (m *Model) metadata() map[string]string {
	out := map[string]string{
		metaFormat: modelFormat,
		metaConfig: string(mustJSON(configText(m.Config))),
	}
	if m.Tokenizer != nil {
		out[metaTokenizer] = m.Tokenizer.Text()
	}
	for k, v := range m.Meta {
		out[metaPrefix+validText(k)] = validText(v)
	}
	return out
}

// validText makes the replacement that JSON would make, but in the one spelling
// that survives being read and written again.
func validText(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

// header is the padded JSON, made from the shapes alone.
func (m *Model) header() []byte {
	var b bytes.Buffer
	b.WriteString(`{"` + metaKey + `":`)
	b.Write(mustJSON(m.metadata()))
	begin := 0
	for _, t := range m.all() {
		end := begin + 4*t.Size()
		fmt.Fprintf(&b, `,%s:{"dtype":"F32","shape":%s,"data_offsets":[%d,%d]}`,
			mustJSON(t.Name), mustJSON(t.Shape), begin, end)
		begin = end
	}
	b.WriteByte('}')
	for b.Len()%headerAlign != 0 {
		b.WriteByte(' ')
	}
	return b.Bytes()
}

// mustJSON spells values that JSON can always spell.
func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

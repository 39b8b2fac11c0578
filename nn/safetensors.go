package nn

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
)

// ErrModelFile marks bytes that are not a model file.
var ErrModelFile = errors.New("nn: bad model file")

const (
	modelFormat   = "minga 1"
	headerPrefix  = 8        // bytes that hold the header's length
	headerAlign   = 8        // safetensors pads the header to this
	maxHeader     = 64 << 20 // bytes of header that a reader accepts
	metaPrefix    = "meta."
	metaConfig    = "config"
	metaTokenizer = "tokenizer"
	metaFormat    = "format"
)

// Encode writes the model file: safetensors (github.com/huggingface/safetensors,
// "Format"), that is the length of a JSON header (8 bytes, little endian), the
// header padded with spaces to a multiple of 8, and the float32 of every
// tensor, little endian, in the order of Config.Tensors. The header's
// __metadata__ holds the config, the tokenizer as Text, and each entry of Meta
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
	header := m.header()
	out := make([]byte, 0, headerPrefix+len(header)+4*m.Parameters())
	out = binary.LittleEndian.AppendUint64(out, uint64(len(header)))
	out = append(out, header...)
	for _, t := range m.Tensors {
		out = appendFloats(out, t.Data)
	}
	return out
}

// DecodeModel reads what Encode writes, and only that: the header is the one
// that Encode would write, so that equal models are equal files. It allocates
// in proportion to the bytes given. The error wraps ErrModelFile.
func DecodeModel(file []byte) (*Model, error) {
	m, err := decodeModel(file)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrModelFile, err)
	}
	return m, nil
}

func decodeModel(file []byte) (*Model, error) {
	header, data, err := cutHeader(file)
	if err != nil {
		return nil, err
	}
	var parsed struct {
		Metadata map[string]string `json:"__metadata__"`
	}
	if err := json.Unmarshal(header, &parsed); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	m, err := fromMetadata(parsed.Metadata)
	if err != nil {
		return nil, err
	}
	// From here on the sizes are the config's, and they must be the file's.
	if want := 4 * m.Config.parameters(); len(data) != want {
		return nil, fmt.Errorf("%d bytes of weights, the config wants %d", len(data), want)
	}
	m.Tensors = m.Config.Tensors()
	if !bytes.Equal(header, m.header()) {
		return nil, errors.New("header is not in the canonical form, or its tensors are not those of the config")
	}
	for i := range m.Tensors {
		t := &m.Tensors[i]
		t.Data, data = cutFloats(data, t.Size())
	}
	return m, m.checkTokenizer()
}

func cutHeader(file []byte) (header, data []byte, err error) {
	if len(file) < headerPrefix {
		return nil, nil, fmt.Errorf("%d bytes, want at least %d", len(file), headerPrefix)
	}
	n := binary.LittleEndian.Uint64(file)
	file = file[headerPrefix:]
	if n > maxHeader || n > uint64(len(file)) {
		return nil, nil, fmt.Errorf("header of %d bytes in a file of %d, want at most %d", n, len(file), maxHeader)
	}
	return file[:n], file[n:], nil
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

// fromMetadata undoes metadata; what it does not know is refused when the
// header is compared.
func fromMetadata(metadata map[string]string) (*Model, error) {
	if got := metadata[metaFormat]; got != modelFormat {
		return nil, fmt.Errorf("format is %q, want %q", got, modelFormat)
	}
	var c configText
	if err := json.Unmarshal([]byte(metadata[metaConfig]), &c); err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	m := &Model{Config: Config(c), Meta: make(map[string]string)}
	if err := m.Config.Validate(); err != nil {
		return nil, err
	}
	for k, v := range metadata {
		if key, ok := strings.CutPrefix(k, metaPrefix); ok {
			m.Meta[key] = v
		}
	}
	text, ok := metadata[metaTokenizer]
	if !ok {
		return m, nil
	}
	var err error
	m.Tokenizer, err = ParseTokenizer(text)
	return m, err
}

// header is the padded JSON, made from the shapes alone.
func (m *Model) header() []byte {
	var b bytes.Buffer
	b.WriteString(`{"__metadata__":`)
	b.Write(mustJSON(m.metadata()))
	begin := 0
	for _, t := range m.Tensors {
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

// check compares the model with its config.
func (m *Model) check() error {
	if err := m.Config.Validate(); err != nil {
		return err
	}
	want := m.Config.Tensors()
	if len(m.Tensors) != len(want) {
		return fmt.Errorf("nn: model has %d tensors, its config %d", len(m.Tensors), len(want))
	}
	for i, t := range m.Tensors {
		if w := want[i]; t.Name != w.Name || len(t.Data) != w.Size() || fmt.Sprint(t.Shape) != fmt.Sprint(w.Shape) {
			return fmt.Errorf("nn: tensor %d is %s %v of %d, the config wants %s %v", i, t.Name, t.Shape, len(t.Data), w.Name, w.Shape)
		}
	}
	return m.checkTokenizer()
}

// checkTokenizer: every token has a row in the embedding and every row a token.
func (m *Model) checkTokenizer() error {
	if m.Tokenizer != nil && m.Tokenizer.Vocab() != m.Config.Vocab {
		return fmt.Errorf("nn: tokenizer has %d tokens, the config %d", m.Tokenizer.Vocab(), m.Config.Vocab)
	}
	return nil
}

func appendFloats(out []byte, data []float32) []byte {
	for _, f := range data {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(f))
	}
	return out
}

// cutFloats takes the first n float32 off data.
func cutFloats(data []byte, n int) ([]float32, []byte) {
	out := make([]float32, n)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
	}
	return out, data[4*n:]
}

package file

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/nn/token"
)

// Decode reads what Encode writes, and only that: the header is the one
// that Encode would write, so that equal models are equal files. It allocates
// in proportion to the bytes given. The error wraps ErrModel.
func Decode(file []byte) (*Model, error) {
	m, err := decode(file)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrModel, err)
	}
	return m, nil
}

func decode(file []byte) (*Model, error) {
	header, data, err := cutHeader(file)
	if err != nil {
		return nil, err
	}
	var parsed map[string]json.RawMessage
	if err := json.Unmarshal(header, &parsed); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	var metadata map[string]string
	if err := json.Unmarshal(parsed[metaKey], &metadata); err != nil {
		return nil, fmt.Errorf("metadata: %w", err)
	}
	m, err := fromMetadata(metadata)
	if err != nil {
		return nil, err
	}
	if 4*m.Config.Parameters() > len(data) {
		return nil, fmt.Errorf("%d bytes of weights, the config wants %d", len(data), 4*m.Config.Parameters())
	}
	m.Tensors = m.Config.Tensors()
	if m.Extra, err = extraTensors(parsed, m.Tensors, len(data)); err != nil {
		return nil, err
	}
	// From here on the sizes are the config's and the header's, and they must be
	// the file's.
	if want := 4 * m.elements(); len(data) != want {
		return nil, fmt.Errorf("%d bytes of tensors, the header wants %d", len(data), want)
	}
	if !bytes.Equal(header, m.header()) {
		return nil, errors.New("header is not in the canonical form, or its tensors are not those of the config")
	}
	for _, ts := range [][]nn.Tensor{m.Tensors, m.Extra} {
		for i := range ts {
			if ts[i].Data, data, err = cutFloats(data, ts[i].Size()); err != nil {
				return nil, fmt.Errorf("tensor %s: %w", ts[i].Name, err)
			}
		}
	}
	return m, m.checkTokenizer()
}

// extraTensors reads the header's entries that are not weights, in the order of
// their data. What they say is checked when the header is compared; here it only
// must not be too large for a file with so many bytes of data.
func extraTensors(header map[string]json.RawMessage, weights []nn.Tensor, size int) ([]nn.Tensor, error) {
	known := map[string]bool{metaKey: true}
	for _, t := range weights {
		known[t.Name] = true
	}
	var extra []nn.Tensor
	begins := map[string]int{}
	for name, text := range header {
		if known[name] {
			continue
		}
		var entry struct {
			Shape   []int  `json:"shape"`
			Offsets [2]int `json:"data_offsets"`
		}
		if err := json.Unmarshal(text, &entry); err != nil {
			return nil, fmt.Errorf("tensor %q: %w", name, err)
		}
		if len(entry.Shape) == 0 {
			return nil, fmt.Errorf("tensor %q has no shape", name)
		}
		room := size / 4
		for _, d := range entry.Shape {
			if d < 1 || d > room {
				return nil, fmt.Errorf("tensor %q of %v does not fit the file", name, entry.Shape)
			}
			room /= d
		}
		extra = append(extra, nn.Tensor{Name: name, Shape: entry.Shape})
		begins[name] = entry.Offsets[0]
	}
	slices.SortFunc(extra, func(a, b nn.Tensor) int {
		return cmp.Or(cmp.Compare(begins[a.Name], begins[b.Name]), cmp.Compare(a.Name, b.Name))
	})
	return extra, nil
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
	m := &Model{Config: nn.Config(c), Meta: make(map[string]string)}
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
	m.Tokenizer, err = token.Parse(text)
	return m, err
}

// cutFloats takes the first n float32 off data.
func cutFloats(data []byte, n int) ([]float32, []byte, error) {
	out := make([]float32, n)
	for i, word := range blob.Words[uint32](data[:4*n]) {
		out[i] = math.Float32frombits(word)
		if blob.Word(out[i]) != word {
			return nil, nil, fmt.Errorf("element %d is a NaN spelled %08x", i, word)
		}
	}
	return out, data[4*n:], nil
}

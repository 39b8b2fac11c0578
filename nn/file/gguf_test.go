package file

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/nn/token"
)

// ggufReader reads GGUF by the format's description, for the tests: it shares
// nothing with the writer.
type ggufReader struct {
	*bytes.Reader
	t *testing.T
}

func read[T any](r ggufReader) (x T) {
	r.t.Helper()
	if err := binary.Read(r, binary.LittleEndian, &x); err != nil {
		r.t.Fatal(err)
	}
	return x
}

func (r ggufReader) text() string {
	b := make([]byte, read[uint64](r))
	if _, err := r.Read(b); err != nil && len(b) > 0 {
		r.t.Fatal(err)
	}
	return string(b)
}

func (r ggufReader) value(kind uint32) any {
	switch kind {
	case 4:
		return read[uint32](r)
	case 5:
		return read[int32](r)
	case 6:
		return read[float32](r)
	case 7:
		return read[uint8](r) == 1
	case 8:
		return r.text()
	case 9:
		of, n := read[uint32](r), read[uint64](r)
		list := make([]any, n)
		for i := range list {
			list[i] = r.value(of)
		}
		return list
	}
	r.t.Fatalf("value of unknown kind %d", kind)
	return nil
}

// ggufFound is a tensor as a reader of GGUF sees it.
type ggufFound struct {
	dims   []uint64
	kind   uint32
	offset uint64
}

// readGGUF returns keys, tensors, and the data they point into.
func readGGUF(t *testing.T, file []byte) (map[string]any, map[string]ggufFound, []byte) {
	r := ggufReader{bytes.NewReader(file), t}
	if magic := read[[4]byte](r); string(magic[:]) != "GGUF" {
		t.Fatalf("magic %q", magic)
	}
	if v := read[uint32](r); v != 3 {
		t.Fatalf("version %d", v)
	}
	tensors, keys := read[uint64](r), read[uint64](r)
	meta, found := map[string]any{}, map[string]ggufFound{}
	for range keys {
		name := r.text()
		meta[name] = r.value(read[uint32](r))
	}
	for range tensors {
		name := r.text()
		f := ggufFound{dims: make([]uint64, read[uint32](r))}
		for i := range f.dims {
			f.dims[i] = read[uint64](r)
		}
		f.kind, f.offset = read[uint32](r), read[uint64](r)
		found[name] = f
	}
	start := (len(file) - r.Len() + 31) / 32 * 32
	return meta, found, file[start:]
}

func TestGGUFMetadata(t *testing.T) {
	m := small(t, true)
	file, err := m.GGUF(false)
	if err != nil {
		t.Fatal(err)
	}
	meta, _, _ := readGGUF(t, file)
	for key, want := range map[string]any{
		"general.architecture": "llama", "general.name": m.Meta["name"], "general.file_type": uint32(0),
		"llama.context_length": uint32(16), "llama.embedding_length": uint32(8), "llama.block_count": uint32(2),
		"llama.feed_forward_length": uint32(12), "llama.attention.head_count": uint32(2),
		"llama.rope.dimension_count":             uint32(4),
		"llama.attention.layer_norm_rms_epsilon": float32(1e-5), "llama.rope.freq_base": float32(10000),
		"tokenizer.ggml.model": "gpt2", "tokenizer.ggml.pre": "gpt-2", "tokenizer.ggml.add_bos_token": false,
		"tokenizer.ggml.eos_token_id": uint32(256),
	} {
		if meta[key] != want {
			t.Errorf("%s is %v, want %v", key, meta[key], want)
		}
	}
	tokens := meta["tokenizer.ggml.tokens"].([]any)
	merges := meta["tokenizer.ggml.merges"].([]any)
	if len(tokens) != 300 || len(merges) != 43 || tokens[' '] != "Ġ" || tokens['a'] != "a" ||
		tokens[256] != "<|endoftext|>" {
		t.Errorf("%d tokens, %d merges, space is %v", len(tokens), len(merges), tokens[' '])
	}
	if left, right, _ := strings.Cut(merges[0].(string), " "); tokens[257] != left+right {
		t.Errorf("the first merge is %v, the first token after the bytes %v", merges[0], tokens[257])
	}
	if kinds := meta["tokenizer.ggml.token_type"].([]any); kinds[256] != int32(3) || kinds[257] != int32(1) {
		t.Errorf("token types %v", kinds[256:258])
	}
}

// TestGGUFWeights looks up every weight at its place in the file: element
// (in, out) of a matrix of ours is column in of row out there.
func TestGGUFWeights(t *testing.T) {
	places := map[string]string{"embed": "token_embd.weight", "norm": "output_norm.weight", "output": "output.weight"}
	for l := range 2 {
		for ours, theirs := range map[string]string{
			"norm1": "attn_norm", "wq": "attn_q", "wk": "attn_k", "wv": "attn_v", "wo": "attn_output",
			"norm2": "ffn_norm", "w1": "ffn_gate", "w2": "ffn_down", "w3": "ffn_up",
		} {
			places[fmt.Sprintf("layers.%d.%s", l, ours)] = fmt.Sprintf("blk.%d.%s.weight", l, theirs)
		}
	}
	for _, as16 := range []bool{false, true} {
		m := small(t, false)
		file, err := m.GGUF(as16)
		if err != nil {
			t.Fatal(err)
		}
		_, found, data := readGGUF(t, file)
		if len(found) != len(m.Tensors) {
			t.Errorf("%d tensors, want %d", len(found), len(m.Tensors))
		}
		for _, ours := range m.Tensors {
			checkGGUFTensor(t, ours, found[places[ours.Name]], data, as16)
		}
	}
}

func checkGGUFTensor(t *testing.T, ours nn.Tensor, f ggufFound, data []byte, as16 bool) {
	t.Helper()
	half := as16 && len(ours.Shape) == 2
	if len(f.dims) != len(ours.Shape) || f.offset%32 != 0 || (f.kind == 1) != half {
		t.Fatalf("%s is described as %+v", ours.Name, f)
	}
	for i, want := range ours.Data {
		place := uint64(i)
		if len(ours.Shape) == 2 && ours.Name != "embed" && ours.Name != "output" {
			in, out := uint64(i/ours.Shape[1]), uint64(i%ours.Shape[1])
			place = out*f.dims[0] + in
		}
		if half {
			got := binary.LittleEndian.Uint16(data[f.offset+2*place:])
			if got != float16(want) {
				t.Fatalf("%s[%d] is %04x, want %v", ours.Name, i, got, want)
			}
		} else if got := binary.LittleEndian.Uint32(data[f.offset+4*place:]); got != math.Float32bits(want) {
			t.Fatalf("%s[%d] is %08x, want %v", ours.Name, i, got, want)
		}
	}
}

func TestGGUFRefuses(t *testing.T) {
	for name, breakIt := range map[string]func(*Model){
		"no tokenizer":     func(m *Model) { m.Tokenizer = nil },
		"other tokens":     func(m *Model) { m.Tokenizer, _ = token.Train(nil, 257) },
		"a tensor too few": func(m *Model) { m.Tensors = m.Tensors[1:] },
	} {
		m := small(t, true)
		breakIt(m)
		if _, err := m.GGUF(false); !errors.Is(err, ErrExport) {
			t.Errorf("%s: %v, want ErrExport", name, err)
		}
	}
}

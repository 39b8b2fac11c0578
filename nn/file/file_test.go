package file

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/nn/token"
)

// text is enough to learn 43 merges from.
var text = `The river carries the sand to the sea, and the sea carries the sand along the shore. Where the shore turns,
the sand stays; where the sand stays, grass grows; and where grass grows, the wind carries the sand no farther.
What the river gives in a year, the wind may take in a night; what the grass holds, neither takes.`

// small is a model with a tokenizer, and with weights that are hard to keep.
func small(t testing.TB, tied bool) *Model {
	t.Helper()
	tok, err := token.Train([][]byte{[]byte(text)}, 300)
	if err != nil {
		t.Fatal(err)
	}
	b, err := kernel.New("", 1)
	if err != nil {
		t.Fatal(err)
	}
	cfg := nn.Config{
		Vocab: tok.Vocab(), Layers: 2, Dim: 8, Heads: 2, Hidden: 12, Context: 16, Tied: tied, Theta: 10000, Eps: 1e-5,
	}
	m := &Model{
		Config: cfg, Tensors: nn.Initial(cfg, 1, b), Tokenizer: tok,
		Meta: map[string]string{"name": "commons <1> & \"ñ\"", "config": "not the config"},
	}
	copy(m.Tensors[0].Data, []float32{
		float32(math.Copysign(0, -1)), math.SmallestNonzeroFloat32, float32(math.Inf(-1)), float32(math.NaN()),
	})
	return m
}

func TestModelFileGivesBackTheModel(t *testing.T) {
	for _, tied := range []bool{false, true} {
		m := small(t, tied)
		file := m.Encode()
		got, err := Decode(file)
		if err != nil {
			t.Fatal(err)
		}
		if got.Config != m.Config || !maps.Equal(got.Meta, m.Meta) || got.Tokenizer.Text() != m.Tokenizer.Text() {
			t.Errorf("tied %v: config, meta or tokenizer changed", tied)
		}
		for i, want := range m.Tensors {
			g := got.Tensors[i]
			if g.Name != want.Name || !reflect.DeepEqual(g.Shape, want.Shape) {
				t.Errorf("tensor %d is %s %v, want %s %v", i, g.Name, g.Shape, want.Name, want.Shape)
			}
			for j := range want.Data {
				if math.Float32bits(g.Data[j]) != math.Float32bits(want.Data[j]) {
					t.Fatalf("%s[%d] is %v, want %v", g.Name, j, g.Data[j], want.Data[j])
				}
			}
		}
		if !bytes.Equal(got.Encode(), file) {
			t.Errorf("tied %v: the same model gives other bytes", tied)
		}
	}
	m := small(t, true)
	m.Tokenizer, m.Meta = nil, nil
	if got, err := Decode(m.Encode()); err != nil || got.Tokenizer != nil || len(got.Meta) != 0 {
		t.Errorf("a model without tokenizer: %v", err)
	}
}

// TestModelFileIsSafetensors reads the file by the format's rules alone.
func TestModelFileIsSafetensors(t *testing.T) {
	m := small(t, false)
	file := m.Encode()
	n := binary.LittleEndian.Uint64(file)
	if n%8 != 0 {
		t.Errorf("header of %d bytes", n)
	}
	header := map[string]json.RawMessage{}
	if err := json.Unmarshal(file[8:8+n], &header); err != nil {
		t.Fatal(err)
	}
	delete(header, "__metadata__")
	data, used := file[8+n:], 0
	for _, want := range m.Tensors {
		var got struct {
			Dtype   string
			Shape   []int
			Offsets [2]int `json:"data_offsets"`
		}
		if err := json.Unmarshal(header[want.Name], &got); err != nil {
			t.Fatalf("%s: %v", want.Name, err)
		}
		if got.Dtype != "F32" || !reflect.DeepEqual(got.Shape, want.Shape) ||
			got.Offsets[1]-got.Offsets[0] != 4*len(want.Data) {
			t.Fatalf("%s is described as %+v", want.Name, got)
		}
		last := binary.LittleEndian.Uint32(data[got.Offsets[1]-4:])
		if last != math.Float32bits(want.Data[len(want.Data)-1]) {
			t.Errorf("%s ends in %08x", want.Name, last)
		}
		used += got.Offsets[1] - got.Offsets[0]
	}
	if len(header) != len(m.Tensors) || used != len(data) {
		t.Errorf("%d tensors of %d bytes, want %d of %d", len(header), used, len(m.Tensors), len(data))
	}
}

func TestDecodeRefuses(t *testing.T) {
	m := small(t, true)
	file := m.Encode()
	// edit changes the header and keeps its length and padding right.
	edit := func(from, to string) []byte {
		n := binary.LittleEndian.Uint64(file)
		header := strings.Replace(string(file[8:8+n]), from, to, 1)
		if header == string(file[8:8+n]) {
			t.Fatalf("%s is not in the header", from)
		}
		header = strings.TrimRight(header, " ")
		header += strings.Repeat(" ", -len(header)&7)
		out := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
		return append(append(out, header...), file[8+n:]...)
	}
	cut := func(n int) []byte { return file[:n:n] }
	other := *m
	other.Meta = map[string]string{"x": "\xff"}
	if _, err := Decode(other.Encode()); err != nil {
		t.Errorf("text that is not UTF-8 makes a file that is refused: %v", err)
	}
	for name, bad := range map[string][]byte{
		"nothing": nil, "a short length": cut(7), "no header": cut(8), "a cut header": cut(100),
		"a huge header":        append([]byte{255, 255, 255, 255, 255, 255, 255, 255}, file...),
		"missing weights":      cut(len(file) - 4),
		"bytes at the end":     append(cut(len(file)), 0, 0, 0, 0),
		"another space":        edit(`{"__metadata__"`, `{ "__metadata__"`),
		"unknown metadata":     edit(`"format"`, `"forma":"","format"`),
		"another format":       edit(modelFormat, "minga 2"),
		"a wrong shape":        edit(`[8,8]`, `[4,16]`),
		"a wrong dtype":        edit(`"F32"`, `"F16"`),
		"a wrong name":         edit(`layers.1.wq`, `layers.1.wz`),
		"overlapping tensors":  edit(`"data_offsets":[0,`, `"data_offsets":[4,`),
		"other heads":          edit(`\"heads\":2`, `\"heads\":3`),
		"a larger vocabulary":  edit(`\"vocab\":300`, `\"vocab\":301`),
		"a huge model":         edit(`\"layers\":2`, `\"layers\":255`),
		"a negative dimension": edit(`\"dim\":8`, `\"dim\":-8`),
		"a number in disguise": edit(`\"dim\":8`, `\"dim\":8.0`),
		"another tokenizer":    edit(`\n`, `\nq q\n`),
		"a broken tokenizer":   edit(`#version`, `#wersion`),
	} {
		if _, err := Decode(bad); !errors.Is(err, ErrModel) {
			t.Errorf("%s: %v, want ErrModel", name, err)
		}
	}
}

func TestEncodePanicsOnAModelThatIsNotItsConfig(t *testing.T) {
	for name, breakIt := range map[string]func(*Model){
		"a tensor too few": func(m *Model) { m.Tensors = m.Tensors[1:] },
		"a short tensor":   func(m *Model) { m.Tensors[0].Data = m.Tensors[0].Data[1:] },
		"another config":   func(m *Model) { m.Config.Hidden++ },
		"other tokens":     func(m *Model) { m.Tokenizer, _ = token.Train(nil, 257) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("it was encoded")
				}
			}()
			m := small(t, true)
			breakIt(m)
			m.Encode()
		})
	}
}

func FuzzDecode(f *testing.F) {
	tiny := small(f, true)
	tiny.Tensors[0].Data[3] = 0
	f.Add(tiny.Encode())
	tiny.Tokenizer = nil
	f.Add(tiny.Encode())
	tiny.Extra = []nn.Tensor{{Name: "losses", Shape: []int{2}, Data: []float32{2, 1}}}
	f.Add(tiny.Encode())
	f.Add([]byte("\x02\x00\x00\x00\x00\x00\x00\x00{}"))
	f.Fuzz(func(t *testing.T, file []byte) {
		m, err := Decode(file)
		if err == nil && !bytes.Equal(m.Encode(), file) {
			t.Fatal("a file that was accepted is not what its model encodes to")
		}
	})
}

func TestModelFileWithExtraTensors(t *testing.T) {
	m := small(t, true)
	plain := m.Encode()
	m.Extra = []nn.Tensor{
		{Name: "zeta", Shape: []int{3}, Data: []float32{1, float32(math.NaN()), 3}},
		{Name: "alpha", Shape: []int{2, 1}, Data: []float32{4, 5}},
	}
	file := m.Encode()
	if !bytes.HasPrefix(file, m.Header()) || len(file) != len(m.Header())+4*(m.Config.Parameters()+5) {
		t.Error("the file is not the header and the tensors")
	}
	empty := *m
	empty.Tensors, empty.Extra = m.Config.Tensors(),
		[]nn.Tensor{{Name: "zeta", Shape: []int{3}}, {Name: "alpha", Shape: []int{2, 1}}}
	if !bytes.Equal(empty.Header(), m.Header()) {
		t.Error("the header depends on the data")
	}
	got, err := Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Extra) != 2 || got.Extra[0].Name != "zeta" || !slices.Equal(got.Extra[1].Data, []float32{4, 5}) ||
		!slices.Equal(got.Extra[1].Shape, []int{2, 1}) {
		t.Errorf("extra tensors came back as %v", got.Extra)
	}
	if !bytes.Equal(got.Encode(), file) {
		t.Error("another file")
	}
	if got, err := Decode(plain); err != nil || got.Extra != nil {
		t.Errorf("a model without them: %v, %v", got.Extra, err)
	}
	nan := bytes.Clone(file)
	binary.LittleEndian.PutUint32(nan[len(nan)-16:], 0x7fc00001)
	for name, bad := range map[string][]byte{
		"another NaN": nan, "a tensor cut off": file[:len(file)-8], "a float too many": append(bytes.Clone(file), 0, 0, 0, 0),
		"a huge shape": bytes.Replace(file, []byte(`[2,1]`), []byte(`[9,9]`), 1),
		"no dimension": bytes.Replace(file, []byte(`[2,1]`), []byte(`[]   `), 1),
		"a zero":       bytes.Replace(file, []byte(`[2,1]`), []byte(`[0,1]`), 1),
	} {
		if _, err := Decode(bad); !errors.Is(err, ErrModel) {
			t.Errorf("%s: %v, want ErrModel", name, err)
		}
	}
	if gguf, err := m.GGUF(false); err != nil || strings.Contains(string(gguf), "zeta") {
		t.Errorf("GGUF with extra tensors: %v", err)
	}
}

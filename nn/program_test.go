package nn

import (
	"bytes"
	"encoding/binary"
	"errors"
	"reflect"
	"slices"
	"testing"

	"github.com/minga-network/minga/blob"
)

func trainingProgram(t testing.TB) *Program {
	t.Helper()
	p, err := Training(tiny, 2, testOptimizer)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestProgramRoundTrip(t *testing.T) {
	for _, build := range []func() (*Program, error){
		func() (*Program, error) { return Training(tiny, 2, testOptimizer) },
		func() (*Program, error) { return Evaluation(tiny, 3) },
	} {
		p, err := build()
		if err != nil {
			t.Fatal(err)
		}
		q, err := DecodeProgram(p.Encode())
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(p, q) || p.Root() != q.Root() {
			t.Error("another Program came back")
		}
	}
}

// Every byte of the encoding matters: no changed Program has the same root, and
// what still decodes encodes to what was given.
func TestEveryByteIsCommitted(t *testing.T) {
	p := trainingProgram(t)
	data := p.Encode()
	for i := 0; i < len(data); i += 7 {
		changed := bytes.Clone(data)
		changed[i] ^= 1
		q, err := DecodeProgram(changed)
		if err != nil {
			continue
		}
		if !bytes.Equal(q.Encode(), changed) || q.Root() == p.Root() {
			t.Fatalf("byte %d can change unseen", i)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	good := trainingProgram(t).Encode()
	wide := append([]byte(magic), 1, 1, 'x', 0, 2) // one input (2^30, 2^30)
	wide = binary.AppendUvarint(binary.AppendUvarint(wide, 1<<30), 1<<30)
	for name, data := range map[string][]byte{
		"empty":            {},
		"other magic":      []byte("minga program 2\n"),
		"cut":              good[:len(good)-1],
		"trailing byte":    append(bytes.Clone(good), 0),
		"many inputs":      binary.AppendUvarint([]byte(magic), 1<<60),
		"huge value":       append(wide, 0, 0, 0),
		"long varint":      append([]byte(magic), 0x80, 0x00, 0, 0, 0),
		"unknown op":       append([]byte(magic), 0, 0, 0, 1, 4, 99, 0, 0, 0),
		"reads the future": append([]byte(magic), 0, 0, 0, 1, 8, 18, 0, 1, 5, 0, 1, 1, 0),
	} {
		if _, err := DecodeProgram(data); !errors.Is(err, ErrProgram) {
			t.Errorf("%s: error %v, want ErrProgram", name, err)
		}
	}
}

func TestProofOfEveryNode(t *testing.T) {
	p := trainingProgram(t)
	root := p.Root()
	for i := range p.Nodes {
		proof, err := p.ProveNode(i)
		if err != nil {
			t.Fatal(err)
		}
		n, in, out, err := proof.Node(root, len(p.States), len(p.Nodes))
		if err != nil {
			t.Fatalf("node %d: %v", i, err)
		}
		if n.Op != p.Nodes[i].Op || !slices.Equal(n.In, p.Nodes[i].In) || !slices.Equal(n.Out, p.Nodes[i].Out) ||
			!bytes.Equal(encodeNode(n, in, out), p.encodeNode(i)) {
			t.Fatalf("node %d: the proof shows another node", i)
		}
		if _, err := p.ProveNode(len(p.Nodes)); err == nil {
			t.Fatal("proof of a node that is not there")
		}
		for name, lie := range map[string]func(*Proof){
			"other place":      func(np *Proof) { np.Index = (i + 1) % len(p.Nodes) },
			"other node":       func(np *Proof) { np.Content = p.encodeNode((i + 1) % len(p.Nodes)) },
			"changed node":     func(np *Proof) { np.Content = bytes.Clone(np.Content); np.Content[0] ^= 1 },
			"changed sibling":  func(np *Proof) { np.Path[0][3] ^= 1 },
			"short path":       func(np *Proof) { np.Path = np.Path[1:] },
			"long path":        func(np *Proof) { np.Path = append(np.Path, root) },
			"path with a tail": func(np *Proof) { np.Path = append([]blob.Hash{root}, np.Path...) },
			"before first":     func(np *Proof) { np.Index = -1 },
		} {
			forged, _ := p.ProveNode(i)
			lie(forged)
			if _, _, _, err := forged.Node(root, len(p.States), len(p.Nodes)); !errors.Is(err, ErrProgram) {
				t.Fatalf("node %d, %s: error %v, want ErrProgram", i, name, err)
			}
		}
	}
}

// A root can commit to nonsense; a node of nonsense is not accepted.
func TestProofOfNonsense(t *testing.T) {
	p := trainingProgram(t)
	i := len(p.Nodes) - 1
	p.Nodes[i].Out = p.Nodes[i].Out[:1]
	proof, err := p.ProveNode(i)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := proof.Node(p.Root(), len(p.States), len(p.Nodes)); !errors.Is(err, ErrProgram) {
		t.Errorf("error %v, want ErrProgram", err)
	}
}

func TestConfigRefusals(t *testing.T) {
	for field, change := range map[string]func(*Config){
		"vocab":   func(c *Config) { c.Vocab = 0 },
		"layers":  func(c *Config) { c.Layers = -1 },
		"heads":   func(c *Config) { c.Heads = 3 },
		"hidden":  func(c *Config) { c.Hidden = 1 << 40 },
		"context": func(c *Config) { c.Context = 0 },
		"theta":   func(c *Config) { c.Theta = float(0x7fc00000) },
		"eps":     func(c *Config) { c.Eps = 0 },
		"dim":     func(c *Config) { c.Dim, c.Hidden, c.Layers, c.Heads = 1<<14, 1<<16, 256, 1 },
	} {
		c := tiny
		change(&c)
		var fe *FieldError
		if err := c.Validate(); !errors.As(err, &fe) || fe.Field != field || !errors.Is(err, ErrConfig) {
			t.Errorf("%s: error %v", field, err)
		}
		if _, err := Training(c, 1, testOptimizer); err == nil {
			t.Errorf("%s: built anyway", field)
		}
	}
	if _, err := Training(tiny, 1<<28, testOptimizer); !errors.Is(err, ErrConfig) {
		t.Errorf("huge batch: error %v", err)
	}
}

func FuzzDecodeProgram(f *testing.F) {
	f.Add(trainingProgram(f).Encode())
	for _, p := range phasePrograms(f) {
		f.Add(p.Encode())
	}
	small := Config{Vocab: 2, Layers: 1, Dim: 2, Heads: 1, Hidden: 1, Context: 1, Tied: true, Theta: 10000, Eps: 1e-5}
	for _, p := range []func() (*Program, error){
		func() (*Program, error) { return Evaluation(small, 1) },
		func() (*Program, error) { return Training(small, 1, testOptimizer) },
	} {
		q, err := p()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(q.Encode())
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := DecodeProgram(data)
		if err != nil {
			if !errors.Is(err, ErrProgram) {
				t.Errorf("error %v is not an ErrProgram", err)
			}
			return
		}
		if !bytes.Equal(p.Encode(), data) {
			t.Error("decoded to another Program")
		}
		if pl, err := NewPlan(p); err == nil {
			checkPlan(t, p, pl)
		}
	})
}

// checkPlan looks at every pair of values that are alive at one time.
func checkPlan(t *testing.T, p *Program, pl *Plan) {
	if len(p.Values) > 200 {
		return
	}
	lives := lifetimes(p)
	for _, a := range lives {
		for _, b := range lives[:a.id] {
			if pl.home[a.id] != a.id || pl.home[b.id] != b.id || pl.offset[a.id] < 0 || pl.offset[b.id] < 0 {
				continue
			}
			apart := a.last < b.first || b.last < a.first ||
				pl.offset[a.id]+a.size <= pl.offset[b.id] || pl.offset[b.id]+b.size <= pl.offset[a.id]
			if !apart {
				t.Fatalf("values %d and %d share memory", b.id, a.id)
			}
		}
	}
}

package infer

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/nn/file"
)

func replay(t testing.TB, m *file.Model, file []byte, b *kernel.Backend) *Replay {
	t.Helper()
	r, err := NewReplay(context.Background(), m.Encode(), file, b)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// slowLeaf is what a step commits to, by the Program.
func slowLeaf(t testing.TB, r *Replay, step int) blob.Hash {
	t.Helper()
	rec, err := r.Record(step)
	if err != nil {
		t.Fatal(err)
	}
	var values []blob.Hash
	for _, s := range r.Plan().Program.States {
		values = append(values, blob.Sum(rec.Bytes(s.Next)))
	}
	for _, o := range r.Plan().Program.Outputs {
		values = append(values, blob.Sum(rec.Bytes(o.ID)))
	}
	return blob.Root(values)
}

// slowStart is the root of the states as the model's file has them.
func slowStart(t testing.TB, r *Replay, m *file.Model) blob.Hash {
	t.Helper()
	words := append(m.Encode()[len(m.Header()):], make([]byte, 8)...)
	var values []blob.Hash
	p := r.Plan().Program
	for i := range p.States {
		n := 4 * p.Values[len(p.Inputs)+i].Size()
		values = append(values, blob.Sum(words[:n]))
		words = words[n:]
	}
	return blob.Root(values)
}

// The leaves that are claimed while tokens are made, those of a reader in one
// pass, and those of the Program are the same, on every backend.
func TestTheTraceOfASessionIsThatOfItsProgram(t *testing.T) {
	for _, extra := range [][]nn.Tensor{nil, {{Name: "losses", Shape: []int{1}, Data: []float32{2.5}}},
		{{Name: "losses", Shape: []int{3}, Data: []float32{1, 2, 3}}}} {
		m := model(t, len(extra) == 0, 64)
		m.Extra = extra
		l := session(t, New(m, backend(t, "", 2)))
		claimed := NewTrace(m).Leaves(l)
		for _, name := range []string{"", "portable", "reference"} {
			r := replay(t, m, l.File(64), backend(t, name, 1))
			own, err := r.Leaves()
			if err != nil || !slices.Equal(own, claimed) {
				t.Fatalf("%q: the reader's leaves are others: %v", name, err)
			}
			if at, err := r.Contradiction(); at != -1 || err != nil {
				t.Errorf("%q: call %d is wrong, %v", name, at, err)
			}
			if slowStart(t, r, m) != claimed[0] {
				t.Errorf("%q: the file begins with other states", name)
			}
			for step := 1; step < len(own); step++ {
				if slowLeaf(t, r, step) != own[step] {
					t.Errorf("%q: step %d of the Program commits to something else", name, step)
				}
			}
		}
		last := blobOf(slices.Concat([]float32{float32(l.Units()), 0}))
		if top, ok := blob.Climb(last, len(m.Tensors), len(m.Tensors)+3, NewTrace(m).ProveUnits(l)); !ok ||
			top != claimed[len(claimed)-1] {
			t.Error("the path of the units leads elsewhere")
		}
	}
}

func TestASessionWithoutCalls(t *testing.T) {
	m := model(t, true, 32)
	r := replay(t, m, Log{}.File(32), backend(t, "", 1))
	own, err := r.Leaves()
	if err != nil || !slices.Equal(own, NewTrace(m).Leaves(Log{})) || slowLeaf(t, r, 1) != own[1] {
		t.Errorf("another trace: %v", err)
	}
	if at, _ := r.Contradiction(); at != -1 {
		t.Error("nothing was made and something is wrong")
	}
	top, ok := blob.Climb(blobOf(make([]float32, 2)), len(m.Tensors), len(m.Tensors)+3, NewTrace(m).ProveUnits(Log{}))
	if !ok || top != own[1] {
		t.Error("the path of the units leads elsewhere")
	}
}

// Whatever the words of a claimed file are: a lie is found in its call, and the
// reader has the leaves of the Program.
func TestAReplayFindsTheFirstLie(t *testing.T) {
	const context = 64
	m := model(t, true, context)
	b := backend(t, "", 1)
	honest := session(t, New(m, b))
	words := nn.CallWords(context)
	prompt := len(honest.Calls[1].Prompt)
	for name, lie := range map[string]func(w []int32){
		"another token":      func(w []int32) { w[nn.CallHeader+prompt+2]++ },
		"a token unheard of": func(w []int32) { w[nn.CallHeader] = 1 << 30 },
		"a negative token":   func(w []int32) { w[nn.CallHeader+prompt+1] = -1 },
		"beyond the context": func(w []int32) { w[2] = 1 << 29 },
		"nothing said":       func(w []int32) { clear(w) },
		"behind the text":    func(w []int32) { w[words-1] = 7 },
		"another seed":       func(w []int32) { w[5]++ },
		"no temperature":     func(w []int32) { w[3] = int32(math.Float32bits(float32(math.NaN()))) },
		"another prompt":     func(w []int32) { w[nn.CallHeader+1]++ },
	} {
		ints := blob.Words[int32](honest.File(context))
		lie(ints[words : 2*words])
		r := replay(t, m, blob.AppendWords(nil, ints), b)
		if at, err := r.Contradiction(); at != 1 || err != nil {
			t.Errorf("%s: found in call %d, %v", name, at, err)
		}
		leaves, err := r.Leaves()
		if err != nil {
			t.Fatal(err)
		}
		for step := 1; step <= 4; step++ {
			if slowLeaf(t, r, step) != leaves[step] {
				t.Errorf("%s: step %d of the Program commits to something else", name, step)
			}
		}
	}
}

func TestAReplayRefuses(t *testing.T) {
	m := model(t, true, 32)
	b := backend(t, "", 1)
	whole := session(t, New(model(t, true, 64), b)).File(64)
	model := m.Encode()
	for name, bad := range map[string][]byte{"nothing": nil, "torn": whole[:len(whole)-1],
		"another context": whole[:nn.CallWords(64)*4]} {
		if _, err := NewReplay(context.Background(), model, bad, b); !errors.Is(err, ErrLog) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := NewReplay(context.Background(), model[:99], whole, b); !errors.Is(err, file.ErrModel) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	call := nn.Call{Prompt: []int32{1}, Made: []int32{2}, Sampling: nn.Sampling{TopP: 1}}
	r, err := NewReplay(ctx, model, blob.AppendWords(nil, call.Record(32)), b)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Leaves(); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := r.Record(2); err == nil {
		t.Error("there is no step 2")
	}
}

func FuzzReplay(f *testing.F) {
	m := model(f, true, 8)
	b := backend(f, "", 1)
	call := nn.Call{Prompt: []int32{1, 2}, Made: []int32{4}, Sampling: nn.Sampling{Temperature: 0.5, TopP: 9, Seed: 7}}
	f.Add(blob.AppendWords(nil, call.Record(8)))
	f.Fuzz(func(t *testing.T, data []byte) {
		file := make([]byte, 4*nn.CallWords(8))
		copy(file, data)
		binary.LittleEndian.PutUint32(file, 8)
		r := replay(t, m, file, b)
		leaves, err := r.Leaves()
		if err != nil || slowLeaf(t, r, 1) != leaves[1] {
			t.Errorf("%v: the reader's leaf is not the Program's", err)
		}
	})
}

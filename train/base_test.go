package train

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/nn"
)

// A run that begins with a model goes on from its weights: it validates as the
// model did, and ends with a better one.
func TestBase(t *testing.T) {
	s, data := small(t)
	s.Train.Steps = 40
	b := backend(t, "", 1)
	first := run(t, s, data, b, Options{})
	data = append(data, Data{Asset: "asset/7", Bytes: first.File})
	s.Model.Base = "asset/7"
	store := memory{}
	second := run(t, s, data, b, Options{Store: store})
	if second.LossFirst != first.LossLast || !(second.LossLast < second.LossFirst) {
		t.Errorf("loss %v to %v, then %v to %v", first.LossFirst, first.LossLast, second.LossFirst, second.LossLast)
	}
	if log, err := ReadLog(second.Model); err != nil || log.Base != "asset/7" {
		t.Errorf("the file says it began with %q, %v", log.Base, err)
	}
	for name, opt := range map[string]Options{"from checkpoints": {Store: store}, "from the beginning": {}} {
		replay := NewReplay(context.Background(), written(t, s, data), b, opt)
		leaves, err := replay.Leaves()
		if err != nil || blob.Root(leaves) != second.Trace {
			t.Fatalf("%s: another trace, %v", name, err)
		}
		for _, step := range []int{1, 2, len(leaves) - 1} {
			checkRecord(t, replay, leaves, step)
		}
	}
	// Before anything else is asked, the first states are there.
	p := written(t, s, data)
	leaves := p.Leaves(nil)
	begun, err := NewReplay(context.Background(), p, b, Options{}).Record(1)
	if err != nil {
		t.Fatal(err)
	}
	var states []blob.Hash
	for i := range begun.Program().States {
		states = append(states, blob.Sum(begun.Bytes(nn.ID(len(p.Inputs)+1+i))))
	}
	if blob.Root(states) != leaves[0] {
		t.Error("step 1 is recorded from other states")
	}
}

func TestBaseRefused(t *testing.T) {
	s, data := small(t)
	file := run(t, s, data, backend(t, "", 1), Options{}).File
	for _, c := range []struct {
		name, want string
		change     func(*Spec) []byte
	}{
		{"absent", "model.base names asset/7, which is absent", func(*Spec) []byte { return nil }},
		{"no model", "which is no model", func(*Spec) []byte { return []byte("{}") }},
		{"wider", "model is another than the base: it says {Vocab:", func(s *Spec) []byte {
			s.Model.Hidden = 32
			return file
		}},
		{"more tokens", "tokenizer.vocab is 260, but the base has", func(s *Spec) []byte {
			s.Tokenizer.Vocab = 260
			return file
		}},
		{"a bit more", "which is no model", func(*Spec) []byte { return append([]byte{1}, file...) }},
	} {
		s, data := small(t)
		s.Model.Base = "asset/7"
		if b := c.change(s); b != nil {
			data = append(data, Data{Asset: "asset/7", Bytes: b})
		}
		if _, err := NewPlan(s, data); !errors.Is(err, ErrData) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
	s.Model.Base = "model/1"
	if err := s.Validate(); !errors.Is(err, ErrSpec) {
		t.Errorf("base %q: error %v", s.Model.Base, err)
	}
}

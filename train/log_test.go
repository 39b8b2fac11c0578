package train

import (
	"errors"
	"testing"

	"github.com/minga-network/minga/nn/file"
)

func TestModelsWithoutALog(t *testing.T) {
	s, data := small(t)
	for name, change := range map[string]func(m *file.Model){
		"no metadata":       func(m *file.Model) { m.Meta = nil },
		"no losses":         func(m *file.Model) { m.Extra = nil },
		"other tensors":     func(m *file.Model) { m.Extra[0].Name = "loss" },
		"a curve too short": func(m *file.Model) { m.Extra[0].Data = m.Extra[0].Data[1:] },
		"no interval":       func(m *file.Model) { m.Meta[logKey] = `{"steps":12}` },
		"a negative number": func(m *file.Model) { m.Meta[logKey] = `{"steps":-12,"interval":1}` },
		"one mean too few":  func(m *file.Model) { m.Extra[1].Data = m.Extra[1].Data[1:] },
		"something else":    func(m *file.Model) { m.Meta[logKey] = "trained well" },
	} {
		m := run(t, s, data, backend(t, "", 1), Options{}).Model
		if _, err := ReadLog(m); err != nil {
			t.Fatal(err)
		}
		change(m)
		if _, err := ReadLog(m); !errors.Is(err, ErrLog) {
			t.Errorf("%s: got %v, want ErrLog", name, err)
		}
	}
}

package train

import (
	"context"
	"os"
	"testing"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/kernel"
)

// commons is the example's job: three books and noise, in ten portions.
func commons(b *testing.B) (*Spec, []Data) {
	b.Helper()
	s := measuredSample()
	read := func(name string) []byte {
		text, err := os.ReadFile("../examples/commons/" + name + ".txt")
		if err != nil {
			b.Fatal(err)
		}
		return text
	}
	var data []Data
	for i, name := range []string{"king-james-bible", "moby-dick", "state-of-the-union", "noise"} {
		data = append(data, Data{Asset: s.Data.Datasets[i], Bytes: read(name)})
	}
	for name, key := range map[string]*string{"validation": &s.Validation.Text, "hidden": &s.Validation.Hidden} {
		text := read(name)
		*key = "blob/" + blob.Sum(text).String()
		data = append(data, Data{Asset: *key, Bytes: text})
	}
	return s, data
}

// BenchmarkMeasure is what the example's runs take: to begin, and each of the first
// (all portions, with credits), one on one portion, and one on nine.
func BenchmarkMeasure(b *testing.B) {
	s, data := commons(b)
	k, err := kernel.New("", 1)
	if err != nil {
		b.Fatal(err)
	}
	m, err := NewMeasure(s, data)
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("%d runs, %.2f trainings", len(m.Design.Coalitions), m.Cost())
	b.Run("begin", func(b *testing.B) {
		for b.Loop() {
			if _, err := NewMeasure(s, data); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("plan", func(b *testing.B) {
		for b.Loop() {
			if _, err := m.Plan(1); err != nil {
				b.Fatal(err)
			}
		}
	})
	for name, number := range map[string]int{"all": 0, "one": 1, "nine": 1 + m.Design.Portions} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				p, err := m.Plan(number)
				if err != nil {
					b.Fatal(err)
				}
				r := NewReplay(context.Background(), p, k, Options{})
				if _, err := r.Leaves(); err != nil {
					b.Fatal(err)
				}
				if _, err := r.File(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

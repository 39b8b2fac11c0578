package train

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// Whoever cuts a text into several gets the same runs to the bit, and so portions of the
// same values: tokens, portions, slices and Programs do not know where a dataset ends. A cut
// in a line that repeats another may keep a little of it.
func TestCutsChangeNoRun(t *testing.T) {
	s, data := village(t)
	verse := data[0].Bytes[1000:1300] // which comes twice, and the second time goes
	data[1].Bytes = slices.Concat(data[1].Bytes[:2000], verse, data[1].Bytes[2000:])
	data[2].Since = -1
	whole := measureOf(t, s, data)
	r := rand.New(rand.NewPCG(3, 3))
	exact := 0
	for trial := range 20 {
		cut := *s
		cut.Data.Datasets = nil
		var parts []Data
		for _, d := range data[:3] {
			for len(d.Bytes) > 0 {
				at := min(len(d.Bytes), 100+r.IntN(2000))
				if line := bytes.IndexByte(d.Bytes[at:], '\n'); trial%2 == 0 && line >= 0 {
					at += line + 1
				}
				if at > len(d.Bytes)-100 {
					at = len(d.Bytes)
				}
				name := fmt.Sprintf("asset/%d", 10+len(parts))
				parts, cut.Data.Datasets = append(parts, Data{Asset: name, Bytes: d.Bytes[:at], Since: d.Since}),
					append(cut.Data.Datasets, name)
				d.Bytes = d.Bytes[at:]
			}
		}
		m := measureOf(t, &cut, append(parts, data[3:]...))
		if kept := len(bytes.Join(m.corpus.texts, nil)); trial%2 == 1 && kept != len(bytes.Join(whole.corpus.texts, nil)) {
			t.Logf("%d parts: a cut in a line that repeats another, %d bytes are kept", len(parts), kept)
			continue
		}
		exact++
		if !slices.Equal(m.corpus.tokens, whole.corpus.tokens) || !slices.Equal(m.portions, whole.portions) {
			t.Fatalf("%d parts: %d tokens, of whole texts %d; portions %v, of whole texts %v", len(parts), len(m.corpus.tokens),
				len(whole.corpus.tokens), m.portions, whole.portions)
		}
		for run := range whole.Design.Coalitions {
			got, want := planOf(t, m, run), planOf(t, whole, run)
			same := slices.EqualFunc(got.Phases, want.Phases,
				func(a, b Phase) bool { return a.Steps == b.Steps && a.Program.Root() == b.Program.Root() })
			if !same || !slices.Equal(got.Roots, want.Roots) {
				t.Fatalf("%d parts: run %d is another", len(parts), run)
			}
		}
	}
	if exact < 13 {
		t.Errorf("%d of 20 trials keep the same bytes", exact)
	}
}

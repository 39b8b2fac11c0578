package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/minga-network/minga/demo/stage"
)

// playShort plays a story with little work. Every check must hold, and every check must
// fail once it is broken, on the same network. It returns the report and what was told.
func playShort(t *testing.T, s story) (*Report, string) {
	if testing.Short() {
		t.Skip("skipped with -short: it starts a network; run without -short, as make long does")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	var out bytes.Buffer
	o := Options{Seed: 1, Short: true, Out: &out, Log: slog.New(slog.DiscardHandler)}
	p := &play{Options: o, market: s.cast()}
	err := stage.Play(ctx, p.config(), func(ctx context.Context, st *stage.Stage) error {
		p.Stage = st
		if err := s.perform(ctx, p); err != nil {
			return err
		}
		for _, c := range s.checks(o) {
			if err := s.judge(ctx, p, c.Name); err == nil || p.report.Checks[c.Name] {
				t.Errorf("%q holds although it is broken", c.Name)
			}
		}
		return s.judge(ctx, p, "")
	})
	t.Logf("%.1f s", p.report.Seconds.Total)
	if err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	text, err := json.Marshal(&p.report)
	if err != nil {
		t.Fatal(err)
	}
	var r Report
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Checks) != len(s.checks(o)) || r.Story != s.name || r.Validators != 4 || r.Height == 0 ||
		len(r.Datasets) != 4 || r.Model.Steps == 0 || len(r.Model.StateHash) != 64 ||
		len(r.Model.VerifiedBy) != 1 || r.Seconds.Total <= 0 {
		t.Errorf("the report lacks something: %s", text)
	}
	return &r, out.String()
}

func tells(t *testing.T, told string, parts ...string) {
	for _, part := range parts {
		if !strings.Contains(told, part) {
			t.Errorf("the story does not say %q:\n%s", part, told)
		}
	}
}

func TestFlywheel(t *testing.T) {
	t.Parallel()
	r, told := playShort(t, flywheel)
	tells(t, told, "the claim stands", "asset/5", "Diego gets nothing", "the commons", "All checks hold")
	if r.Workers != 3 || r.Income == nil || r.Inference.Requests != 5 || len(r.Split) != 8 {
		t.Errorf("the report lacks something: %+v", r)
	}
	m := r.Measure
	if m == nil || m.Method != "measure" || m.Units != 4 || m.Runs == 0 || m.Seconds <= 0 || m.CostShare <= 0 {
		t.Errorf("the report's measure lacks something: %+v", m)
	}
	sum := new(big.Rat)
	for _, d := range r.Datasets {
		part, ok := new(big.Rat).SetString(d.Contribution)
		if !ok || part.Sign() < 0 || d.Value == "" || d.Proxies == 0 {
			t.Fatalf("a dataset's contribution lacks something: %+v", d)
		}
		sum.Add(sum, part)
	}
	if sum.Cmp(big.NewRat(1, 1)) != 0 {
		t.Errorf("contributions sum to %v", sum)
	}
}

func TestLiar(t *testing.T) {
	t.Parallel()
	r, told := playShort(t, liar)
	tells(t, told, "Julio lies", "is right, Julio loses", "burned", "the claim stands", "All checks hold")
	d, julio := r.Dispute, stage.NewPerson("Julio").Address()
	if d == nil || d.Winner == "" || d.Winner == julio || d.Rounds == 0 || d.Slashed != "5000000uminga" {
		t.Errorf("the report's dispute lacks something: %+v", d)
	}
	if r.Workers != 3 || r.Income != nil || r.Measure != nil {
		t.Errorf("the report has what the story does not show: %+v", r)
	}
}

func TestStoriesAreFound(t *testing.T) {
	var names []string
	for _, name := range append(Names(), "") {
		s, err := find(name)
		if err != nil {
			t.Error(err)
		}
		names = append(names, s.name)
	}
	if want := []string{"flywheel", "liar", "flywheel"}; !slices.Equal(names, want) {
		t.Errorf("got %v, want %v", names, want)
	}
}

func TestWhatIsNotThereIsRefused(t *testing.T) {
	for what, c := range map[string]struct {
		name string
		o    Options
		want string
	}{
		"a story":                {"fable", Options{}, `no story is named "fable": choose flywheel, liar or all`},
		"a check":                {"liar", Options{Break: "pigs fly"}, `"pigs fly": choose one of "two machines got`},
		"a check of all stories": {All, Options{Break: "pigs fly"}, "name the story"},
	} {
		if err := Run(t.Context(), c.name, c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v", what, err)
		}
	}
}

package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cosmossdk.io/math"

	"github.com/minga-network/minga/x/job"
)

// TestDemo plays the whole story with a short training, of which a liar does the
// first.
func TestDemo(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	file := filepath.Join(t.TempDir(), "out.json")
	var out bytes.Buffer
	err := Run(ctx, Options{Seed: 1, Steps: 20, Liar: true, Exit: true, JSON: file, Out: &out, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var r Report
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	if r.Validators != 4 || r.Workers != 4 || len(r.Datasets) != 4 || r.Model.Steps != 20 || r.Height == 0 ||
		len(r.Model.StateHash) != 64 || r.Inference.Requests != 5 || !r.Conserved || len(r.Split) != 8 {
		t.Errorf("the report lacks something: %s", text)
	}
	if d := r.Dispute; d == nil || d.Winner == "" || d.Winner == newCast(true).machines[0].owner.address() || d.Rounds == 0 || d.Slashed != "5000000uminga" {
		t.Errorf("the report's dispute lacks something: %s", text)
	}
	if m := r.Measure; m.Method != "measure" || m.Units != 10 || m.Runs != 45 || m.Seconds <= 0 || m.CostShare <= 0 {
		t.Errorf("the report's measure lacks something: %s", text)
	}
	sum := new(big.Rat)
	for _, d := range r.Datasets {
		part, ok := new(big.Rat).SetString(d.Contribution)
		if !ok || part.Sign() < 0 || d.Value == "" || d.Proxies == 0 {
			t.Fatalf("a dataset's contribution lacks something: %s", text)
		}
		sum.Add(sum, part)
	}
	if sum.Cmp(big.NewRat(1, 1)) != 0 {
		t.Errorf("contributions sum to %v", sum)
	}
	for _, part := range []string{"Julio lies", "is right, Julio loses", "burned", "All checks hold", "the claim stands", "asset/5", "the commons"} {
		if !strings.Contains(out.String(), part) {
			t.Errorf("the story does not say %q:\n%s", part, &out)
		}
	}
}

func TestVerdictNamesWhatDoesNotHold(t *testing.T) {
	p := &play{story: story{out: &bytes.Buffer{}}}
	p.report.Remainder = "0"
	p.session.Claim = &job.Claim{}
	p.session.Price = math.ZeroInt()
	err := p.verdict()
	for _, complaint := range []string{"nobody verified", "loss did not fall", "answered nothing", "made or lost"} {
		if err == nil || !strings.Contains(err.Error(), complaint) {
			t.Errorf("got %v, want it to say %q", err, complaint)
		}
	}
}

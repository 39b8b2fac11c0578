package train

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/nn/file"
)

// small is a job of a second or less on every kernel.
func small(t testing.TB) (*Spec, []Data) {
	t.Helper()
	s := sample()
	s.Model.Dim, s.Model.Heads, s.Model.Hidden, s.Model.Context = 16, 2, 24, 16
	s.Tokenizer.Vocab = 300
	s.Optimizer.Rate, s.Optimizer.Warmup = 0.02, 5
	s.Train.Steps, s.Train.Batch, s.Train.Checkpoint, s.Train.Validation = 12, 3, 4, 0.1
	s.Data.Datasets = []string{"asset/1", "asset/2"}
	return s, []Data{{Asset: "asset/2", Bytes: prose(2, 3000)}, {Asset: "asset/1", Bytes: prose(1, 6000)},
		{Asset: "asset/9"}}
}

// prose is text with something to learn: a few words in lines.
func prose(seed uint64, size int) []byte {
	words := strings.Fields("the sea was calm and a whale rose then we rowed home under stars")
	r := rand.New(rand.NewPCG(seed, 0))
	var b strings.Builder
	for b.Len() < size {
		at := r.IntN(len(words))
		for i := range 6 {
			b.WriteString(words[(at+i)%len(words)] + " ")
		}
		b.WriteString("\n")
	}
	return []byte(b.String())
}

func backend(t testing.TB, name string, threads int) *kernel.Backend {
	t.Helper()
	b, err := kernel.New(name, threads)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func written(t testing.TB, s *Spec, data []Data) *Plan {
	t.Helper()
	p, err := NewPlan(s, data)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func run(t testing.TB, s *Spec, data []Data, b *kernel.Backend, opt Options) *Result {
	t.Helper()
	r, err := Run(context.Background(), written(t, s, data), b, opt)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// memory is a Store.
type memory map[int][]byte

func (m memory) Steps() ([]int, error)         { return slices.Sorted(maps.Keys(m)), nil }
func (m memory) Load(step int) ([]byte, error) { return m[step], nil }
func (m memory) Save(step int, b []byte) error { m[step] = slices.Clone(b); return nil }
func (m memory) Drop(step int) error           { delete(m, step); return nil }

func TestLearnsText(t *testing.T) {
	s, data := small(t)
	s.Train.Steps = 150
	var seen []Progress
	clock := time.Unix(0, 0)
	r := run(t, s, data, backend(t, "", 2), Options{
		Progress: func(p Progress) { seen = append(seen, p) },
		Now:      func() time.Time { clock = clock.Add(time.Second); return clock },
	})
	if !(r.LossLast < 0.5*r.LossFirst) {
		t.Errorf("validation loss went from %v to %v, want less than half", r.LossFirst, r.LossLast)
	}
	if used := r.Tokens[0] + r.Tokens[1]; used != 150*3*16 {
		t.Errorf("%v tokens used, want %d in all", r.Tokens, 150*3*16)
	}
	// asset/1 is about twice as long as asset/2.
	if share := float64(r.Tokens[0]) / (150 * 3 * 16); share < 0.5 || share > 0.8 {
		t.Errorf("asset/1 has %v of the tokens", share)
	}
	if len(seen) != 150 || seen[149].Step != 150 || seen[149].Left != 0 || seen[74].TokensPerSecond != 48 ||
		seen[74].Left != 75*time.Second {
		t.Errorf("progress: %d reports, half way %+v", len(seen), seen[74])
	}
	if n := len(r.Losses); n < 40 || n > 60 || r.Losses[n-1].Step != 150 {
		t.Errorf("%d points in the curve", n)
	}
	m, err := file.Decode(r.File)
	if err != nil {
		t.Fatal(err)
	}
	if m.Config.Parameters() != r.Model.Config.Parameters() || !slices.Equal(m.Tensors[3].Data, r.Model.Tensors[3].Data) {
		t.Error("the file holds another model")
	}
}

func TestSameBits(t *testing.T) {
	s, data := small(t)
	want := run(t, s, data, backend(t, "reference", 1), Options{})
	for _, name := range kernel.Names() {
		for threads := 1; threads <= 3; threads++ {
			got := run(t, s, data, backend(t, name, threads), Options{})
			if got.StateHash != want.StateHash || got.Trace != want.Trace || got.LossLast != want.LossLast {
				t.Errorf("%s with %d threads differs", name, threads)
			}
		}
	}
	slices.Reverse(data)
	if got := run(t, s, data, backend(t, "", 1), Options{}); got.StateHash != want.StateHash {
		t.Error("the order in which data is handed over shows in the result")
	}
	s.Train.Seed++
	if got := run(t, s, data, backend(t, "", 1), Options{}); got.StateHash == want.StateHash || got.Trace == want.Trace {
		t.Error("the seed does not show in the result")
	}
}

// TestBitsNeverChange has the hash of one small run: the same on every machine
// and in every version. Whoever changes it ends all disputes about older runs.
func TestBitsNeverChange(t *testing.T) {
	const state = "210e3e16ef50c6488ed4c1688404cdb3a17dfd3a751c2a7c3a3cb3c791bf2145"
	s, data := small(t)
	if got := run(t, s, data, backend(t, "", 2), Options{}).StateHash; got.String() != state {
		t.Errorf("state %s, want %s", got, state)
	}
}

// Killed at any step, a run goes on from its last checkpoint to the same bits.
func TestResume(t *testing.T) {
	s, data := small(t)
	b := backend(t, "", 1)
	want := run(t, s, data, b, Options{})
	for kill := 1; kill < s.Train.Steps; kill++ {
		ctx, cancel := context.WithCancel(context.Background())
		store := memory{}
		_, err := Run(ctx, written(t, s, data), b, Options{Store: store, Progress: func(p Progress) {
			if p.Step == kill {
				cancel()
			}
		}})
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("cancelled run returns %v", err)
		}
		if len(store) != kill/s.Train.Checkpoint {
			t.Fatalf("killed after step %d with %d checkpoints", kill, len(store))
		}
		first := 0
		got := run(t, s, data, b, Options{Store: store, Progress: func(p Progress) {
			if first == 0 {
				first = p.Step
			}
		}})
		if want := kill/s.Train.Checkpoint*s.Train.Checkpoint + 1; first != want {
			t.Errorf("killed after step %d, the run went on with step %d, want %d", kill, first, want)
		}
		sameResult(t, got, want)
	}
}

func sameResult(t *testing.T, got, want *Result) {
	t.Helper()
	if got.StateHash != want.StateHash || got.Trace != want.Trace || string(got.File) != string(want.File) {
		t.Error("another model")
	}
	if fmt.Sprint(got.LossFirst, got.LossLast, got.Losses, got.Tokens, got.Steps) != fmt.Sprint(want.LossFirst,
		want.LossLast, want.Losses, want.Tokens, want.Steps) {
		t.Error("another story of the run")
	}
}

// A finished run answers from its last checkpoint; an unusable checkpoint is
// reported and costs only its time.
func TestCheckpointsThatEndOrCannotBeUsed(t *testing.T) {
	s, data := small(t)
	b := backend(t, "", 1)
	store := memory{}
	want := run(t, s, data, b, Options{Store: store})
	sameResult(t, run(t, s, data, b, Options{Store: store, Progress: func(Progress) { t.Error("trained again") }}), want)

	steps, _ := store.Steps()
	last, before := steps[len(steps)-1], steps[len(steps)-2]
	other, _ := small(t)
	other.Train.Seed++
	foreign := memory{}
	run(t, other, data, b, Options{Store: foreign})
	flipped := slices.Clone(store[last])
	flipped[len(flipped)/2] ^= 1
	for name, bad := range map[string][]byte{
		"foreign": foreign[last], "flipped": flipped, "cut": store[last][:len(store[last])-1], "empty": {},
		"another step's": store[before],
	} {
		for has, damaged := range map[string]memory{
			"alone": {last: bad}, "after a good one": {before: store[before], last: bad},
		} {
			var warned error
			first := 0
			got := run(t, s, data, b, Options{
				Store: damaged, Warn: func(err error) { warned = err },
				Progress: func(p Progress) { first = cmp.Or(first, p.Step) },
			})
			if !errors.Is(warned, ErrCheckpoint) {
				t.Errorf("%s checkpoint %s: warned %v", name, has, warned)
			}
			if (first == 1) != (has == "alone") {
				t.Errorf("%s checkpoint %s: goes on with step %d", name, has, first)
			}
			sameResult(t, got, want)
		}
	}
}

type broken struct{ memory }

var errDisk = errors.New("disk is full")

func (broken) Save(int, []byte) error { return errDisk }

func TestStoreErrorEndsTheRun(t *testing.T) {
	s, data := small(t)
	if _, err := Run(context.Background(), written(t, s, data), backend(t, "", 1),
		Options{Store: broken{}}); !errors.Is(err, errDisk) {
		t.Errorf("error %v, want that of the store", err)
	}
}

func TestDataThatDoesNotFit(t *testing.T) {
	for _, c := range []struct {
		name, want string
		change     func(*Spec, []Data) []Data
	}{
		{"absent", "data.datasets names asset/3, which is absent", func(s *Spec, d []Data) []Data {
			s.Data.Datasets = append(s.Data.Datasets, "asset/3")
			return d
		}},
		{"too short to train on", "asset/2 has", func(_ *Spec, d []Data) []Data {
			d[0].Bytes = []byte("a b c\n")
			return d
		}},
		{"too short to validate on", "validate", func(s *Spec, d []Data) []Data {
			s.Train.Validation = 0.001
			return d
		}},
	} {
		s, data := small(t)
		data = c.change(s, data)
		_, err := NewPlan(s, data)
		if !errors.Is(err, ErrData) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want an ErrData with %q", c.name, err, c.want)
		}
	}
}

func TestBenchCountsTokens(t *testing.T) {
	cfg := nn.Config{Vocab: 20, Layers: 1, Dim: 8, Heads: 2, Hidden: 8, Context: 4, Theta: 10000, Eps: 1e-5}
	clock := time.Unix(0, 0)
	speed, err := Bench(cfg, 2, 5, backend(t, "", 1),
		func() time.Time { clock = clock.Add(4 * time.Second); return clock })
	if want := 2 * 4 / 4.0; err != nil || speed != (Speed{want, want, want * 16 / 17}) {
		t.Errorf("%v tokens/s, error %v, want %v", speed, err, want)
	}
	if _, err := Bench(nn.Config{}, 2, 5, backend(t, "", 1), time.Now); !errors.Is(err, nn.ErrConfig) {
		t.Errorf("error %v, want an ErrConfig", err)
	}
}

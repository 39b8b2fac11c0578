package infer

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/nn/file"
	"github.com/minga-network/minga/nn/token"
)

// The clock is read before and after the prompt, and after the answer.
func TestTrialIsATokensTime(t *testing.T) {
	g := New(model(t, true, 256), backend(t, "", 1))
	at, times := time.Unix(0, 0), []time.Duration{0, chunk * time.Second, trialTokens * time.Minute}
	clock := func() time.Time {
		at, times = at.Add(times[0]), times[1:]
		return at
	}
	s, err := g.Trial(t.Context(), clock)
	if err != nil || s != (Speed{Read: time.Second, Made: time.Minute}) {
		t.Errorf("%v, %v", s, err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := g.Trial(ended, time.Now); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// What a model's cache takes follows from its shape, which whoever mints a model chooses: a file of 17 MB may want
// 16 GB. CacheBytes knows before anything is allocated.
func TestCacheBytesIsWhatACacheTakes(t *testing.T) {
	tok, err := token.Train([][]byte{[]byte("the end the end the end")}, 257)
	if err != nil {
		t.Fatal(err)
	}
	b, err := kernel.New("", 1)
	if err != nil {
		t.Fatal(err)
	}
	cfg := nn.Config{
		Vocab: tok.Vocab(), Layers: 256, Dim: 64, Heads: 1, Hidden: 1, Context: 1 << 17, Tied: true, Theta: 10000, Eps: 1e-5,
	}
	m := &file.Model{Config: cfg, Tensors: nn.Initial(cfg, 1, b), Tokenizer: tok}
	if n := CacheBytes(cfg, cfg.Context); n < 16<<30 || n > 20<<30 {
		t.Errorf("%d bytes for the whole context", n)
	}
	const positions = 256
	before := allocated()
	c := newCache(m, b)
	c.reserve(positions)
	grew := allocated() - before
	if want := CacheBytes(cfg, positions); grew > want+want/50 || 2*grew < want {
		t.Errorf("%d bytes were allocated, %d expected", grew, want)
	}
}

func allocated() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.TotalAlloc)
}

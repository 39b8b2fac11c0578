package infer

import (
	"bytes"
	"context"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/nn/file"
)

func generate(t testing.TB, g *Generator, r Request) *Result {
	t.Helper()
	var emitted []Token
	result, err := g.Generate(context.Background(), r, func(tok Token) error {
		emitted = append(emitted, tok)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(emitted)+len(result.Tokens) > 0 && !reflect.DeepEqual(emitted, result.Tokens) {
		t.Error("other tokens were emitted than are in the result")
	}
	return result
}

func ids(tokens []Token) (out []int32) {
	for _, tok := range tokens {
		out = append(out, tok.ID)
	}
	return out
}

// TestGenerationWithoutTheCache asks for each token in a request of its own,
// so that every text is passed from its start.
func TestGenerationWithoutTheCache(t *testing.T) {
	m := model(t, true, 200)
	prompt := m.Tokenizer.Encode([]byte(text))[:70]
	for _, r := range []Request{
		{Prompt: prompt, MaxTokens: 40},
		{Prompt: prompt, MaxTokens: 40, Temperature: 0.9, Seed: 5, Logprobs: 3},
		{Prompt: prompt[:1], MaxTokens: 40, Temperature: 1.5, TopP: 0.7, Seed: 6},
	} {
		g := New(m, backend(t, "", 2))
		cached := generate(t, g, r)
		var single []Token
		for range len(cached.Call.Made) {
			s := r
			s.Prompt = append(slices.Clone(r.Prompt), ids(single)...)
			s.MaxTokens = 1
			single = append(single, generate(t, g, s).Tokens...)
		}
		if !reflect.DeepEqual(single, cached.Tokens) {
			t.Errorf("temperature %v: tokens without the cache differ", r.Temperature)
		}
	}
}

func TestGenerationIsTheSameOnEveryBackend(t *testing.T) {
	m := model(t, false, 128)
	r := Request{Prompt: m.Tokenizer.Encode([]byte("And the")), MaxTokens: 60, Temperature: 1, TopP: 0.9, Seed: 3,
		Logprobs: 2}
	want := generate(t, New(m, backend(t, "reference", 1)), r)
	for _, name := range kernel.Names() {
		if got := generate(t, New(m, backend(t, name, 3)), r); !reflect.DeepEqual(got, want) {
			t.Errorf("%s writes another text", name)
		}
	}
	r.Seed++
	if got := generate(t, New(m, backend(t, "", 1)), r); reflect.DeepEqual(ids(got.Tokens), ids(want.Tokens)) {
		t.Error("the seed changes nothing")
	}
}

// TestLogprobsAreTrainingLosses evaluates what was generated with the Program
// that training uses.
func TestLogprobsAreTrainingLosses(t *testing.T) {
	m := model(t, true, 64)
	b := backend(t, "", 2)
	prompt := m.Tokenizer.Encode([]byte(text))[:20]
	got := generate(t, New(m, b), Request{Prompt: prompt, MaxTokens: 44, Temperature: 1, Seed: 2})
	all := append(slices.Clone(prompt), ids(got.Tokens)...)
	losses := evaluate(t, m, b, all)
	for i, tok := range got.Tokens {
		if want := -losses[len(prompt)+i-1]; math.Float32bits(tok.Logprob) != math.Float32bits(want) {
			t.Fatalf("token %d has log probability %v, its loss is %v", i, tok.Logprob, -want)
		}
	}
}

// evaluate returns the loss of each token that follows a token.
func evaluate(t *testing.T, m *file.Model, b *kernel.Backend, tokens []int32) []float32 {
	t.Helper()
	p, err := nn.Evaluation(m.Config, 1)
	if err != nil {
		t.Fatal(err)
	}
	var state [][]float32
	for _, w := range m.Tensors {
		state = append(state, w.Data)
	}
	machine, err := nn.NewMachine(p, b, state)
	if err != nil {
		t.Fatal(err)
	}
	in, _ := p.Input(nn.InputTokens)
	next, _ := p.Input(nn.InputTargets)
	out, err := p.Output(nn.OutputLosses)
	if err != nil {
		t.Fatal(err)
	}
	copy(machine.Ints(in), tokens)
	copy(machine.Ints(next), tokens[1:])
	machine.Run()
	return machine.Floats(out)
}

func TestTheEndOfATextEndsIt(t *testing.T) {
	m := model(t, false, 32)
	g := New(m, backend(t, "", 1))
	prompt := m.Tokenizer.Encode([]byte("And"))
	// The only token with a logit above 0 after the prompt is the end of a text.
	g.cache.reserve(len(prompt))
	g.cache.forward(prompt, 0)
	last := g.cache.x[(len(prompt)-1)*m.Config.Dim : len(prompt)*m.Config.Dim]
	output := m.Tensors[len(m.Tensors)-1].Data
	clear(output)
	copy(output[int(m.Tokenizer.EOS())*m.Config.Dim:], g.cache.Norm(last, g.cache.network.Norm))
	got := generate(t, New(m, backend(t, "", 1)), Request{Prompt: prompt, MaxTokens: 5})
	if got.Finish != FinishStop || len(got.Call.Made) != 1 || len(got.Tokens) != 0 {
		t.Errorf("%+v", got)
	}
}

func TestStopSequencesCutTheText(t *testing.T) {
	m := model(t, true, 128)
	g := New(m, backend(t, "", 1))
	r := Request{Prompt: m.Tokenizer.Encode([]byte("And")), MaxTokens: 60, Temperature: 1, Seed: 1}
	free := generate(t, g, r)
	all := textOf(free)
	if free.Finish != FinishLength || len(free.Call.Made) != 60 {
		t.Fatalf("%s after %d tokens", free.Finish, len(free.Call.Made))
	}
	for at := 5; at < len(all)-4; at += 11 {
		stop := all[at : at+4]
		r.Stop = [][]byte{stop, []byte("never written")}
		got := generate(t, g, r)
		want := all[:bytes.Index(all, stop)]
		if !bytes.Equal(textOf(got), want) || got.Finish != FinishStop {
			t.Errorf("stopped at %q with %q (%s), want %q", stop, textOf(got), got.Finish, want)
		}
		if len(got.Call.Made) <= len(got.Tokens)-1 || len(got.Call.Made) > 60 {
			t.Errorf("%d tokens generated, %d emitted", len(got.Call.Made), len(got.Tokens))
		}
	}
}

func TestTheBeginningOfAStopSequenceAtTheEndIsText(t *testing.T) {
	m := model(t, true, 128)
	g := New(m, backend(t, "", 1))
	r := Request{Prompt: m.Tokenizer.Encode([]byte("And")), MaxTokens: 20, Temperature: 1, Seed: 1}
	want := textOf(generate(t, g, r))
	r.Stop = [][]byte{append(slices.Clone(want[len(want)-6:]), "never written"...)}
	if got := generate(t, g, r); !bytes.Equal(textOf(got), want) || got.Finish != FinishLength {
		t.Errorf("%q (%s), want %q", textOf(got), got.Finish, want)
	}
}

func textOf(r *Result) (out []byte) {
	for _, tok := range r.Tokens {
		out = append(out, tok.Bytes...)
	}
	return out
}

func TestGenerateRefuses(t *testing.T) {
	m := model(t, true, 32)
	g := New(m, backend(t, "", 1))
	for _, c := range []struct {
		name   string
		change func(*Request)
		want   error
	}{
		{"an empty prompt", func(r *Request) { r.Prompt = nil }, ErrRequest},
		{"an unknown token", func(r *Request) { r.Prompt = []int32{1, 300} }, ErrRequest},
		{"a negative token", func(r *Request) { r.Prompt = []int32{-1} }, ErrRequest},
		{"no tokens wanted", func(r *Request) { r.MaxTokens = 0 }, ErrRequest},
		{"a negative temperature", func(r *Request) { r.Temperature = -1 }, ErrRequest},
		{"no temperature", func(r *Request) { r.Temperature = float32(math.NaN()) }, ErrRequest},
		{"top p over 1", func(r *Request) { r.TopP = 1.1 }, ErrRequest},
		{"an empty stop sequence", func(r *Request) { r.Stop = [][]byte{[]byte("a"), nil} }, ErrRequest},
		{"too many log probabilities", func(r *Request) { r.Logprobs = 301 }, ErrRequest},
		{"too many tokens", func(r *Request) { r.MaxTokens = 30 }, ErrContext},
		{"a sum that overflows", func(r *Request) { r.MaxTokens = math.MaxInt }, ErrContext},
		{"a long prompt", func(r *Request) { r.Prompt = make([]int32, 33) }, ErrContext},
	} {
		r := Request{Prompt: []int32{1, 2, 3}, MaxTokens: 29}
		c.change(&r)
		emitted := 0
		result, err := g.Generate(context.Background(), r, func(Token) error { emitted++; return nil })
		if !errors.Is(err, c.want) || !errors.Is(err, ErrRequest) || result != nil || emitted > 0 {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	if _, err := g.Generate(context.Background(), Request{Prompt: []int32{1, 2, 3}, MaxTokens: 29}, nil); err != nil {
		t.Errorf("a request that just fits: %v", err)
	}
	m.Tokenizer = nil
	if _, err := New(m, backend(t, "", 1)).Generate(context.Background(), Request{Prompt: []int32{1}, MaxTokens: 1},
		nil); !errors.Is(err, ErrRequest) {
		t.Errorf("no tokenizer: %v", err)
	}
}

func TestGenerationEndsWithItsContextOrReader(t *testing.T) {
	m := model(t, true, 64)
	g := New(m, backend(t, "", 1))
	r := Request{Prompt: []int32{'A'}, MaxTokens: 20}
	broken := errors.New("broken pipe")
	for _, c := range []struct {
		name string
		emit func(n int, cancel func()) error
		want error
	}{
		{"context", func(n int, cancel func()) error {
			if n == 3 {
				cancel()
			}
			return nil
		}, context.Canceled},
		{"reader", func(n int, _ func()) error {
			if n == 3 {
				return broken
			}
			return nil
		}, broken},
	} {
		ctx, cancel := context.WithCancel(context.Background())
		n := 0
		result, err := g.Generate(ctx, r, func(Token) error {
			n++
			return c.emit(n, cancel)
		})
		cancel()
		if !errors.Is(err, c.want) || n != 3 || len(result.Tokens) != 3 || result.Finish != "" {
			t.Errorf("%s: %v after %d tokens, %+v", c.name, err, n, result)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if result, err := g.Generate(ctx, r, nil); !errors.Is(err, context.Canceled) || len(result.Call.Made) != 0 {
		t.Errorf("a context that has ended: %v", err)
	}
}

// TestNoAllocationPerToken: beyond what the kernel allocates in a pass (the
// closures it hands to threads), a token costs at most the one closure of its
// log probability and two of its draw, however far the text is.
func TestNoAllocationPerToken(t *testing.T) {
	m := model(t, true, 256)
	g := New(m, backend(t, "", 1))
	count := func(tokens int) float64 {
		r := Request{Prompt: []int32{'A'}, MaxTokens: tokens, Temperature: 0.01, TopP: 0.9,
			Stop: [][]byte{[]byte(strings.Repeat("z", 9))}}
		return testing.AllocsPerRun(3, func() {
			if result, err := g.Generate(context.Background(), r, nil); err != nil || len(result.Call.Made) != tokens {
				t.Fatalf("%v, %+v", err, result)
			}
		})
	}
	long, short := count(200), count(50)
	pass := testing.AllocsPerRun(20, func() {
		g.cache.forward([]int32{'A'}, 100)
		g.cache.last()
	})
	if most := 150*(pass+3) + 8; long-short > most {
		t.Errorf("150 tokens more allocate %v times, of which %v in passes", long-short, 150*pass)
	}
}

func BenchmarkGenerate(b *testing.B) {
	cfg := nn.Config{
		Vocab: 1024, Layers: 2, Dim: 128, Heads: 4, Hidden: 384, Context: 256, Tied: true, Theta: 10000, Eps: 1e-5,
	}
	m := &file.Model{Config: cfg, Tensors: nn.Initial(cfg, 1, backend(b, "", 1)), Tokenizer: model(b, true, 8).Tokenizer}
	g := New(m, backend(b, "", 1))
	r := Request{Prompt: []int32{1, 2, 3}, MaxTokens: 250, Temperature: 1}
	b.ReportAllocs()
	for b.Loop() {
		generate(b, g, r)
	}
}

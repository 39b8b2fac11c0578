package infer

import (
	"bytes"
	"encoding/json"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/nn/file"
	"github.com/minga-network/minga/nn/token"
)

// llamaAnswer is what llama.cpp makes of a text.
type llamaAnswer struct{ Prompt, Written []int32 }

// llamaFolder is where llama.cpp is installed.
var llamaFolder = filepath.Join("..", "bench", "llamacpp")

// needLlama skips a test where nobody asked for it; where somebody did, a
// missing llama.cpp is an error.
func needLlama(t *testing.T) {
	t.Helper()
	if os.Getenv("MINGA_PEERS") == "" {
		t.Skip("skipped, llama.cpp is not wanted: bench/peers.sh installs it and sets MINGA_PEERS=1")
	}
	if _, err := os.Stat(filepath.Join(llamaFolder, "node_modules")); err != nil {
		t.Fatalf("llama.cpp is not installed: run npm install in bench/llamacpp (%v)", err)
	}
}

// llama has llama.cpp read a GGUF file and write after each text.
func llama(t *testing.T, gguf []byte, tokens int, texts []string) []llamaAnswer {
	t.Helper()
	file := filepath.Join(t.TempDir(), "model.gguf")
	if err := os.WriteFile(file, gguf, 0o600); err != nil {
		t.Fatal(err)
	}
	order, err := json.Marshal(map[string]any{"model": file, "texts": texts, "tokens": tokens})
	if err != nil {
		t.Fatal(err)
	}
	node := exec.Command("node", "generate.mjs")
	node.Dir, node.Stdin, node.Stderr = llamaFolder, bytes.NewReader(order), os.Stderr
	out, err := node.Output()
	if err != nil {
		t.Fatalf("node generate.mjs: %v", err)
	}
	var answers []llamaAnswer
	if err := json.Unmarshal(out, &answers); err != nil || len(answers) != len(texts) {
		t.Fatalf("%d answers: %v\n%s", len(answers), err, out)
	}
	return answers
}

// learn trains a model on a text for some steps, enough to have opinions.
func learn(t *testing.T, cfg nn.Config, text string, steps int) *file.Model {
	t.Helper()
	tok, err := token.Train([][]byte{[]byte(text)}, cfg.Vocab)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Vocab = tok.Vocab()
	b := backend(t, "", 2)
	m := &file.Model{Config: cfg, Tensors: nn.Initial(cfg, 1, b), Tokenizer: tok}
	const batch = 4
	p, err := nn.Training(cfg, batch, nn.Optimizer{
		Rate: 3e-3, Floor: 3e-4, Warmup: 10, Steps: steps, Beta1: 0.9, Beta2: 0.95, Eps: 1e-8, Decay: 0.1, Clip: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	machine := trainer(t, p, m, b)
	in, _ := p.Input(nn.InputTokens)
	next, _ := p.Input(nn.InputTargets)
	step, _ := p.Input(nn.InputStep)
	ids, r := tok.Encode([]byte(text)), rand.New(rand.NewSource(1))
	for i := range steps {
		for row := range batch {
			start := r.Intn(len(ids) - cfg.Context)
			copy(machine.Ints(in)[row*cfg.Context:], ids[start:start+cfg.Context])
			copy(machine.Ints(next)[row*cfg.Context:(row+1)*cfg.Context], ids[start+1:])
		}
		machine.Ints(step)[0] = int32(i)
		machine.Run()
	}
	out, _ := p.Output(nn.OutputLoss)
	t.Logf("%d parameters, loss %.3f after %d steps", m.Config.Parameters(), machine.Floats(out)[0], steps)
	return m
}

// trainer binds the weights of a model, in place, and fresh moments.
func trainer(t *testing.T, p *nn.Program, m *file.Model, b *kernel.Backend) *nn.Machine {
	t.Helper()
	var state [][]float32
	for _, w := range m.Tensors {
		state = append(state, w.Data)
	}
	for range 2 {
		for _, w := range m.Tensors {
			state = append(state, make([]float32, w.Size()))
		}
	}
	machine, err := nn.NewMachine(p, b, state)
	if err != nil {
		t.Fatal(err)
	}
	return machine
}

// TestLlamaCppWritesTheSameTokens exports trained models and has llama.cpp
// continue texts: its 64 most likely tokens are ours.
func TestLlamaCppWritesTheSameTokens(t *testing.T) {
	needLlama(t)
	const tokens = 64
	prompts := []string{"And", "In the beginning God", "the waters", "darkness was upon the face"}
	for _, tied := range []bool{true, false} {
		m := learn(t, nn.Config{Vocab: 320, Layers: 2, Dim: 64, Heads: 4, Hidden: 160, Context: 128, Tied: tied, Theta: 10000,
			Eps: 1e-5},
			strings.Repeat(text, 20), 60)
		gguf, err := m.GGUF(false)
		if err != nil {
			t.Fatal(err)
		}
		g := New(m, backend(t, "", 2))
		for i, got := range llama(t, gguf, tokens, prompts) {
			prompt := m.Tokenizer.Encode([]byte(prompts[i]))
			want := ids(generate(t, g, Request{Prompt: prompt, MaxTokens: tokens}).Tokens)
			if !slices.Equal(got.Prompt, prompt) {
				t.Errorf("tied %v: %q is %v there, %v here", tied, prompts[i], got.Prompt, prompt)
			}
			if !slices.Equal(got.Written, want) {
				t.Errorf("tied %v: after %q it writes\n%v %q, we write\n%v %q", tied, prompts[i],
					got.Written, m.Tokenizer.Decode(got.Written), want, m.Tokenizer.Decode(want))
			}
			t.Logf("tied %v: %q goes on %q", tied, prompts[i], m.Tokenizer.Decode(want))
		}
	}
}

// TestLlamaCppReadsHalves: rounded weights give another text sooner or later,
// so only that the file is accepted and begins as ours does.
func TestLlamaCppReadsHalves(t *testing.T) {
	needLlama(t)
	m := learn(t, nn.Config{Vocab: 320, Layers: 1, Dim: 32, Heads: 2, Hidden: 64, Context: 64, Tied: true, Theta: 10000,
		Eps: 1e-5},
		strings.Repeat(text, 20), 60)
	gguf, err := m.GGUF(true)
	if err != nil {
		t.Fatal(err)
	}
	prompt := m.Tokenizer.Encode([]byte("And God"))
	want := ids(generate(t, New(m, backend(t, "", 2)), Request{Prompt: prompt, MaxTokens: 4}).Tokens)
	if got := llama(t, gguf, 4, []string{"And God"})[0]; !slices.Equal(got.Written, want) {
		t.Errorf("it writes %v, we write %v", got.Written, want)
	}
}

// TestLlamaCppCutsTextTheSame compares tokens of texts in many scripts, and of
// random ones.
func TestLlamaCppCutsTextTheSame(t *testing.T) {
	needLlama(t)
	texts := []string{
		text, "I'm sure we'll see 1234 of 'em,\" he'd said; they've 5½ ships, don't THEY'RE?",
		"\ttabbed  twice   spaced    \n\n\nlines\r\n \n end ", "  ", "\n", "'s 't'll x'", "<|endoftext|> is text",
		"Ñandú ka'a — ½ Ⅷ ٣ пример 日本語のテキスト。 🙂🙂 e\u0301\u00a0\u3000wide\u200b", "नमस्ते ไทย 한국어 עברית العربية ١٢٣",
	}
	parts := []rune("aZé1½'s'r v  \n\t\u00a0\u3000.-🙂\u0301日ßष्ΩЖ\u2028²\u0000\u200d")
	r := rand.New(rand.NewSource(4))
	for range 300 {
		random := make([]rune, 1+r.Intn(30))
		for i := range random {
			random[i] = parts[r.Intn(len(parts))]
		}
		texts = append(texts, string(random))
	}
	for _, m := range []*file.Model{model(t, true, 16), withoutMerges(t)} {
		gguf, err := m.GGUF(false)
		if err != nil {
			t.Fatal(err)
		}
		for i, got := range llama(t, gguf, 0, texts) {
			if want := m.Tokenizer.Encode([]byte(texts[i])); !slices.Equal(got.Prompt, want) {
				t.Errorf("%d tokens: %q is %v there, %v here", m.Config.Vocab, texts[i], got.Prompt, want)
			}
		}
	}
}

// withoutMerges is a model whose tokens are bytes.
func withoutMerges(t *testing.T) *file.Model {
	tok, err := token.Train(nil, 257)
	if err != nil {
		t.Fatal(err)
	}
	cfg := nn.Config{Vocab: 257, Layers: 1, Dim: 8, Heads: 2, Hidden: 8, Context: 16, Theta: 10000, Eps: 1e-5}
	return &file.Model{Config: cfg, Tensors: nn.Initial(cfg, 1, backend(t, "", 1)), Tokenizer: tok}
}

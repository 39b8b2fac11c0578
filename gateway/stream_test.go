package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/minga-network/minga/infer"
)

// TestStopsAcrossTokens cuts answers at stops that begin and end anywhere, also inside tokens. Streamed or
// whole, an answer is the text before the first stop, without any byte of the stop.
func TestStopsAcrossTokens(t *testing.T) {
	w := newWorld(t)
	key, _ := w.key(1 << 40)
	ask := func(stop []string, seed int, stream bool) string {
		body, _ := json.Marshal(map[string]any{"model": "asset/5", "prompt": "In the", "max_tokens": 40, "seed": seed,
			"temperature": 1.3, "stop": stop, "stream": stream})
		if !stream {
			text, _ := w.complete(key, string(body))
			return text
		}
		_, data := w.do("POST", "/v1/completions", key, string(body))
		return events(t, data)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for seed := range 25 {
		full := ask(nil, seed, false)
		letters := []rune(full)
		at := r.IntN(len(letters) - 3)
		stop := string(letters[at : at+1+r.IntN(3)])
		if strings.ContainsRune(stop, utf8.RuneError) {
			continue // the model did not write this
		}
		before, _, _ := strings.Cut(full, stop)
		for _, stream := range []bool{false, true} {
			if got := ask([]string{"not in it", stop}, seed, stream); strings.TrimRight(got,
				"\uFFFD") != strings.TrimRight(before, "\uFFFD") {
				t.Errorf("seed %d, stop %q, stream %t:\n%q, want\n%q", seed, stop, stream, got, before)
			}
		}
	}
}

// events joins the text of a stream, whose every event must be valid.
func events(t *testing.T, data string) string {
	t.Helper()
	var text strings.Builder
	lines := strings.Split(strings.TrimSuffix(data, "\n\n"), "\n\n")
	if lines[len(lines)-1] != "data: [DONE]" {
		t.Fatalf("no end: %s", data)
	}
	for _, line := range lines[:len(lines)-1] {
		var e struct{ Choices []struct{ Text string } }
		if err := json.Unmarshal([]byte(strings.TrimPrefix(line, "data: ")), &e); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		for _, c := range e.Choices {
			text.WriteString(c.Text)
		}
	}
	return text.String()
}

// TestCharactersComeWhole cuts bytes anywhere. The pieces are valid, and together they are the text, with
// U+FFFD in the place of bytes that are no character.
func TestCharactersComeWhole(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		var all []byte
		for range r.IntN(12) {
			switch r.IntN(3) {
			case 0:
				all = append(all, byte(r.IntN(256)))
			default:
				all = utf8.AppendRune(all, []rune("aé光🌍")[r.IntN(4)])
			}
		}
		var c runes
		var got strings.Builder
		for rest := all; len(rest) > 0; {
			n := 1 + r.IntN(len(rest))
			piece := c.push(rest[:n])
			if !utf8.ValidString(piece) {
				t.Fatalf("%q", piece)
			}
			got.WriteString(piece)
			rest = rest[n:]
		}
		got.WriteString(c.flush())
		want := string([]rune(string(all)))
		// An unfinished character at the end is one U+FFFD, not one for each byte.
		if strings.TrimRight(got.String(), "\uFFFD") != strings.TrimRight(want, "\uFFFD") {
			t.Fatalf("%q: %q, want %q", all, got.String(), want)
		}
	}
}

func TestTheTranscript(t *testing.T) {
	got, err := transcript([]message{{"system", "Be brief."}, {"user", "Hi."}, {"assistant", "Hello."},
		{"user", "What is light?"}})
	if want := "system: Be brief.\nuser: Hi.\nassistant: Hello.\nuser: What is light?\nassistant:"; err != nil ||
		got != want {
		t.Errorf("%v %q", err, got)
	}
}

func requestOf(w *world, prompt string, most int) infer.Request {
	return infer.Request{Prompt: w.model.Tokenizer.Encode([]byte(prompt)), MaxTokens: most, Temperature: 1, Seed: 9}
}

// generateUntil lets the reader go away at token n, and counts those that it got.
func generateUntil(s *session, order infer.Request, reserved, n int) (end ending, got int) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	out := make(chan infer.Token) // unbuffered, so that the reader is never behind
	go func() {
		defer close(out)
		end = s.generate(ctx, s.model, order, reserved, out)
	}()
	for range out {
		if got++; got == n {
			cancel()
		}
	}
	return end, got
}

func TestAKeyIsLong(t *testing.T) {
	a, hash := NewKey()
	b, _ := NewKey()
	if a == b || !strings.HasPrefix(a, "sk-minga-") || len(a) != len("sk-minga-")+43 ||
		fmt.Sprintf("%x", KeyHash(a)) != fmt.Sprintf("%x", hash) {
		t.Errorf("%s %s %x", a, b, hash)
	}
}

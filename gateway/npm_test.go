package gateway

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// heard is what bench/openai/talk.mjs heard through OpenAI's npm client.
type heard struct {
	Models          []string
	Model           string
	Chat, ChatFinal heardAnswer
	Text, Stop      heardAnswer
	ChatStream      []heardAnswer
	TextStream      []heardAnswer
	Errors          map[string]heardError
}

type heardAnswer struct {
	Choices []struct {
		Text     string
		Message  struct{ Role, Content string }
		Delta    struct{ Content string }
		Logprobs *struct{ Content []struct{ Token string } }
		Finish   string `json:"finish_reason"`
	}
	Usage *usage
}

type heardError struct {
	Status                  int
	Code, Param, Type, Kind string
}

func TestNPMOpenAI(t *testing.T) {
	folder := filepath.Join("..", "bench", "openai")
	if os.Getenv("MINGA_PEERS") == "" {
		t.Skip("skipped, the npm client is not wanted: bench/peers.sh installs it and sets MINGA_PEERS=1")
	}
	if _, err := os.Stat(filepath.Join(folder, "node_modules")); err != nil {
		t.Fatalf("the npm client is not installed: run npm install in bench/openai (%v)", err)
	}
	w := newWorld(t)
	key, id := w.key(100_000)
	node := exec.Command("node", "talk.mjs")
	node.Dir, node.Stderr = folder, os.Stderr
	node.Env = append(os.Environ(), "GATEWAY_URL="+w.url+"/v1", "GATEWAY_KEY="+key, "GATEWAY_MODEL=asset/5")
	out, err := node.Output()
	if err != nil {
		t.Fatalf("node talk.mjs: %v", err)
	}
	var h heard
	if err := json.Unmarshal(out, &h); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	checkHeard(t, h)
	w.eventually("the broken stream has ended", func() bool { return w.idle(id) })
	if err := w.g.Settle(context.Background(), id); err != nil {
		t.Fatal(err)
	}
	if _, l := w.claimed(id); len(l) != 7 {
		t.Errorf("%d calls are in the log, want 7, the broken one included", len(l))
	}
}

func checkHeard(t *testing.T, h heard) {
	t.Helper()
	if len(h.Models) != 1 || h.Models[0] != "asset/5" || h.Model != "asset/5" {
		t.Errorf("models %v, %s", h.Models, h.Model)
	}
	whole := h.Chat.Choices[0]
	if whole.Message.Content == "" || len(whole.Logprobs.Content) == 0 || h.Chat.Usage.Completion == 0 ||
		whole.Finish == "" {
		t.Errorf("chat: %+v", h.Chat)
	}
	var streamed strings.Builder
	for _, c := range h.ChatStream[:len(h.ChatStream)-1] {
		streamed.WriteString(c.Choices[0].Delta.Content)
	}
	if last := h.ChatStream[len(h.ChatStream)-1]; streamed.String() != whole.Message.Content ||
		*last.Usage != *h.Chat.Usage {
		t.Errorf("streamed %q, whole %q", streamed.String(), whole.Message.Content)
	}
	if got := h.ChatFinal.Choices[0].Message.Content; got != whole.Message.Content {
		t.Errorf("the client's own accumulation is %q, whole %q", got, whole.Message.Content)
	}
	streamed.Reset()
	for _, c := range h.TextStream {
		streamed.WriteString(c.Choices[0].Text)
	}
	text := h.Text.Choices[0].Text
	if streamed.String() != text || text == "" {
		t.Errorf("streamed %q, whole %q", streamed.String(), text)
	}
	if s := h.Stop.Choices[0]; s.Finish != "stop" || !strings.HasPrefix(text, s.Text) || len(s.Text) >= len(text) {
		t.Errorf("stopped with %q of %q", s.Text, text)
	}
	for name, want := range map[string]heardError{
		"key":     {401, "invalid_api_key", "", "invalid_request_error", "AuthenticationError"},
		"model":   {404, "model_not_found", "model", "invalid_request_error", "NotFoundError"},
		"tools":   {400, "", "tools", "invalid_request_error", "BadRequestError"},
		"context": {400, "context_length_exceeded", "", "invalid_request_error", "BadRequestError"},
	} {
		if got := h.Errors[name]; got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
}

// idle tells whether no answer of a job's session is under way.
func (w *world) idle(id uint64) bool {
	s := w.g.session(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.active == 0
}

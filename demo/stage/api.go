package stage

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
)

// API asks a gateway over OpenAI's HTTP interface, in plain net/http. OpenAI's own
// clients are too large for the program; they talk to the gateway in its tests and
// in bench.
type API struct {
	url, key string
	http     *http.Client
}

// Ask returns the API at a gateway's address, for whoever has the key. What the
// gateway answers is kept for World.
func (s *Stage) Ask(url, key string) API { return API{url, key, &http.Client{Transport: &s.answers}} }

// Question is the body of a request: a prompt for Complete, messages for Chat.
type Question struct {
	Model       string         `json:"model"`
	Prompt      string         `json:"prompt,omitempty"`
	Messages    []Message      `json:"messages,omitempty"`
	MaxTokens   int            `json:"max_tokens"`
	Temperature float64        `json:"temperature"`
	TopP        float64        `json:"top_p"`
	Seed        int64          `json:"seed"`
	Stream      bool           `json:"stream,omitempty"`
	Options     *streamOptions `json:"stream_options,omitempty"`
}

// Message is what one side says in a chat.
type Message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

type streamOptions struct {
	IncludeUsage bool `json:"include_usage"`
}

// Reply is a whole answer, or a piece of a streamed one.
type Reply struct {
	Choices []struct {
		Text  string  `json:"text"`
		Delta Message `json:"delta"`
	} `json:"choices"`
	Usage *Usage `json:"usage"`
	Error *struct {
		Message string `json:"message"`
	} `json:"error"`
}

// Usage is what an answer costs, in tokens.
type Usage struct {
	PromptTokens     int64 `json:"prompt_tokens"`
	CompletionTokens int64 `json:"completion_tokens"`
}

// Complete asks for what follows a prompt.
func (a API) Complete(ctx context.Context, q Question) (Reply, error) {
	body, err := a.post(ctx, "/completions", q)
	if err != nil {
		return Reply{}, err
	}
	defer body.Close()
	var r Reply
	err = json.NewDecoder(body).Decode(&r)
	if err == nil && (len(r.Choices) == 0 || r.Usage == nil) {
		err = errors.New("the answer has no choice or no usage")
	}
	return r, err
}

// Chat asks over the other endpoint, and gives each piece of the answer to take.
func (a API) Chat(ctx context.Context, q Question, take func(Reply)) error {
	q.Stream, q.Options = true, &streamOptions{IncludeUsage: true}
	body, err := a.post(ctx, "/chat/completions", q)
	if err != nil {
		return err
	}
	defer body.Close()
	for lines := bufio.NewScanner(body); lines.Scan(); {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		if data == "[DONE]" {
			return nil
		}
		var r Reply
		if err := json.Unmarshal([]byte(data), &r); err != nil {
			return err
		}
		if r.Error != nil {
			return fmt.Errorf("the gateway stopped: %s", r.Error.Message)
		}
		take(r)
	}
	return io.ErrUnexpectedEOF
}

// post sends a question. An answer that is not 200 is an error in the gateway's words.
func (a API) post(ctx context.Context, path string, q Question) (io.ReadCloser, error) {
	body, err := json.Marshal(q)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, a.url+"/v1"+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+a.key)
	r.Header.Set("Content-Type", "application/json")
	answer, err := a.http.Do(r)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode == http.StatusOK {
		return answer.Body, nil
	}
	defer answer.Body.Close()
	said, _ := io.ReadAll(io.LimitReader(answer.Body, 1<<12))
	return nil, fmt.Errorf("the gateway answers %s: %s", answer.Status, said)
}

// recorder keeps every answer as it comes, beside what the story makes of it.
type recorder struct {
	mu   sync.Mutex
	kept []*bytes.Buffer
}

// RoundTrip implements http.RoundTripper.
func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	answer, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body := new(bytes.Buffer)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.kept = append(r.kept, body)
	answer.Body = struct {
		io.Reader
		io.Closer
	}{io.TeeReader(answer.Body, body), answer.Body}
	return answer, nil
}

// heard returns the answers, which have all been read.
func (r *recorder) heard() (answers []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, body := range r.kept {
		answers = append(answers, body.String())
	}
	return answers
}

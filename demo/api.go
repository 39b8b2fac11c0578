package demo

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// api asks a gateway over OpenAI's HTTP interface, in plain net/http. OpenAI's own
// clients talk to the gateway in its tests and in bench: they are too large for
// the program.
type api struct{ url, key string }

// question is the body of a request: a prompt for /completions, messages for
// /chat/completions.
type question struct {
	Model       string         `json:"model"`
	Prompt      string         `json:"prompt,omitempty"`
	Messages    []message      `json:"messages,omitempty"`
	MaxTokens   int            `json:"max_tokens"`
	Temperature float64        `json:"temperature"`
	TopP        float64        `json:"top_p"`
	Seed        int64          `json:"seed"`
	Stream      bool           `json:"stream,omitempty"`
	Options     *streamOptions `json:"stream_options,omitempty"`
}

type message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

type streamOptions struct {
	IncludeUsage bool `json:"include_usage"`
}

// reply is a whole answer, or a piece of a streamed one.
type reply struct {
	Choices []struct {
		Text  string  `json:"text"`
		Delta message `json:"delta"`
	} `json:"choices"`
	Usage *usage        `json:"usage"`
	Error *apiComplaint `json:"error"`
}

type usage struct {
	PromptTokens     int64 `json:"prompt_tokens"`
	CompletionTokens int64 `json:"completion_tokens"`
}

type apiComplaint struct {
	Message string `json:"message"`
}

// complete asks for what follows a prompt.
func (a api) complete(ctx context.Context, q question) (reply, error) {
	body, err := a.post(ctx, "/completions", q)
	if err != nil {
		return reply{}, err
	}
	defer body.Close()
	var r reply
	err = json.NewDecoder(body).Decode(&r)
	if err == nil && (len(r.Choices) == 0 || r.Usage == nil) {
		err = fmt.Errorf("the answer has no choice or no usage")
	}
	return r, err
}

// stream asks over the chat endpoint, and gives each piece of the answer to take.
func (a api) stream(ctx context.Context, q question, take func(reply)) error {
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
		var r reply
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
func (a api) post(ctx context.Context, path string, q question) (io.ReadCloser, error) {
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
	answer, err := http.DefaultClient.Do(r)
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

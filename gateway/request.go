package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"

	"github.com/minga-network/minga/infer"
)

const (
	maxStops     = 4
	maxStopBytes = 256
	maxTop       = 20
)

// common are the parameters that both APIs have. What is null or absent is nil.
type common struct {
	Model               string    `json:"model"`
	MaxTokens           *int64    `json:"max_tokens"`
	MaxCompletionTokens *int64    `json:"max_completion_tokens"`
	Temperature         *float64  `json:"temperature"`
	TopP                *float64  `json:"top_p"`
	Seed                *int64    `json:"seed"`
	Stop                oneOrMany `json:"stop"`
	Stream              bool      `json:"stream"`
	StreamOptions       struct {
		IncludeUsage bool `json:"include_usage"`
	} `json:"stream_options"`
}

// oneOrMany is a string or a list of strings.
type oneOrMany []string

func (o *oneOrMany) UnmarshalJSON(data []byte) error {
	if data[0] == '[' {
		return json.Unmarshal(data, (*[]string)(o))
	}
	var one *string
	if err := json.Unmarshal(data, &one); err != nil || one == nil {
		return err
	}
	*o = oneOrMany{*one}
	return nil
}

// impossible are parameters that would change the answer and that this gateway does not support, with the values that
// ask for nothing.
var impossible = map[string][]string{
	"n": {`1`}, "best_of": {`1`}, "echo": {`false`}, "suffix": {`""`}, "logit_bias": {`{}`},
	"frequency_penalty": {`0`, `0.0`}, "presence_penalty": {`0`, `0.0`},
	"tools": {`[]`}, "tool_choice": {`"none"`, `"auto"`}, "functions": {`[]`}, "function_call": {`"none"`, `"auto"`},
	"response_format": {`{"type":"text"}`}, "modalities": {`["text"]`}, "audio": nil, "prediction": nil,
	"web_search_options": nil,
	"top_k":              {`0`, `-1`}, "min_p": {`0`, `0.0`}, "repetition_penalty": {`1`, `1.0`},
}

// decode reads a request into v and refuses parameters that are not supported. It ignores those that it does not know,
// since they change nothing.
func decode(data []byte, v any) error {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(data, &all); err != nil || all == nil {
		return bad("", "The request is not a JSON object.")
	}
	for name, harmless := range impossible {
		raw, given := all[name]
		if !given {
			continue
		}
		var value bytes.Buffer
		_ = json.Compact(&value, raw) // it is valid
		if s := value.String(); s != "null" && !slices.Contains(harmless, s) {
			return bad(name, "%s is %.60s: this gateway cannot do that. Leave %s out.", name, s, name)
		}
	}
	var kind *json.UnmarshalTypeError
	var f *failure
	switch err := json.Unmarshal(data, v); {
	case errors.As(err, &f):
		return f
	case errors.As(err, &kind):
		param := strings.TrimPrefix(kind.Field, "common.") // which is embedded
		return bad(param, "%s must be of another type than %s.", param, kind.Value)
	case err != nil:
		return bad("", "The request cannot be read: %v.", err)
	}
	return nil
}

// sampling makes the part of a generation that both APIs ask for: all but the prompt. MaxTokens is 0 when the request
// does not say.
func (c common) sampling() (infer.Request, error) {
	r := infer.Request{Temperature: 1, TopP: 1, Seed: randomSeed()}
	if c.Model == "" {
		return r, bad("model", "model is missing: name it as GET /v1/models does.")
	}
	for _, limit := range []struct {
		name  string
		value *int64
	}{{"max_tokens", c.MaxTokens}, {"max_completion_tokens", c.MaxCompletionTokens}} {
		if limit.value == nil {
			continue
		}
		if *limit.value < 1 {
			return r, bad(limit.name, "%s is %d: ask for at least 1.", limit.name, *limit.value)
		}
		r.MaxTokens = int(min(*limit.value, math.MaxInt32))
	}
	if c.Seed != nil {
		r.Seed = uint64(*c.Seed)
	}
	if t := c.Temperature; t != nil {
		if *t < 0 || *t > 2 {
			return r, bad("temperature", "temperature is %v: it goes from 0 to 2.", *t)
		}
		r.Temperature = float32(*t)
	}
	if p := c.TopP; p != nil {
		if *p < 0 || *p > 1 {
			return r, bad("top_p", "top_p is %v: it goes from 0 to 1.", *p)
		}
		r.TopP = max(float32(*p), math.SmallestNonzeroFloat32) // infer takes 0 for 1
	}
	var err error
	r.Stop, err = stops(c.Stop)
	return r, err
}

func stops(given []string) ([][]byte, error) {
	if len(given) > maxStops {
		return nil, bad("stop", "stop has %d sequences: at most %d.", len(given), maxStops)
	}
	var all [][]byte
	for _, s := range given {
		if s == "" || len(s) > maxStopBytes {
			return nil, bad("stop", "a stop sequence has %d bytes: from 1 to %d.", len(s), maxStopBytes)
		}
		all = append(all, []byte(s))
	}
	return all, nil
}

// chatRequest is the body of /v1/chat/completions.
type chatRequest struct {
	common
	Messages    []message `json:"messages"`
	Logprobs    bool      `json:"logprobs"`
	TopLogprobs *int64    `json:"top_logprobs"`
}

type message struct {
	Role    string  `json:"role"`
	Content content `json:"content"`
}

// content is a text, whole or in parts.
type content string

func (c *content) UnmarshalJSON(data []byte) error {
	if data[0] != '[' {
		return json.Unmarshal(data, (*string)(c))
	}
	var parts []struct{ Type, Text string }
	if err := json.Unmarshal(data, &parts); err != nil {
		return err
	}
	var text strings.Builder
	for _, p := range parts {
		if p.Type != "text" {
			return bad("messages", "a part of a message is of type %.40q: this gateway reads text only.", p.Type)
		}
		text.WriteString(p.Text)
	}
	*c = content(text.String())
	return nil
}

var roles = []string{"system", "developer", "user", "assistant"}

// order is the request in the engine's terms.
func (c chatRequest) order(m *model) (infer.Request, error) {
	r, err := c.sampling()
	if err != nil {
		return r, err
	}
	switch top := c.TopLogprobs; {
	case top == nil:
	case !c.Logprobs && *top != 0:
		return r, bad("top_logprobs", "top_logprobs needs logprobs to be true.")
	case *top < 0 || *top > maxTop:
		return r, bad("top_logprobs", "top_logprobs is %d: it goes from 0 to %d.", *top, maxTop)
	default:
		r.Logprobs = int(*top)
	}
	text, err := transcript(c.Messages)
	if err != nil {
		return r, err
	}
	if r.Prompt, err = m.encode(text); err != nil {
		return r, err
	}
	for _, role := range roles {
		r.Stop = append(r.Stop, []byte("\n"+role+":"))
	}
	return r, nil
}

// transcript is the conversation as the model reads it: a line "role: content" for each message, and the beginning of
// the answer's line. An answer ends where a line begins with a role.
func transcript(messages []message) (string, error) {
	if len(messages) == 0 {
		return "", bad("messages", "messages is empty: say something.")
	}
	var text strings.Builder
	for i, m := range messages {
		if !slices.Contains(roles, m.Role) {
			return "", bad("messages", "messages[%d].role is %.40q: it is one of %s.", i, m.Role, strings.Join(roles, ", "))
		}
		text.WriteString(m.Role + ": " + string(m.Content) + "\n")
	}
	return text.String() + "assistant:", nil
}

// encode makes tokens of a text, unless it is too long to fit in any case.
func (m *model) encode(text string) ([]int32, error) {
	const longest = 64 // bytes of a token
	if len(text) > longest*m.config.Context {
		return nil, tooLong(m, "the prompt has %d bytes", len(text))
	}
	return m.tokenizer.Encode([]byte(text)), nil
}

func tooLong(m *model, format string, args ...any) error {
	return fail(http.StatusBadRequest, typeRequest, "context_length_exceeded",
		"This model reads at most %d tokens: %s.", m.config.Context, fmt.Sprintf(format, args...))
}

// textRequest is the body of /v1/completions.
type textRequest struct {
	common
	Prompt   prompt `json:"prompt"`
	Logprobs *int64 `json:"logprobs"`
}

// defaultTokens is how many tokens /v1/completions generates if the request does not say.
const defaultTokens = 16

// prompt is a text or its tokens, possibly as the only one of a list.
type prompt struct {
	text   string
	tokens []int32 // nil if it is a text
}

func (p *prompt) UnmarshalJSON(data []byte) error {
	if data[0] != '[' {
		return json.Unmarshal(data, &p.text)
	}
	if json.Unmarshal(data, &p.tokens) == nil {
		return nil
	}
	p.tokens = nil
	var texts []string
	if json.Unmarshal(data, &texts) == nil {
		if len(texts) != 1 {
			return bad("prompt", "prompt is a list of %d texts: this gateway answers one at a time.", len(texts))
		}
		p.text = texts[0]
		return nil
	}
	var lists [][]int32
	if json.Unmarshal(data, &lists) != nil || len(lists) != 1 {
		return bad("prompt", "prompt must be a text, or a list of tokens.")
	}
	p.tokens = lists[0]
	return nil
}

func (t textRequest) order(m *model) (infer.Request, error) {
	r, err := t.sampling()
	if err != nil {
		return r, err
	}
	if r.MaxTokens == 0 {
		r.MaxTokens = defaultTokens
	}
	if top := t.Logprobs; top != nil {
		if *top < 0 || *top > maxTop {
			return r, bad("logprobs", "logprobs is %d: it goes from 0 to %d.", *top, maxTop)
		}
		r.Logprobs = int(*top)
	}
	if r.Prompt = t.Prompt.tokens; r.Prompt == nil {
		if r.Prompt, err = m.encode(t.Prompt.text); err != nil {
			return r, err
		}
	}
	if len(r.Prompt) == 0 { // the beginning of a text
		r.Prompt = []int32{m.tokenizer.EOS()}
	}
	return r, nil
}

package gateway

import (
	"encoding/hex"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/minga-network/minga/infer"
	"github.com/minga-network/minga/nn/token"
)

// form writes answers in the form of one of the two APIs. What it returns goes to json.Marshal; nil is nothing.
type form interface {
	whole(text string, tokens []infer.Token, end ending) any
	first() any
	piece(text string, tokens []infer.Token) any
	last(finish string) any
	usage(end ending) any
}

// head is what every object of an answer begins with.
type head struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	Created int64  `json:"created"`
	Model   string `json:"model"`
	// Fingerprint names the weights: the same one, seed and parameters give the same text.
	Fingerprint string `json:"system_fingerprint"`
	Choices     []any  `json:"choices"`
	Usage       *usage `json:"usage"`
}

type usage struct {
	Prompt     int `json:"prompt_tokens"`
	Completion int `json:"completion_tokens"`
	Total      int `json:"total_tokens"`
}

func newHead(prefix string, m *model, name string) head {
	return head{
		ID: prefix + randomName(), Created: time.Now().Unix(), Model: name,
		Fingerprint: "fp_" + hex.EncodeToString(m.asset.Root[:5]),
	}
}

// as is the head of one object.
func (h head) as(object string, choices ...any) head {
	h.Object = object
	h.Choices = append([]any{}, choices...)
	return h
}

func (h head) used(end ending) head {
	h.Usage = &usage{end.prompt, end.completion, end.prompt + end.completion}
	return h
}

// chatForm is that of /v1/chat/completions.
type chatForm struct {
	head
	logprobs  bool
	tokenizer *token.Encoder
}

func newChatForm(m *model, c chatRequest) *chatForm {
	return &chatForm{newHead("chatcmpl-", m, c.Model), c.Logprobs, m.tokenizer}
}

type chatChoice struct {
	Index    int           `json:"index"`
	Message  *chatMessage  `json:"message,omitempty"`
	Delta    *chatMessage  `json:"delta,omitempty"`
	Logprobs *chatLogprobs `json:"logprobs"`
	Finish   *string       `json:"finish_reason"`
}

type chatMessage struct {
	Role    string  `json:"role,omitempty"`
	Content *string `json:"content,omitempty"`
}

type chatLogprobs struct {
	Content []chatLogprob `json:"content"`
}

type chatLogprob struct {
	Token   string         `json:"token"`
	Logprob float32        `json:"logprob"`
	Bytes   []int          `json:"bytes"`
	Top     *[]chatLogprob `json:"top_logprobs,omitempty"`
}

func (c *chatForm) whole(text string, tokens []infer.Token, end ending) any {
	choice := chatChoice{Message: &chatMessage{"assistant", &text}, Logprobs: c.likely(tokens), Finish: &end.finish}
	return c.as("chat.completion", choice).used(end)
}

const chatChunk = "chat.completion.chunk"

func (c *chatForm) first() any {
	return c.as(chatChunk, chatChoice{Delta: &chatMessage{"assistant", new(string)}})
}

func (c *chatForm) piece(text string, tokens []infer.Token) any {
	if text == "" && !c.logprobs {
		return nil
	}
	return c.as(chatChunk, chatChoice{Delta: &chatMessage{"", &text}, Logprobs: c.likely(tokens)})
}

func (c *chatForm) last(finish string) any {
	return c.as(chatChunk, chatChoice{Delta: &chatMessage{}, Finish: &finish})
}

func (c *chatForm) usage(end ending) any { return c.as(chatChunk).used(end) }

func (c *chatForm) likely(tokens []infer.Token) *chatLogprobs {
	if !c.logprobs || tokens == nil {
		return nil
	}
	all := &chatLogprobs{Content: []chatLogprob{}}
	for _, t := range tokens {
		top := []chatLogprob{}
		for _, p := range t.Top {
			top = append(top, newChatLogprob(c.tokenizer, p.ID, p.Logprob))
		}
		one := newChatLogprob(c.tokenizer, t.ID, t.Logprob)
		one.Top = &top
		all.Content = append(all.Content, one)
	}
	return all
}

func newChatLogprob(tokenizer *token.Encoder, id int32, p float32) chatLogprob {
	raw := tokenizer.Bytes(id)
	numbers := make([]int, len(raw))
	for i, b := range raw {
		numbers[i] = int(b)
	}
	return chatLogprob{Token: tokenName(tokenizer, id), Logprob: finite(p), Bytes: numbers}
}

// textForm is that of /v1/completions.
type textForm struct {
	head
	logprobs  bool
	top       bool
	tokenizer *token.Encoder
	offset    int // characters written so far
}

func newTextForm(m *model, t textRequest) *textForm {
	return &textForm{
		head: newHead("cmpl-", m, t.Model), tokenizer: m.tokenizer,
		logprobs: t.Logprobs != nil, top: t.Logprobs != nil && *t.Logprobs > 0,
	}
}

type textChoice struct {
	Index    int           `json:"index"`
	Text     string        `json:"text"`
	Logprobs *textLogprobs `json:"logprobs"`
	Finish   *string       `json:"finish_reason"`
}

type textLogprobs struct {
	Tokens  []string             `json:"tokens"`
	Chosen  []float32            `json:"token_logprobs"`
	Top     []map[string]float32 `json:"top_logprobs"`
	Offsets []int                `json:"text_offset"`
}

func (t *textForm) whole(text string, tokens []infer.Token, end ending) any {
	return t.as("text_completion", textChoice{Text: text, Logprobs: t.likely(tokens), Finish: &end.finish}).used(end)
}

func (t *textForm) first() any { return nil }

func (t *textForm) piece(text string, tokens []infer.Token) any {
	if text == "" && !t.logprobs {
		return nil
	}
	return t.as("text_completion", textChoice{Text: text, Logprobs: t.likely(tokens)})
}

func (t *textForm) last(finish string) any {
	return t.as("text_completion", textChoice{Finish: &finish})
}

func (t *textForm) usage(end ending) any { return t.as("text_completion").used(end) }

func (t *textForm) likely(tokens []infer.Token) *textLogprobs {
	if !t.logprobs || tokens == nil {
		return nil
	}
	all := &textLogprobs{Tokens: []string{}, Chosen: []float32{}, Offsets: []int{}}
	for _, tok := range tokens {
		all.Tokens = append(all.Tokens, tokenName(t.tokenizer, tok.ID))
		all.Chosen = append(all.Chosen, finite(tok.Logprob))
		all.Offsets = append(all.Offsets, t.offset)
		t.offset += characters(tok.Bytes)
		if !t.top {
			continue
		}
		top := map[string]float32{}
		for _, p := range tok.Top {
			top[tokenName(t.tokenizer, p.ID)] = finite(p.Logprob)
		}
		all.Top = append(all.Top, top)
	}
	return all
}

// characters counts those that begin in b.
func characters(b []byte) (n int) {
	for _, c := range b {
		if utf8.RuneStart(c) {
			n++
		}
	}
	return n
}

// tokenName writes a token as OpenAI does: as text, or as "bytes:" and escapes where it is a part of a character.
func tokenName(tokenizer *token.Encoder, id int32) string {
	if id == tokenizer.EOS() {
		return "<|endoftext|>"
	}
	raw := tokenizer.Bytes(id)
	if utf8.Valid(raw) {
		return string(raw)
	}
	name := "bytes:"
	for _, b := range raw {
		name += fmt.Sprintf(`\x%02x`, b)
	}
	return name
}

// finite replaces infinity, which JSON lacks: impossible tokens have -9999, as OpenAI's have.
func finite(p float32) float32 { return max(p, -9999) }

package gateway

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
)

// api is OpenAI's own client, with nothing changed but the address and the key.
func (w *world) api(key string) openai.Client {
	return openai.NewClient(option.WithBaseURL(w.url+"/v1"), option.WithAPIKey(key), option.WithMaxRetries(0))
}

func chat(text string) openai.ChatCompletionNewParams {
	return openai.ChatCompletionNewParams{
		Model: "asset/5", Messages: []openai.ChatCompletionMessageParamUnion{openai.SystemMessage("Be brief."),
			openai.UserMessage(text)},
		MaxTokens: openai.Int(24), Temperature: openai.Float(0.9), Seed: openai.Int(3),
	}
}

func TestChatWithOpenAI(t *testing.T) {
	w := newWorld(t)
	key, id := w.key(100_000)
	ctx, api := context.Background(), w.api(key)
	want := chat("What is light?")
	want.Logprobs, want.TopLogprobs = openai.Bool(true), openai.Int(3)
	whole, err := api.Chat.Completions.New(ctx, want)
	if err != nil {
		t.Fatal(err)
	}
	c := whole.Choices[0]
	if c.Message.Content == "" || c.Message.Role != "assistant" || c.FinishReason != "length" ||
		whole.Usage.CompletionTokens != 24 ||
		whole.Usage.TotalTokens != 24+whole.Usage.PromptTokens || whole.Model != "asset/5" ||
		whole.Object != "chat.completion" {
		t.Errorf("%s", whole.RawJSON())
	}
	if len(c.Logprobs.Content) != 24 || len(c.Logprobs.Content[0].TopLogprobs) != 3 || c.Logprobs.Content[5].Logprob >= 0 {
		t.Errorf("%s", c.Logprobs.RawJSON())
	}

	want.StreamOptions.IncludeUsage = openai.Bool(true)
	stream := api.Chat.Completions.NewStreaming(ctx, want)
	var all openai.ChatCompletionAccumulator
	var pieces int
	for stream.Next() {
		all.AddChunk(stream.Current())
		pieces++
	}
	if err := stream.Err(); err != nil {
		t.Fatal(err)
	}
	s := all.Choices[0]
	if s.Message.Content != c.Message.Content || s.FinishReason != c.FinishReason ||
		all.Usage.TotalTokens != whole.Usage.TotalTokens || pieces < 20 {
		t.Errorf("streamed %q in %d pieces, whole %q", s.Message.Content, pieces, c.Message.Content)
	}
	if err := w.g.Settle(ctx, id); err != nil {
		t.Fatal(err)
	}
	claim, l := w.claimed(id)
	if want := uint64(2 * whole.Usage.TotalTokens); claim.Units != want || len(l) != 2 {
		t.Errorf("claimed %d units in %d calls, want %d in 2", claim.Units, len(l), want)
	}
}

func TestCompletionsWithOpenAI(t *testing.T) {
	w := newWorld(t)
	key, _ := w.key(100_000)
	ctx, api := context.Background(), w.api(key)
	want := openai.CompletionNewParams{
		Model: "asset/5", Prompt: openai.CompletionNewParamsPromptUnion{OfString: openai.String("In the beginning")},
		MaxTokens: openai.Int(12), Temperature: openai.Float(0), Logprobs: openai.Int(2),
	}
	whole, err := api.Completions.New(ctx, want)
	if err != nil {
		t.Fatal(err)
	}
	c := whole.Choices[0]
	if len(c.Logprobs.Tokens) != 12 || len(c.Logprobs.TopLogprobs[3]) != 2 || len(c.Logprobs.TextOffset) != 12 ||
		c.Logprobs.TextOffset[0] != 0 {
		t.Errorf("%s", whole.RawJSON())
	}
	stream := api.Completions.NewStreaming(ctx, want)
	var text strings.Builder
	var offsets []int64
	for stream.Next() {
		for _, c := range stream.Current().Choices {
			text.WriteString(c.Text)
			offsets = append(offsets, c.Logprobs.TextOffset...)
		}
	}
	if stream.Err() != nil || text.String() != c.Text || len(offsets) != 12 || offsets[11] != c.Logprobs.TextOffset[11] {
		t.Errorf("%v: %q %v, whole %q %v", stream.Err(), text.String(), offsets, c.Text, c.Logprobs.TextOffset)
	}
	// Tokens in the place of text, and a stop.
	var ids []int64
	for _, id := range w.model.Tokenizer.Encode([]byte("In the beginning")) {
		ids = append(ids, int64(id))
	}
	want.Prompt = openai.CompletionNewParamsPromptUnion{OfArrayOfTokens: ids}
	stop := []rune(c.Text)[3:6]
	want.Stop = openai.CompletionNewParamsStopUnion{OfString: openai.String(string(stop))}
	short, err := api.Completions.New(ctx, want)
	if err != nil {
		t.Fatal(err)
	}
	if before, _, _ := strings.Cut(c.Text, string(stop)); short.Choices[0].Text != before ||
		short.Choices[0].FinishReason != "stop" {
		t.Errorf("stopped at %q of %q: %q", string(stop), c.Text, short.Choices[0].Text)
	}
}

func TestModelsWithOpenAI(t *testing.T) {
	w := newWorld(t)
	key, _ := w.key(1000)
	ctx, api := context.Background(), w.api(key)
	list, err := api.Models.List(ctx)
	if err != nil || len(list.Data) != 1 || list.Data[0].ID != "asset/5" {
		t.Fatalf("%v %+v", err, list)
	}
	for _, name := range []string{"asset/5", "5"} {
		if m, err := api.Models.Get(ctx, name); err != nil || m.ID != "asset/5" {
			t.Errorf("%s: %v %+v", name, err, m)
		}
	}
	var refusal *openai.Error
	if _, err := api.Models.Get(ctx, "gpt-4"); !errors.As(err, &refusal) || refusal.StatusCode != 404 ||
		refusal.Code != "model_not_found" {
		t.Errorf("%v", err)
	}
	stranger := w.api("sk-minga-wrong")
	if _, err := stranger.Models.List(ctx); !errors.As(err, &refusal) || refusal.StatusCode != 401 ||
		refusal.Code != "invalid_api_key" {
		t.Errorf("%v", err)
	}
}

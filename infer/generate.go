package infer

import (
	"context"
	"errors"
	"fmt"

	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/nn/file"
)

var (
	// ErrRequest marks a request that no model could serve.
	ErrRequest = errors.New("infer: bad request")
	// ErrContext marks a request that is too long for this model. It is an
	// ErrRequest too.
	ErrContext = fmt.Errorf("%w: context overflow", ErrRequest)
)

// Why a generation ended.
const (
	FinishStop   = "stop"   // the model ended the text, or a stop sequence was met
	FinishLength = "length" // MaxTokens were generated
)

// Request is what to generate.
type Request struct {
	Prompt      []int32 // at least one token
	MaxTokens   int     // at least 1; with the prompt at most the model's context
	Temperature float32 // 0 takes the most likely token each time
	TopP        float32 // draws among the most likely tokens that have this much probability; 0 is the same as 1: all
	Seed        uint64  // of the draws
	Stop        [][]byte
	Logprobs    int // how many of the most likely tokens to list with each token
}

// Token is a piece of the generated text. Its bytes need not be valid UTF-8 by
// themselves: a character may be spread over tokens. They are not to be
// changed, and are fewer than the token's where a stop sequence begins within.
type Token struct {
	ID      int32
	Bytes   []byte
	Logprob float32 // natural logarithm, at temperature 1 and before TopP
	Top     []TokenLogprob
}

// TokenLogprob is a token that the model could have written.
type TokenLogprob struct {
	ID      int32
	Logprob float32
}

// Result is what was generated.
type Result struct {
	Tokens []Token // those that were emitted
	Call   Call    // all that the model made: also its end of text and what a stop sequence cut off
	Finish string  // FinishStop or FinishLength; empty if an error ended it
}

// Generator makes one model write. It is used by one goroutine at a time, as
// is its backend.
type Generator struct {
	model      *file.Model
	cache      *cache
	sampler    *nn.Sampler
	commitment commitment
	likely     *likelihood
	one        [1]int32
}

// New prepares a model whose tensors are those of its config, as DecodeModel
// gives them. The model must not change afterwards.
func New(m *file.Model, b *kernel.Backend) *Generator {
	return &Generator{
		model:   m,
		cache:   newCache(m, b),
		sampler: nn.NewSampler(b, m.Config.Vocab),
		likely:  &likelihood{b: b},
	}
}

// Generate writes what follows the prompt and hands each token to emit (which
// may be nil) as soon as it cannot be part of a stop sequence: no part of one
// is ever emitted. The same request gives the same tokens on every machine.
//
// A request is refused with ErrRequest or ErrContext before any work. If ctx
// ends or emit fails, the error is theirs and the result holds the tokens
// emitted until then.
func (g *Generator) Generate(ctx context.Context, r Request, emit func(Token) error) (*Result, error) {
	if err := g.check(r); err != nil {
		return nil, err
	}
	result := &Result{Tokens: make([]Token, 0, r.MaxTokens)}
	result.Call.Call = nn.Call{Prompt: r.Prompt, Made: make([]int32, 0, r.MaxTokens), Sampling: r.sampling()}
	g.cache.reserve(len(r.Prompt) + r.MaxTokens)
	if err := g.prefill(ctx, r.Prompt); err != nil {
		return result, err
	}
	out := &tail{stop: r.Stop, result: result, emit: emit}
	g.commitment.begin(g.model.Config, len(r.Prompt)-1)
	finish, err := g.write(ctx, r, out)
	result.Call.Logits = g.commitment.root()
	if err == nil {
		result.Finish = finish
	}
	return result, err
}

// check refuses what could not be done to the end.
func (g *Generator) check(r Request) error {
	cfg := g.model.Config
	for _, s := range r.Stop {
		if len(s) == 0 {
			return fmt.Errorf("%w: a stop sequence is empty; leave it out", ErrRequest)
		}
	}
	for i, id := range r.Prompt {
		if id < 0 || int(id) >= cfg.Vocab {
			return fmt.Errorf("%w: token %d of the prompt is %d, the vocabulary ends at %d; use the model's own tokenizer",
				ErrRequest, i, id, cfg.Vocab-1)
		}
	}
	switch {
	case g.model.Tokenizer == nil:
		return fmt.Errorf("%w: the model has no tokenizer; set Model.Tokenizer", ErrRequest)
	case len(r.Prompt) == 0:
		return fmt.Errorf("%w: the prompt is empty; give at least one token", ErrRequest)
	case r.MaxTokens < 1:
		return fmt.Errorf("%w: max tokens is %d; ask for at least 1", ErrRequest, r.MaxTokens)
	case !(r.Temperature >= 0 && r.Temperature <= 100): // also NaN
		return fmt.Errorf("%w: temperature is %v; want 0 to 100", ErrRequest, r.Temperature)
	case !(r.TopP >= 0 && r.TopP <= 1):
		return fmt.Errorf("%w: top p is %v; want 0 to 1", ErrRequest, r.TopP)
	case r.Logprobs < 0 || r.Logprobs > cfg.Vocab:
		return fmt.Errorf("%w: log probabilities of %d tokens wanted; the vocabulary has %d", ErrRequest, r.Logprobs,
			cfg.Vocab)
	case len(r.Prompt) > cfg.Context || r.MaxTokens > cfg.Context-len(r.Prompt):
		return fmt.Errorf("%w: a prompt of %d tokens and %d more do not fit into %d; shorten one of them", ErrContext,
			len(r.Prompt), r.MaxTokens, cfg.Context)
	}
	return nil
}

// prefill passes the prompt.
func (g *Generator) prefill(ctx context.Context, prompt []int32) error {
	for start := 0; start < len(prompt); start += chunk {
		if err := ctx.Err(); err != nil {
			return err
		}
		end := min(start+chunk, len(prompt))
		g.cache.forward(prompt[start:end], start)
	}
	return nil
}

// write picks tokens and feeds them back until the text ends.
func (g *Generator) write(ctx context.Context, r Request, out *tail) (finish string, err error) {
	call := &out.result.Call
	for i := range r.MaxTokens {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		position := len(r.Prompt) + i
		tok := g.next(r, call.Sampling, position)
		call.Made = append(call.Made, tok.ID)
		if tok.ID == g.model.Tokenizer.EOS() {
			return FinishStop, out.flush()
		}
		if stopped, err := out.push(tok); stopped || err != nil {
			return FinishStop, err
		}
		if i < r.MaxTokens-1 {
			g.one[0] = tok.ID
			g.cache.forward(g.one[:], position)
		}
	}
	return FinishLength, out.flush()
}

// next picks the token at a position from the logits of the one before, which was
// passed last.
func (g *Generator) next(r Request, s nn.Sampling, position int) Token {
	logits := g.cache.last()
	g.commitment.add(logits)
	id := g.sampler.Choose(s, logits, position)
	tok := Token{ID: id, Bytes: g.model.Tokenizer.Bytes(id), Logprob: g.likely.logprob(logits, id)}
	if r.Logprobs > 0 {
		tok.Top = g.likely.top(logits, r.Logprobs)
	}
	return tok
}

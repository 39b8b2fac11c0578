package infer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/nn"
)

// ErrLog marks bytes that are not, or not to their end, a session's log.
var ErrLog = errors.New("infer: bad session log")

const (
	// maxLog bounds what a stranger's log can make a reader allocate, in bytes.
	maxLog = 256 << 20
	// logHeader is a log's first line: its format's number.
	logHeader = `{"session":1}` + "\n"
)

// Log is a session: the calls of one API key in their order. Its encoding is one
// line of JSON a call, so a session can be written down call by call, and what a
// crash leaves is a log with a torn last line.
type Log struct{ Calls []Call }

// Call is one request to a model and what it gave. A call that its reader broke
// off is logged as one that asked for as many tokens as were given; so everything
// in a log can be repeated.
type Call struct {
	Prompt      []int32  `json:"prompt"`
	Max         int      `json:"max"`
	Temperature float32  `json:"temperature"`
	TopP        float32  `json:"top_p"`
	Seed        uint64   `json:"seed"`
	Stop        [][]byte `json:"stop,omitempty"`
	Tokens      []int32  `json:"tokens"` // those that were emitted
	Made        int      `json:"made"`   // those that were generated
}

// NewCall is the call that a request and its result are logged as. If the
// generation did not come to its end, only what was emitted counts; the call is
// none (ok is false) if that is nothing.
func NewCall(r Request, res *Result) (c Call, ok bool) {
	c = Call{
		Prompt: r.Prompt, Max: r.MaxTokens, Temperature: r.Temperature, TopP: r.TopP, Seed: r.Seed, Stop: r.Stop,
		Tokens: make([]int32, len(res.Tokens)), Made: res.Generated,
	}
	for i, tok := range res.Tokens {
		c.Tokens[i] = tok.ID
	}
	if res.Finish == "" {
		c.Max, c.Made = len(c.Tokens), len(c.Tokens)
	}
	return c, c.Made > 0
}

// Units is what the call costs: its tokens, those of the prompt included.
func (c Call) Units() uint64 { return uint64(len(c.Prompt)) + uint64(c.Made) }

// Line is the call in a log, with its line end.
func (c Call) Line() []byte {
	c.Prompt, c.Tokens = append([]int32{}, c.Prompt...), append([]int32{}, c.Tokens...) // null has another spelling
	line, err := json.Marshal(c)
	if err != nil {
		panic(err) // a temperature that no generator takes
	}
	return append(line, '\n')
}

func parseCall(line []byte) (Call, error) {
	var c Call
	if err := json.Unmarshal(line, &c); err != nil {
		return c, err
	}
	switch {
	case c.Max < 1 || c.Max > math.MaxInt32 || c.Made < 1 || c.Made > c.Max || len(c.Tokens) > c.Made:
		return c, fmt.Errorf("%d tokens of %d made, at most %d", len(c.Tokens), c.Made, c.Max)
	case !bytes.Equal(c.Line(), line):
		return c, errors.New("not in the one way that a call is written")
	}
	return c, nil
}

// Encode writes the log. An empty one has a header still.
func (l Log) Encode() []byte {
	out := []byte(logHeader)
	for _, c := range l.Calls {
		out = append(out, c.Line()...)
	}
	return out
}

// ParseLog reads what Encode writes, and only that: equal logs are equal bytes. If
// the error wraps ErrLog, the log has the calls before the first bad line.
func ParseLog(data []byte) (Log, error) {
	var l Log
	if len(data) > maxLog {
		return l, fmt.Errorf("%w: %d bytes, at most %d are read", ErrLog, len(data), maxLog)
	}
	rest, ok := bytes.CutPrefix(data, []byte(logHeader))
	if !ok {
		return l, fmt.Errorf("%w: it does not begin with %s", ErrLog, logHeader[:len(logHeader)-1])
	}
	for line := range bytes.Lines(rest) {
		c, err := parseCall(line)
		if err != nil {
			return l, fmt.Errorf("%w: call %d: %w", ErrLog, len(l.Calls), err)
		}
		l.Calls = append(l.Calls, c)
	}
	return l, nil
}

// Units is what the session costs, in tokens.
func (l Log) Units() uint64 {
	var n uint64
	for _, c := range l.Calls {
		n += c.Units()
	}
	return n
}

// Trace is the running hash over the calls: h = SHA-256(h ‖ SHA-256(line)), from
// zero.
func (l Log) Trace() [32]byte {
	var h [32]byte
	for _, c := range l.Calls {
		line := sha256.Sum256(c.Line())
		h = sha256.Sum256(append(h[:], line[:]...))
	}
	return h
}

// Replay makes each call of a log again and returns the log that an honest server
// would have written: the same log if every call is true and together they are at
// most most units; otherwise the calls before the first that is not. Two honest
// replays of a false log are equal too. No log makes it work for more than about
// most units. The only error is that of ctx.
func Replay(ctx context.Context, m *nn.Model, b *kernel.Backend, l Log, most uint64) (Log, error) {
	g := New(m, b)
	var made Log
	for _, c := range l.Calls {
		if c.Units() > most {
			break
		}
		most -= c.Units()
		same, err := g.repeat(ctx, c)
		if err != nil {
			return made, err
		}
		if !same {
			break
		}
		made.Calls = append(made.Calls, c)
	}
	return made, nil
}

// repeat tells whether the model gives what the call says. It generates one token
// more than that at most, which is enough to see that there would be more.
func (g *Generator) repeat(ctx context.Context, c Call) (same bool, err error) {
	res, err := g.Generate(ctx, Request{
		Prompt: c.Prompt, MaxTokens: min(c.Max, c.Made+1), Temperature: c.Temperature, TopP: c.TopP, Seed: c.Seed, Stop: c.Stop,
	}, nil)
	if errors.Is(err, ErrRequest) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	again, _ := NewCall(Request{}, res)
	return again.Made == c.Made && slices.Equal(again.Tokens, c.Tokens), nil
}

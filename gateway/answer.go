package gateway

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/minga-network/minga/infer"
	"github.com/minga-network/minga/kind"
)

func (g *Gateway) serveChat(w http.ResponseWriter, r *http.Request) error {
	var c chatRequest
	s, m, err := g.receive(w, r, &c)
	if err != nil {
		return err
	}
	order, err := c.order(m)
	if err != nil {
		return err
	}
	return g.answer(w, r, s, m, c.common, order, newChatForm(m, c))
}

func (g *Gateway) serveText(w http.ResponseWriter, r *http.Request) error {
	var t textRequest
	s, m, err := g.receive(w, r, &t)
	if err != nil {
		return err
	}
	order, err := t.order(m)
	if err != nil {
		return err
	}
	return g.answer(w, r, s, m, t.common, order, newTextForm(m, t))
}

// receive checks the key first, then reads the body.
func (g *Gateway) receive(w http.ResponseWriter, r *http.Request, v any) (*session, *model, error) {
	s, m, err := g.authorize(r)
	if err != nil {
		return nil, nil, err
	}
	data, err := readBody(w, r)
	if err != nil {
		return nil, nil, err
	}
	return s, m, decode(data, v)
}

// answer generates an answer and writes it, as it comes or at once.
func (g *Gateway) answer(
	w http.ResponseWriter, r *http.Request, s *session, m *model, c common, order infer.Request, f form,
) error {
	if !m.is(c.Model) {
		return noModel(c.Model, m)
	}
	reserved, err := s.afford(&order, m)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(s.ctx, cancel)()       // who waits for the model does so as long as the session goes on
	out := make(chan infer.Token, order.MaxTokens) // so that a slow reader never holds the model
	var end ending
	go func() {
		defer close(out)
		end = s.contained(reserved, func() ending { return s.generate(ctx, m, order, reserved, out) })
	}()
	var writer answerWriter = &wholeWriter{w: w, form: f}
	if c.Stream {
		writer = &streamWriter{w: w, form: f, usage: c.StreamOptions.IncludeUsage}
	}
	for t := range out {
		if err := writer.token(t); err != nil {
			cancel() // the reader has gone; what was generated is charged
		}
	}
	if end.err != nil {
		return writer.broken(end.err)
	}
	return writer.done(end)
}

// afford decides how many tokens may be generated, and reserves what they can cost.
func (s *session) afford(order *infer.Request, m *model) (reserved int, err error) {
	room := m.config.Context - len(order.Prompt)
	if room < 1 || order.MaxTokens > room {
		return 0, tooLong(m, "the prompt has %d, and %d more were asked for", len(order.Prompt), max(order.MaxTokens, 1))
	}
	open := order.MaxTokens == 0
	if open {
		order.MaxTokens = room
	}
	order.MaxTokens, err = s.reserve(len(order.Prompt), order.MaxTokens, open)
	return len(order.Prompt) + order.MaxTokens, err
}

// ending is how a generation ended.
type ending struct {
	finish             string // infer.FinishStop or FinishLength
	prompt, completion int    // tokens charged
	err                error
}

// generate waits for the model, passes its tokens on and writes the call down. When it returns, the call is on disk and
// charged. If the reader goes away, it stops after the next token; what was computed until then, at least the prompt,
// is charged.
func (s *session) generate(
	ctx context.Context, m *model, order infer.Request, reserved int, out chan<- infer.Token,
) ending {
	res, err := s.make(ctx, m, order, out)
	if s.ctx.Err() != nil && err != nil {
		err = errBroken
	}
	if res == nil {
		return ending{err: errors.Join(err, s.finish(reserved, nil))}
	}
	end := ending{finish: res.Finish, err: err}
	var call *infer.Call
	if c := res.Call; len(c.Made) > 0 {
		call, end.prompt, end.completion = &c, len(c.Prompt), len(c.Made)
	}
	if err := s.finish(reserved, call); err != nil {
		return ending{err: fmt.Errorf("job %d: %w", s.id, err)}
	}
	tokens.WithLabelValues("prompt").Add(float64(end.prompt))
	tokens.WithLabelValues("completion").Add(float64(end.completion))
	return end
}

// make waits for the model and lets it write.
func (s *session) make(
	ctx context.Context, m *model, order infer.Request, out chan<- infer.Token,
) (*infer.Result, error) {
	if s.queued.Add(1) > maxQueueOfKey {
		s.queued.Add(-1)
		return nil, errBusy
	}
	leave, err := m.enter(ctx)
	s.queued.Add(-1)
	if err != nil {
		return nil, err
	}
	defer leave()
	return m.generator.Generate(s.ctx, order, func(t infer.Token) error {
		out <- t
		return ctx.Err()
	})
}

// contained makes a panic in an answer that answer's error: it costs nothing, and other answers go on.
func (s *session) contained(reserved int, generate func() ending) (end ending) {
	err := kind.Contain(func() error {
		end = generate()
		return nil
	})
	if err != nil {
		end = ending{err: errors.Join(err, s.finish(reserved, nil))}
	}
	return end
}

// randomSeed is for requests that name none. It is logged with the call.
func randomSeed() uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return binary.LittleEndian.Uint64(b[:])
}

// answerWriter brings an answer to its reader.
type answerWriter interface {
	token(t infer.Token) error
	done(end ending) error
	broken(err error) error
}

// wholeWriter writes the answer at once, when it is complete.
type wholeWriter struct {
	w    http.ResponseWriter
	form form
	text runes
	all  []infer.Token
	body string
}

func (a *wholeWriter) token(t infer.Token) error {
	a.all = append(a.all, t)
	a.body += a.text.push(t.Bytes)
	return nil
}

func (a *wholeWriter) done(end ending) error {
	a.body += a.text.flush()
	patience(a.w)
	writeJSON(a.w, http.StatusOK, a.form.whole(a.body, a.all, end))
	return nil
}

func (a *wholeWriter) broken(err error) error {
	patience(a.w)
	return err
}

// streamWriter writes each token as an event (the "text/event-stream" of WHATWG HTML, 9.2). It sends nothing before the
// first token, so that what fails earlier has its own HTTP status.
type streamWriter struct {
	w       http.ResponseWriter
	form    form
	usage   bool
	text    runes
	started bool
}

func (a *streamWriter) token(t infer.Token) error {
	return a.send(a.form.piece(a.text.push(t.Bytes), []infer.Token{t}))
}

func (a *streamWriter) done(end ending) error {
	if rest := a.text.flush(); rest != "" {
		_ = a.send(a.form.piece(rest, nil))
	}
	_ = a.send(a.form.last(end.finish))
	if a.usage {
		_ = a.send(a.form.usage(end))
	}
	_ = a.write([]byte("[DONE]"))
	return nil
}

func (a *streamWriter) broken(err error) error {
	if !a.started {
		patience(a.w)
		return err
	}
	f, _ := asFailure(err)
	_ = a.send(f.body())
	if f.status == statusGone {
		return err
	}
	return nil
}

// send writes one event. A nil value is none.
func (a *streamWriter) send(v any) error {
	if v == nil {
		return nil
	}
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return a.write(data)
}

func (a *streamWriter) write(data []byte) error {
	if !a.started {
		a.started = true
		h := a.w.Header()
		h.Set("Content-Type", "text/event-stream")
		h.Set("Cache-Control", "no-cache")
		h.Set("X-Accel-Buffering", "no")
		a.w.WriteHeader(http.StatusOK)
		if first := a.form.first(); first != nil {
			if err := a.send(first); err != nil {
				return err
			}
		}
	}
	patience(a.w)
	if _, err := fmt.Fprintf(a.w, "data: %s\n\n", data); err != nil {
		return err
	}
	return http.NewResponseController(a.w).Flush()
}

// patience extends the time in which the reader must take the next piece.
func patience(w http.ResponseWriter) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writeTime)) // a recorder in a test has none
}

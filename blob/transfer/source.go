package transfer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/minga-network/minga/blob"
)

// SourceError is what was wrong with one source.
type SourceError struct {
	Source string // its address as it was given
	Piece  int    // the piece asked for, or -1 for anything else
	Err    error
}

func (e *SourceError) Error() string {
	if e.Piece < 0 {
		return fmt.Sprintf("source %q: %v", e.Source, e.Err)
	}
	return fmt.Sprintf("source %q, piece %d: %v", e.Source, e.Piece, e.Err)
}

// Unwrap is the fault itself; blob.ErrMismatch if the source's bytes are wrong.
func (e *SourceError) Unwrap() error { return e.Err }

// errSilent is the cause of giving up a request that brings no more bytes.
var errSilent = errors.New("sends nothing any more")

// errDrips is the cause of giving up a request whose bytes come too slowly.
var errDrips = errors.New("sends too few bytes a second")

// source is where a blob may be had.
type source struct {
	name   string // as given, for messages
	base   *url.URL
	client *http.Client
	patience
}

// newSource accepts http and https addresses of hosts, and nothing that smuggles
// in more than that.
func newSource(name string, client *http.Client, p patience) (*source, error) {
	u, err := url.Parse(name)
	if err != nil {
		return nil, errors.New("is no URL")
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("must begin with http:// or https://")
	}
	if u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("must be a host with an optional path, without user, query or fragment")
	}
	return &source{name: name, base: u, client: client, patience: p}, nil
}

func (s *source) fault(piece int, err error) error {
	return &SourceError{Source: s.name, Piece: piece, Err: err}
}

// pieces asks for the piece list of h and checks it. A list for a blob of more
// than limit bytes is not read to its end.
func (s *source) pieces(ctx context.Context, h blob.Hash, limit int64) (blob.Pieces, error) {
	var list []byte
	most := blob.EncodedLen(limit)
	from := s.base.JoinPath("blob", h.String(), "pieces")
	err := s.get(ctx, from, "", most, func(r *http.Response, body io.Reader) error {
		if r.StatusCode != http.StatusOK {
			return fmt.Errorf("answers %q to a request for the piece list", r.Status)
		}
		var err error
		list, err = io.ReadAll(io.LimitReader(body, most+1))
		return err
	})
	if err != nil {
		return blob.Pieces{}, err
	}
	if int64(len(list)) > most {
		return blob.Pieces{}, fmt.Errorf("offers a piece list for more than %d bytes: %w", limit, ErrTooBig)
	}
	return blob.DecodePieces(h, list)
}

// piece fills data with the bytes at offset of h, a blob of size bytes. They
// are not checked yet.
func (s *source) piece(ctx context.Context, h blob.Hash, size, offset int64, data []byte) error {
	span := fmt.Sprintf("%d-%d", offset, offset+int64(len(data))-1)
	from := s.base.JoinPath("blob", h.String())
	return s.get(ctx, from, "bytes="+span, int64(len(data)), func(r *http.Response, body io.Reader) error {
		if r.StatusCode != http.StatusPartialContent {
			return fmt.Errorf("answers %q to a request for a range", r.Status)
		}
		if got, want := r.Header.Get("Content-Range"), fmt.Sprintf("bytes %s/%d", span, size); got != want {
			return fmt.Errorf("answers with the range %.80q, not %q: %w", got, want, blob.ErrMismatch)
		}
		if _, err := io.ReadFull(body, data); err != nil {
			return fmt.Errorf("ends early: %w", err)
		}
		return nil
	})
}

// get makes one request and hands the answer, of so many bytes at most, to use, as long as bytes keep coming and are
// not too slow. An empty span asks for everything.
func (s *source) get(
	ctx context.Context, u *url.URL, span string, most int64, use func(*http.Response, io.Reader) error,
) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	ctx, stop := context.WithTimeoutCause(ctx, s.answer(most), errDrips)
	defer stop()
	alarm := time.AfterFunc(s.silent, func() { cancel(errSilent) })
	defer alarm.Stop()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return err
	}
	if span != "" {
		request.Header.Set("Range", span)
	}
	response, err := s.client.Do(request)
	if err == nil {
		defer response.Body.Close()
		err = use(response, &heard{response.Body, alarm, s.silent})
	}
	if cause := context.Cause(ctx); err != nil && isIdle(cause) {
		return cause
	}
	return err
}

// isIdle tells that a source was given up for sending nothing, or too little.
func isIdle(err error) bool { return errors.Is(err, errSilent) || errors.Is(err, errDrips) }

// heard sets the alarm back whenever bytes arrive.
type heard struct {
	io.Reader
	alarm  *time.Timer
	silent time.Duration
}

func (h *heard) Read(p []byte) (int, error) {
	n, err := h.Reader.Read(p)
	if n > 0 {
		h.alarm.Reset(h.silent)
	}
	return n, err
}

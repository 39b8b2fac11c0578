package gateway

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

const (
	// maxBody bounds a request, in bytes.
	maxBody = 4 << 20
	// writeTime is how long a reader may take for one piece of an answer.
	writeTime = 30 * time.Second
	// takeTime is how long a request waits for the job of its key to be taken.
	takeTime = 15 * time.Second
)

// Handler serves
//
//	POST /v1/chat/completions, /v1/completions
//	GET  /v1/models, /v1/models/{id}    the model of the key
//
// Times for a request's header and body to arrive are the server's to limit.
func (g *Gateway) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, route := range []struct {
		path, method string
		serve        func(http.ResponseWriter, *http.Request) error
	}{
		{"/v1/chat/completions", http.MethodPost, g.serveChat},
		{"/v1/completions", http.MethodPost, g.serveText},
		{"/v1/models", http.MethodGet, g.listModels},
		{"/v1/models/{id...}", http.MethodGet, g.showModel},
	} {
		mux.Handle(route.path, g.endpoint(route.path, route.method, route.serve))
	}
	mux.Handle("/", g.endpoint("other", "", func(_ http.ResponseWriter, r *http.Request) error {
		return fail(http.StatusNotFound, typeRequest, "unknown_url",
			"Unknown request URL: %s %.100s. This gateway has /v1/chat/completions, /v1/completions and /v1/models.",
			r.Method, r.URL.Path)
	}))
	return mux
}

// Status serves what is the operator's business and nobody else's:
//
//	GET /healthz    200 once the chain is followed
//	GET /metrics    for Prometheus
func (g *Gateway) Status() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", g.health)
	mux.Handle("GET /metrics", promhttp.Handler())
	return mux
}

// endpoint adds what all answers of the API have: an id, a count, errors in
// OpenAI's form and, for pages that may, CORS.
func (g *Gateway) endpoint(path, method string, serve func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := "req_" + randomName()
		w.Header().Set("X-Request-Id", id)
		count := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		defer func() { requests.WithLabelValues(path, strconv.Itoa(count.status)).Inc() }()
		if g.cors(count, r) {
			return
		}
		var err error
		if method != "" && r.Method != method {
			w.Header().Set("Allow", method)
			err = fail(http.StatusMethodNotAllowed, typeRequest, "method_not_supported",
				"%s takes %s, not %s.", path, method, r.Method)
		} else {
			err = serve(count, r)
		}
		if err == nil {
			return
		}
		f, internal := asFailure(err)
		if internal {
			g.Log.Error("request failed", "id", id, "path", path, "err", err)
		}
		if count.status = f.status; f.status != statusGone {
			f.write(count)
		}
	})
}

// cors lets pages of the configured origins call the API. It tells whether the request was a browser's preflight
// request, which is answered then.
func (g *Gateway) cors(w http.ResponseWriter, r *http.Request) (answered bool) {
	origin := r.Header.Get("Origin")
	if origin == "" || !slices.Contains(g.Origins, origin) && !slices.Contains(g.Origins, "*") {
		return false
	}
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Expose-Headers", "X-Request-Id, Retry-After")
	h.Add("Vary", "Origin")
	if r.Method != http.MethodOptions {
		return false
	}
	h.Set("Access-Control-Allow-Methods", "GET, POST")
	h.Set("Access-Control-Allow-Headers", r.Header.Get("Access-Control-Request-Headers"))
	w.WriteHeader(http.StatusNoContent)
	return true
}

// statusWriter remembers the status for the counters.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (s *statusWriter) WriteHeader(status int) {
	s.status = status
	s.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the connection.
func (s *statusWriter) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// randomName names a request or an answer.
func randomName() string {
	var b [12]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// readBody reads a request to its end. After that the connection is only watched in case the reader goes away, so the
// server's limit on the time to read is lifted.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, fail(http.StatusRequestEntityTooLarge, typeRequest, "request_too_large",
			"The request is larger than %d bytes.", maxBody)
	case err != nil:
		return nil, fail(http.StatusBadRequest, typeRequest, "", "The request broke off: %v.", err)
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // a recorder in a test has none
	return data, nil
}

// authorize finds the open session of a request's key, and its model.
func (g *Gateway) authorize(r *http.Request) (*session, *model, error) {
	scheme, secret, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	secret = strings.TrimSpace(secret)
	if !strings.EqualFold(scheme, "Bearer") || secret == "" {
		return nil, nil, fail(http.StatusUnauthorized, typeRequest, "invalid_api_key",
			"No API key was given: send it as \"Authorization: Bearer %s...\".", keyPrefix)
	}
	key := [32]byte(KeyHash(secret))
	g.mu.Lock()
	s, ended, looked := g.sessions[key], g.ended.jobs[key], g.looked
	g.mu.Unlock()
	switch {
	case s == nil && !looked:
		return nil, nil, later("The gateway is starting: try again.")
	case s == nil && ended != 0:
		return nil, nil, fail(http.StatusUnauthorized, typeRequest, "invalid_api_key",
			"The session of job %d, which paid for this key, has ended: post a new inference job to go on.", ended)
	case s == nil:
		return nil, nil, fail(http.StatusUnauthorized, typeRequest, "invalid_api_key",
			"Unknown API key: no inference job that this gateway has taken pays for it. "+
				"`minga key show` tells where its job stands.")
	}
	m, err := s.wait(r.Context())
	return s, m, err
}

// wait returns when the session's job is ours and its model is in memory, or with the reason why this is not so.
func (s *session) wait(ctx context.Context) (*model, error) {
	timeout, cancel := context.WithTimeout(ctx, takeTime)
	defer cancel()
	select {
	case <-s.ready:
	case <-timeout.Done():
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, later("The job of this key is being taken: try again.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.journal == nil:
		return nil, later("The job of this key could not be taken yet: try again.")
	case s.closed:
		return nil, errEnded
	case s.model == nil:
		return nil, later("The model is being loaded: try again.")
	}
	return s.model, nil
}

// later asks to try again in some seconds.
func later(message string) *failure {
	f := fail(http.StatusServiceUnavailable, typeServer, "", "%s", message)
	f.retry = 2
	return f
}

func (g *Gateway) health(w http.ResponseWriter, _ *http.Request) {
	g.mu.Lock()
	looked, height, sessions := g.looked, g.height, len(g.sessions)
	g.mu.Unlock()
	status := http.StatusOK
	if !looked {
		status = http.StatusServiceUnavailable
	}
	writeJSON(w, status, map[string]any{"following": looked, "height": height, "sessions": sessions})
}

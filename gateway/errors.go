package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/minga-network/minga/infer"
)

// failure is an error as OpenAI's clients understand it.
type failure struct {
	status  int
	Message string  `json:"message"`
	Type    string  `json:"type"`
	Param   *string `json:"param"`
	Code    *string `json:"code"`

	retry int  // after so many seconds; 0 says nothing
	never bool // trying again is of no use
}

func (f *failure) Error() string { return f.Message }

// Types of errors, as OpenAI names them.
const (
	typeRequest = "invalid_request_error"
	typeQuota   = "insufficient_quota"
	typeRate    = "rate_limit_error"
	typeServer  = "server_error"
)

// statusGone is for the counters only: the reader has gone, so nobody gets it.
const statusGone = 499

func fail(status int, kind, code, format string, args ...any) *failure {
	f := &failure{status: status, Type: kind, Message: fmt.Sprintf(format, args...)}
	if code != "" {
		f.Code = &code
	}
	return f
}

// bad refuses one parameter of a request.
func bad(param, format string, args ...any) *failure {
	f := fail(http.StatusBadRequest, typeRequest, "", format, args...)
	if param != "" {
		f.Param = &param
	}
	return f
}

// asFailure says for people what went wrong. Details that are not for them stay in the log; internal tells so.
func asFailure(err error) (f *failure, internal bool) {
	switch {
	case errors.As(err, &f):
		return f, false
	case errors.Is(err, errQuota):
		f = fail(http.StatusTooManyRequests, typeQuota, "insufficient_quota",
			"This key's budget does not reach for the prompt and max_tokens: ask for fewer tokens, or post a new job for more.")
		f.never = true
		return f, false
	case errors.Is(err, errEnded):
		return fail(http.StatusUnauthorized, typeRequest, "invalid_api_key",
			"The session that paid for this key has ended: post a new inference job to go on."), false
	case errors.Is(err, errBusy):
		f = fail(http.StatusTooManyRequests, typeRate, "rate_limit_exceeded",
			"Too many requests wait for this model: try again.")
		f.retry = 2
		return f, false
	case errors.Is(err, errBroken):
		return fail(http.StatusServiceUnavailable, typeServer, "",
			"The session was closed before the answer was complete."), false
	case errors.Is(err, context.Canceled):
		return fail(statusGone, typeServer, "", "The reader has gone."), false
	case errors.Is(err, infer.ErrContext):
		return fail(http.StatusBadRequest, typeRequest, "context_length_exceeded", "%v.", err), false
	case errors.Is(err, infer.ErrRequest):
		return bad("", "%v.", err), false
	}
	return fail(http.StatusInternalServerError, typeServer, "",
		"The gateway failed; its log has the reason under this request's id."), true
}

// write answers with the error.
func (f *failure) write(w http.ResponseWriter) {
	if f.retry > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(f.retry))
	}
	if f.never {
		w.Header().Set("X-Should-Retry", "false")
	}
	writeJSON(w, f.status, f.body())
}

func (f *failure) body() any { return map[string]any{"error": f} }

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // if the reader has gone, nobody is there to tell
}

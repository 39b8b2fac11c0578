package sim

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
)

// web is HTTP without a network: a request is a call of the handler that serves its host.
type web struct {
	mu    sync.Mutex
	hosts map[string]http.Handler
}

// serve lets a handler answer for a host, and returns its address.
func (w *web) serve(host string, h http.Handler) (url string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hosts[host] = h
	return "http://" + host
}

// RoundTrip answers a request when the handler is done with it.
func (w *web) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	h := w.hosts[r.URL.Host]
	w.mu.Unlock()
	if h == nil {
		return nil, fmt.Errorf("no host %s", r.URL.Host)
	}
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, r)
	return answer.Result(), nil
}

package transfer

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/blob/store"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func randomBytes(seed uint64, n int) []byte {
	var key [32]byte
	binary.BigEndian.PutUint64(key[:], seed)
	b := make([]byte, n)
	rand.NewChaCha8(key).Read(b)
	return b
}

func newStore(t testing.TB) *store.Store {
	t.Helper()
	s, err := store.Open(t.TempDir(), 256<<20)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// start serves h until the test ends.
func start(t testing.TB, h http.Handler) string {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

// honest is a handler over a store that has data.
func honest(t testing.TB, data []byte) (http.Handler, blob.Hash) {
	t.Helper()
	s := newStore(t)
	h, err := s.PutBytes(data)
	if err != nil {
		t.Fatal(err)
	}
	return Handler(s), h
}

func isList(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/pieces") }

func check(t *testing.T, s *store.Store, h blob.Hash, data []byte) {
	t.Helper()
	back, err := s.Bytes(h)
	if err != nil || !bytes.Equal(back, data) {
		t.Fatalf("%d bytes came, %v", len(back), err)
	}
}

func TestFetchAllSizes(t *testing.T) {
	for _, n := range []int{0, 1, 1024, 1<<20 - 1, 1 << 20, 1<<20 + 1, 9<<20 + 5} {
		data := randomBytes(uint64(n), n)
		h, name := honest(t, data)
		s := newStore(t)
		sources := []string{start(t, h), start(t, h) + "/", start(t, http.StripPrefix("/mirror", h)) + "/mirror"}
		if err := Fetch(t.Context(), AnyAddress(), s, name, sources, int64(n)); err != nil {
			t.Fatalf("%d bytes: %v", n, err)
		}
		check(t, s, name, data)
		if err := Fetch(t.Context(), AnyAddress(), s, name, nil, 0); err != nil {
			t.Fatalf("what is here needs no source: %v", err)
		}
	}
}

func TestSizeLimit(t *testing.T) {
	h, name := honest(t, randomBytes(1, 3<<20))
	url := start(t, h)
	for _, limit := range []int64{3<<20 - 1, 1, 0, -5} {
		s := newStore(t)
		err := Fetch(t.Context(), AnyAddress(), s, name, []string{url}, limit)
		if !errors.Is(err, ErrTooBig) || s.Size() != 0 {
			t.Errorf("limit %d: %v", limit, err)
		}
	}
}

// The ways to lie or fail: alone each is refused by name, beside an honest
// source it does no harm.
func TestFaultySources(t *testing.T) {
	data := randomBytes(1, 4<<20+77)
	good, name := honest(t, data)
	other, otherName := honest(t, randomBytes(2, 4<<20+77))
	elsewhere := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t.Errorf("a redirect was followed to %s", r.URL)
	}))
	onPieces := func(lie http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if isList(r) {
				good.ServeHTTP(w, r)
			} else {
				lie(w, r)
			}
		}
	}
	instead := func(w http.ResponseWriter, r *http.Request) { // the other blob's bytes under this name
		r2 := r.Clone(r.Context())
		r2.URL = &url.URL{Path: strings.Replace(r.URL.Path, name.String(), otherName.String(), 1)}
		other.ServeHTTP(w, r2)
	}
	onList := func(lie func([]byte) []byte) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if !isList(r) {
				good.ServeHTTP(w, r)
				return
			}
			rec := httptest.NewRecorder()
			good.ServeHTTP(rec, r)
			w.Write(lie(rec.Body.Bytes()))
		}
	}
	for what, c := range map[string]struct {
		handler http.HandlerFunc
		want    error // nil: any
		text    string
	}{
		"corrupt pieces": {onPieces(instead), blob.ErrMismatch, "piece "},
		"truncated pieces": {onPieces(func(w http.ResponseWriter, r *http.Request) {
			rec := httptest.NewRecorder()
			good.ServeHTTP(rec, r)
			w.Header().Set("Content-Range", rec.Header().Get("Content-Range"))
			w.WriteHeader(rec.Code)
			w.Write(rec.Body.Bytes()[:rec.Body.Len()-1])
		}), nil, "ends early"},
		"lying about the size": {onPieces(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Range", strings.Replace(r.Header.Get("Range"), "=", " ", 1)+"/99")
			w.WriteHeader(http.StatusPartialContent)
		}), blob.ErrMismatch, "/99"},
		"ignoring the range": {onPieces(func(w http.ResponseWriter, r *http.Request) { w.Write(data) }), nil, "200 OK"},
		"redirecting": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere+r.URL.Path, http.StatusFound)
		}, nil, "302 Found"},
		"redirecting pieces": {onPieces(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere+r.URL.Path, http.StatusTemporaryRedirect)
		}), nil, "307"},
		"another blob's list": {instead, blob.ErrMismatch, "piece list"},
		"flipped list":        {onList(func(b []byte) []byte { b[20] ^= 1; return b }), blob.ErrMismatch, "piece list"},
		"size off by one":     {onList(func(b []byte) []byte { b[7] ^= 1; return b }), blob.ErrMismatch, "piece list"},
		"gigantic size":       {onList(func(b []byte) []byte { b[0] = 0x7f; return b }), blob.ErrMalformed, "piece list"},
		"endless list":        {onList(func(b []byte) []byte { return make([]byte, 64<<20) }), ErrTooBig, "piece list"},
		"empty list":          {onList(func(b []byte) []byte { return nil }), blob.ErrMalformed, "piece list"},
		"not having it":       {http.NotFound, nil, "404"},
		"hanging up":          {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, nil, "EOF"},
	} {
		t.Run(what, func(t *testing.T) {
			liar, s := start(t, c.handler), newStore(t)
			err := Fetch(t.Context(), AnyAddress(), s, name, []string{liar}, 64<<20)
			var fault *SourceError
			if !errors.Is(err, ErrNoSource) || !errors.As(err, &fault) || fault.Source != liar ||
				!strings.Contains(err.Error(), c.text) {
				t.Fatalf("alone: %v", err)
			}
			if c.want != nil && !errors.Is(err, c.want) {
				t.Fatalf("alone: %v, not %v", err, c.want)
			}
			if s.Has(name) {
				t.Fatal("kept")
			}
			if err := Fetch(t.Context(), AnyAddress(), s, name, []string{liar, liar, liar, liar, liar, start(t, good)},
				64<<20); err != nil {
				t.Fatalf("beside an honest source: %v", err)
			}
			check(t, s, name, data)
		})
	}
}

func TestSourcesAreWebAddresses(t *testing.T) {
	bad := []string{"", "file:///etc", "ftp://host/", "host:80", "//host", "http://", "http:///x", "http://a@host",
		"http://host?x=1", "http://host#f", "http://ho st", "\x00"}
	err := Fetch(t.Context(), AnyAddress(), newStore(t), blob.Sum(nil), bad, 1)
	if !errors.Is(err, ErrNoSource) {
		t.Fatal(err)
	}
	for _, name := range bad {
		if !strings.Contains(err.Error(), fmt.Sprintf("source %q: ", name)) {
			t.Errorf("no reason given for %q in: %v", name, err)
		}
	}
}

// A source that never answers is cancelled as soon as another has brought the
// bytes; the test would hang otherwise.
func TestSilentSourceIsOvertaken(t *testing.T) {
	data := randomBytes(1, 6<<20)
	good, name := honest(t, data)
	for what, silentOn := range map[string]func(*http.Request) bool{
		"everything": func(*http.Request) bool { return true },
		"pieces":     func(r *http.Request) bool { return !isList(r) },
	} {
		t.Run(what, func(t *testing.T) {
			var asked atomic.Int32
			silent := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if !silentOn(r) {
					good.ServeHTTP(w, r)
					return
				}
				asked.Add(1)
				<-r.Context().Done()
			}))
			s := newStore(t)
			if err := Fetch(t.Context(), AnyAddress(), s, name, []string{silent, start(t, good)}, 64<<20); err != nil {
				t.Fatal(err)
			}
			check(t, s, name, data)
			if asked.Load() == 0 {
				t.Error("the silent source was never asked: the test shows nothing")
			}
		})
	}
}

// fetchBy fetches a blob with some patience.
func fetchBy(t *testing.T, p patience, h blob.Hash, sources ...string) error {
	t.Helper()
	f := &fetch{store: newStore(t), hash: h, limit: 64 << 20, patience: p, given: map[*source]bool{}}
	return f.from(t.Context(), AnyAddress(), sources)
}

func TestSilentSourceIsGivenUp(t *testing.T) {
	silent := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	p := usual
	p.silent = 50 * time.Millisecond
	err := fetchBy(t, p, blob.Sum([]byte("x")), silent)
	if !errors.Is(err, ErrNoSource) || !errors.Is(err, errSilent) {
		t.Fatal(err)
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	silent := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	}))
	err := Fetch(ctx, AnyAddress(), newStore(t), blob.Sum([]byte("x")), []string{silent}, 64<<20)
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

// Waits for the end of every connection; hangs if Fetch leaves one open.
func TestFetchLeavesNoConnection(t *testing.T) {
	h, name := honest(t, randomBytes(1, 3<<20))
	var open sync.WaitGroup
	server := httptest.NewUnstartedServer(h)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			open.Add(1)
		case http.StateClosed:
			open.Done()
		}
	}
	server.Start()
	defer server.Close()
	if err := Fetch(t.Context(), AnyAddress(), newStore(t), name, []string{server.URL}, 64<<20); err != nil {
		t.Fatal(err)
	}
	open.Wait()
}

// counting remembers which pieces were served.
type counting struct {
	http.Handler
	mu     sync.Mutex
	ranges map[string]int
	before func(n int) // called with the number of pieces asked for so far
}

func (c *counting) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !isList(r) {
		c.mu.Lock()
		if c.ranges == nil {
			c.ranges = map[string]int{}
		}
		c.ranges[r.Header.Get("Range")]++
		n := len(c.ranges)
		c.mu.Unlock()
		if c.before != nil {
			c.before(n)
		}
	}
	c.Handler.ServeHTTP(w, r)
}

func TestResume(t *testing.T) {
	data := randomBytes(1, 12<<20)
	good, name := honest(t, data)
	dir := t.TempDir()
	s, err := store.Open(dir, 64<<20)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	first := &counting{Handler: good, before: func(n int) {
		if n == 7 { // at least five are whole: two lanes
			cancel()
		}
	}}
	if err := Fetch(ctx, AnyAddress(), s, name, []string{start(t, first)}, 64<<20); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	s.Close()
	if s, err = store.Open(dir, 64<<20); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	second := &counting{Handler: good}
	if err := Fetch(t.Context(), AnyAddress(), s, name, []string{start(t, second)}, 64<<20); err != nil {
		t.Fatal(err)
	}
	check(t, s, name, data)
	if n := len(second.ranges); n > 7 || n < 5 {
		t.Fatalf("%d of 12 pieces were fetched again after 5 or 6 had come", n)
	}
}

func TestManyFetchOneBlob(t *testing.T) {
	data := randomBytes(1, 5<<20)
	good, name := honest(t, data)
	counted := &counting{Handler: good}
	url, s := start(t, counted), newStore(t)
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			if err := Fetch(t.Context(), AnyAddress(), s, name, []string{url}, 64<<20); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	check(t, s, name, data)
	for span, n := range counted.ranges {
		if n != 1 {
			t.Errorf("%s was fetched %d times", span, n)
		}
	}
}

func TestLocalFaultIsNotBlamedOnSources(t *testing.T) {
	good, name := honest(t, randomBytes(1, 5<<20))
	s, err := store.Open(t.TempDir(), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = Fetch(t.Context(), AnyAddress(), s, name, []string{start(t, good)}, 64<<20)
	if !errors.Is(err, store.ErrFull) ||
		errors.Is(err, ErrNoSource) {
		t.Fatal(err)
	}
}

func BenchmarkLoopback(b *testing.B) {
	const size = 128 << 20
	h, name := honest(b, randomBytes(1, size))
	ctx, cancel := context.WithCancel(context.Background())
	url, wait, err := Serve(ctx, "", h)
	if err != nil {
		b.Fatal(err)
	}
	s := newStore(b)
	b.SetBytes(size)
	for b.Loop() {
		if err := Fetch(ctx, AnyAddress(), s, name, []string{url}, size); err != nil {
			b.Fatal(err)
		}
		if err := s.Delete(name); err != nil {
			b.Fatal(err)
		}
	}
	cancel()
	if err := wait(); err != nil {
		b.Fatal(err)
	}
}

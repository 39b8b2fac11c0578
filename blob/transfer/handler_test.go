package transfer

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/blob/store"
)

// ask makes one request with the path exactly as written.
func ask(t *testing.T, base, method, path string, header ...string) (*http.Response, []byte) {
	t.Helper()
	r, err := http.NewRequest(method, base, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.URL.Opaque = "//" + r.URL.Host + path
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	transport := &http.Transport{DisableCompression: true}
	defer transport.CloseIdleConnections()
	response, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body) // a short body is for the caller to see
	return response, body
}

func TestHandler(t *testing.T) {
	data := randomBytes(1, 2<<20+10)
	h, name := honest(t, data)
	base, path := start(t, h), "/blob/"+name.String()
	tag := `"` + name.String() + `"`

	r, body := ask(t, base, "GET", path)
	if r.StatusCode != 200 || !bytes.Equal(body, data) || r.Header.Get("ETag") != tag ||
		!strings.Contains(r.Header.Get("Cache-Control"), "immutable") {
		t.Errorf("GET: %s %v", r.Status, r.Header)
	}
	r, body = ask(t, base, "HEAD", path)
	if r.StatusCode != 200 || len(body) != 0 || r.ContentLength != int64(len(data)) ||
		r.Header.Get("Accept-Ranges") != "bytes" {
		t.Errorf("HEAD: %s %v", r.Status, r.Header)
	}
	r, body = ask(t, base, "GET", path, "Range", "bytes=1048570-1048580")
	if r.StatusCode != 206 || !bytes.Equal(body, data[1048570:1048581]) {
		t.Errorf("range over a piece border: %s, %d bytes", r.Status, len(body))
	}
	if r, _ = ask(t, base, "GET", path, "Range", "bytes=99999999-"); r.StatusCode != 416 {
		t.Errorf("range beyond the end: %s", r.Status)
	}
	if r, body = ask(t, base, "GET", path, "If-None-Match", tag); r.StatusCode != 304 || len(body) != 0 {
		t.Errorf("known tag: %s", r.Status)
	}
	r, body = ask(t, base, "GET", path+"/pieces")
	if p, err := blob.DecodePieces(name, body); err != nil || p.Size != int64(len(data)) ||
		r.ContentLength != int64(len(body)) {
		t.Errorf("pieces: %s, %v", r.Status, err)
	}
	if r, body = ask(t, base, "HEAD", path+"/pieces"); r.StatusCode != 200 || len(body) != 0 || r.ContentLength != 8+3*32 {
		t.Errorf("HEAD pieces: %s, %d", r.Status, r.ContentLength)
	}
	for _, method := range []string{"PUT", "POST", "DELETE", "PATCH"} {
		if r, _ = ask(t, base, method, path); r.StatusCode != 405 {
			t.Errorf("%s: %s", method, r.Status)
		}
	}
	if r, _ = ask(t, base, "GET", "/blob/"+blob.Sum([]byte("not here")).String()); r.StatusCode != 404 {
		t.Errorf("unknown blob: %s", r.Status)
	}
}

func TestNoPathLeadsOut(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "secret"), []byte("hush"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(filepath.Join(dir, "store"), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	name, err := s.PutBytes([]byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	base := start(t, Handler(s))
	for _, path := range []string{
		"/", "/blob/", "/blob", "/secret", "/blob/../secret", "/blob/../../secret", "/blob/%2e%2e%2f%2e%2e%2fsecret",
		"/blob/..%2f..%2fsecret", "/blob/%00", "/blob/lock", "/blob/..%5c..%5csecret", "/blob//etc/passwd",
		"/blob/" + strings.ToUpper(name.String()), "/blob/" + name.String() + "/", "/blob/" + name.String() + "/../../secret",
		"/blob/whole%2f" + name.String(), "/blob/" + strings.Repeat("%2e%2e%2f", 20) + "etc%2fpasswd", "/blob/" +
			strings.Repeat("a", 5000),
	} {
		r, body := ask(t, base, "GET", path)
		if r.StatusCode < 300 || strings.Contains(string(body), "hush") {
			t.Errorf("GET %s: %s %q", path, r.Status, body)
		}
	}
}

func TestRottenBlobIsCutShortThenGone(t *testing.T) {
	dir := t.TempDir()
	s, err := store.Open(dir, 64<<20)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	data := randomBytes(1, 3<<20)
	name, err := s.PutBytes(data)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "whole", name.String())
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	b[2<<20] ^= 1
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	base := start(t, Handler(s))
	r, body := ask(t, base, "GET", "/blob/"+name.String())
	if int64(len(body)) >= r.ContentLength || !bytes.HasPrefix(data, body) {
		t.Errorf("%d of %d bytes served", len(body), r.ContentLength)
	}
	if r, _ := ask(t, base, "GET", "/blob/"+name.String()); r.StatusCode != 404 {
		t.Errorf("afterwards: %s", r.Status)
	}
}

func TestServe(t *testing.T) {
	h, name := honest(t, []byte("hello"))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	url, wait, err := Serve(ctx, "", h)
	if err != nil {
		t.Fatal(err)
	}
	host, _, err := net.SplitHostPort(strings.TrimPrefix(url, "http://"))
	if err != nil || !net.ParseIP(host).IsLoopback() {
		t.Fatalf("listens on %s by default", url)
	}
	if _, body := ask(t, url, "GET", "/blob/"+name.String()); string(body) != "hello" {
		t.Fatalf("served %q", body)
	}
	if _, _, err := Serve(ctx, strings.TrimPrefix(url, "http://"), h); err == nil {
		t.Fatal("two servers on one port")
	}
	cancel()
	if err := wait(); err != nil {
		t.Fatal(err)
	}
	if c, err := net.Dial("tcp", strings.TrimPrefix(url, "http://")); err == nil {
		c.Close()
		t.Fatal("still listening")
	}
}

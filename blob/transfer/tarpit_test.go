package transfer

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/minga-network/minga/blob"
)

// tarpits take a connection and say nothing. With good, they give the piece list first.
func tarpits(t *testing.T, n int, good http.Handler) (urls []string) {
	t.Helper()
	for range n {
		urls = append(urls, start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if good != nil && isList(r) {
				good.ServeHTTP(w, r)
				return
			}
			<-r.Context().Done()
		})))
	}
	return urls
}

// An honest source is asked soon, however many silent ones stand before it.
func TestTarpitsHideNobody(t *testing.T) {
	data := randomBytes(1, 3<<20)
	good, name := honest(t, data)
	p := usual
	p.silent, p.next, p.list = time.Hour, time.Millisecond, time.Hour
	if err := fetchBy(t, p, name, append(tarpits(t, asked-1, nil), start(t, good))...); err != nil {
		t.Errorf("silent ones: %v", err)
	}
	if err := fetchBy(t, p, name, append(tarpits(t, seats-1, good), start(t, good))...); err != nil {
		t.Errorf("silent ones that have the piece list: %v", err)
	}
}

// A blob that nobody gives costs a bounded time: to find it, and then to bring it.
func TestAFetchEndsInTime(t *testing.T) {
	good, name := honest(t, randomBytes(1, 1<<20))
	p := usual
	p.silent, p.next, p.list = time.Hour, time.Millisecond, 50*time.Millisecond
	if err := fetchBy(t, p, name, tarpits(t, 3, nil)...); !errors.Is(err, ErrSlow) {
		t.Errorf("nobody gives the list: %v", err)
	}
	p.silent, p.list, p.slowest = 20*time.Millisecond, time.Hour, 1<<40
	if err := fetchBy(t, p, name, tarpits(t, 8*seats, good)...); !errors.Is(err, ErrSlow) {
		t.Errorf("nobody gives the pieces: %v", err)
	}
}

// A source that sends a byte now and then is given up, and others bring the blob.
func TestADrippingSourceIsGivenUp(t *testing.T) {
	good, name := honest(t, randomBytes(1, 1<<20))
	drips := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isList(r) {
			good.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Range", "bytes 0-1048575/1048576")
		w.WriteHeader(http.StatusPartialContent)
		for r.Context().Err() == nil {
			_, _ = w.Write([]byte{0})
			_ = http.NewResponseController(w).Flush()
			time.Sleep(time.Millisecond)
		}
	}))
	p := usual
	p.silent, p.slowest = 500*time.Millisecond, 1<<30
	if err := fetchBy(t, p, name, drips); !errors.Is(err, ErrNoSource) || !errors.Is(err, errDrips) {
		t.Errorf("alone: %v", err)
	}
	if err := fetchBy(t, p, name, drips, start(t, good)); err != nil {
		t.Errorf("beside an honest one: %v", err)
	}
	if usual.answer(blob.PieceSize) > time.Minute {
		t.Errorf("%s for one piece", usual.answer(blob.PieceSize))
	}
}

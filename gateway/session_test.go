package gateway

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/minga-network/minga/blob"
	"github.com/minga-network/minga/x/job"
)

const hi = `{"model":"asset/5","prompt":"In the","max_tokens":9}`

// TestNobodyOverspends: many callers use one key at once, and some of them go away. The claim is what they
// were told they had used, and never more than the budget.
func TestNobodyOverspends(t *testing.T) {
	w := newWorld(t)
	const budget = 700
	key, id := w.key(budget)
	var wg sync.WaitGroup
	var mu sync.Mutex
	told, refused := 0, 0
	for i := range 60 {
		r := rand.New(rand.NewPCG(uint64(i), 1))
		wg.Go(func() {
			body := fmt.Sprintf(`{"model":"asset/5","prompt":"In the","max_tokens":%d,"seed":%d,"stream":%t}`, 1+r.IntN(40), i,
				i%7 == 0)
			if i%7 == 0 { // this one goes away
				ctx, cancel := context.WithCancel(context.Background())
				req, _ := http.NewRequestWithContext(ctx, "POST", w.url+"/v1/completions", strings.NewReader(body))
				req.Header.Set("Authorization", "Bearer "+key)
				if res, err := http.DefaultClient.Do(req); err == nil {
					_, _ = bufio.NewReader(res.Body).ReadString('\n')
				}
				cancel()
				return
			}
			res, data := w.do("POST", "/v1/completions", key, body)
			mu.Lock()
			defer mu.Unlock()
			switch res.StatusCode {
			case 200:
				var n int
				_, after, _ := strings.Cut(data, `"total_tokens":`)
				fmt.Sscan(after, &n)
				told += n
			case 429:
				refused++
			default:
				t.Errorf("%s %s", res.Status, data)
			}
		})
	}
	wg.Wait()
	w.eventually("all answers have ended", func() bool { return w.idle(id) })
	s := w.g.session(id)
	if s.used > budget || s.reserved != 0 || refused == 0 || told > int(s.used) {
		t.Errorf("%d of %d used, %d reserved, %d refused, %d told", s.used, budget, s.reserved, refused, told)
	}
	if err := w.g.Settle(context.Background(), id); err != nil {
		t.Fatal(err)
	}
	if c, l := w.claimed(id); c.Units != s.used || len(l) != s.calls {
		t.Errorf("claimed %d, used %d", c.Units, s.used)
	}
}

func TestTheLastTokensOfABudget(t *testing.T) {
	w := newWorld(t)
	key, id := w.key(20)
	prompt := len(w.model.Tokenizer.Encode([]byte("In the")))
	_, u := w.complete(key, hi)
	if u.Total > prompt+9 {
		t.Fatalf("%+v", u)
	}
	// Without max_tokens an answer may take all that is left, and no more.
	res, body := w.do("POST", "/v1/chat/completions", key, `{"model":"asset/5","messages":[{"role":"user","content":""}]}`)
	if res.StatusCode != 429 || res.Header.Get("X-Should-Retry") != "false" {
		t.Errorf("%s %s", res.Status, body)
	}
	left := 20 - u.Total - prompt
	_, u = w.complete(key, fmt.Sprintf(`{"model":"asset/5","prompt":"In the","max_tokens":%d,"temperature":0}`, left))
	if u.Total != prompt+left {
		t.Fatalf("%+v", u)
	}
	w.chain.block()
	w.eventually("a session that is used up is claimed", func() bool { return w.chain.state(id) == job.StateClaimed })
	if c, _ := w.claimed(id); c.Units != 20 {
		t.Errorf("claimed %d of 20", c.Units)
	}
	if res, body := w.do("POST", "/v1/completions", key, hi); res.StatusCode != 401 ||
		!strings.Contains(body, fmt.Sprintf("job %d", id)) {
		t.Errorf("%s %s", res.Status, body)
	}
}

// TestAKilledGatewayGoesOn starts a gateway again with the journal that a crash has left.
func TestAKilledGatewayGoesOn(t *testing.T) {
	w := newWorld(t)
	key, id := w.key(1000)
	_, one := w.complete(key, hi)
	_, two := w.complete(key, hi)
	w.stop()
	path := journalPath(w.dir, id)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, torn := range []string{`{"prompt":[73,110`, "\n", "{}\n", strings.Repeat("\x00", 4096)} {
		if err := os.WriteFile(path, append(whole[:len(whole):len(whole)], torn...), 0o600); err != nil {
			t.Fatal(err)
		}
		w.start(Config{})
		var three usage
		w.eventually("the key is served again", func() bool {
			res, _ := w.do("GET", "/v1/models", key, "")
			return res.StatusCode == 200
		})
		_, three = w.complete(key, hi)
		if s := w.g.session(id); s.used != uint64(one.Total+two.Total+three.Total) || s.calls != 3 {
			t.Errorf("after %q: %d units in %d calls", torn, s.used, s.calls)
		}
	}
	if err := w.g.Settle(context.Background(), id); err != nil {
		t.Fatal(err)
	}
	if _, l := w.claimed(id); len(l) != 3 {
		t.Errorf("%d calls", len(l))
	}
}

func TestADiskThatTakesNothing(t *testing.T) {
	w := newWorld(t)
	key, id := w.key(1000)
	w.complete(key, hi)
	s := w.g.session(id)
	used := s.used
	broken, err := os.Open(journalPath(w.dir, id)) // for reading only
	if err != nil {
		t.Fatal(err)
	}
	good := s.journal.file
	s.journal.file = broken
	res, body := w.do("POST", "/v1/completions", key, hi)
	if res.StatusCode != 500 || strings.Contains(body, w.dir) {
		t.Errorf("%s %s", res.Status, body)
	}
	if res, body := w.do("POST", "/v1/completions", key, strings.Replace(hi, "{", `{"stream":true,`,
		1)); !strings.Contains(body, `"error"`) || strings.Contains(body, "[DONE]") {
		t.Errorf("%s %s", res.Status, body)
	}
	s.journal.file = good
	if s.used != used || s.reserved != 0 {
		t.Errorf("%d used, %d reserved", s.used, s.reserved)
	}
	w.complete(key, hi)
	if err := w.g.Settle(context.Background(), id); err != nil {
		t.Fatal(err)
	}
	if _, l := w.claimed(id); len(l) != 2 {
		t.Errorf("%d calls", len(l))
	}
}

// TestAReaderThatGoesAway: after that the model is free for others, and what was generated is paid for.
func TestAReaderThatGoesAway(t *testing.T) {
	w := newWorld(t)
	key, id := w.key(10_000)
	ctx, cancel := context.WithCancel(context.Background())
	req, _ := http.NewRequestWithContext(ctx, "POST", w.url+"/v1/completions",
		strings.NewReader(`{"model":"asset/5","prompt":"In","max_tokens":120,"stream":true,"temperature":0}`))
	req.Header.Set("Authorization", "Bearer "+key)
	// The model is in use, so the reader goes away while it waits. Nothing has to be paid.
	leave, err := w.g.session(id).model.enter(ctx)
	if err != nil {
		t.Fatal(err)
	}
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		_, _ = http.DefaultClient.Do(req)
	}()
	s := w.g.session(id)
	waiting := func() int32 {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.model.waiting.Load()
	}
	w.eventually("the request waits", func() bool { return waiting() == 1 })
	cancel()
	<-gone
	w.eventually("it waits no more", func() bool { return waiting() == 0 && w.idle(id) })
	leave()
	if s.used != 0 || s.reserved != 0 {
		t.Errorf("%d used, %d reserved", s.used, s.reserved)
	}
	// The reader goes away after the first token.
	order := requestOf(w, "In", 100)
	reserved, err := s.afford(&order, s.model)
	if err != nil {
		t.Fatal(err)
	}
	end, got := generateUntil(s, order, reserved, 7)
	if !errors.Is(end.err, context.Canceled) || got < 7 || got > 8 || s.used != uint64(len(order.Prompt)+got) ||
		s.reserved != 0 {
		t.Errorf("%+v, %d tokens, %d used", end, got, s.used)
	}
	if err := w.g.Settle(context.Background(), id); err != nil {
		t.Fatal(err)
	}
	w.claimed(id)
}

func TestAFullQueue(t *testing.T) {
	w := newWorld(t)
	key, id := w.key(10_000)
	m := w.g.session(id).model
	m.waiting.Store(maxQueue)
	res, body := w.do("POST", "/v1/completions", key, hi)
	if res.StatusCode != 429 || res.Header.Get("Retry-After") == "" || !strings.Contains(body, "rate_limit_exceeded") {
		t.Errorf("%s %s", res.Status, body)
	}
	m.waiting.Store(0)
	w.complete(key, hi)
}

func TestWhenASessionEnds(t *testing.T) {
	t.Run("idle", func(t *testing.T) {
		w := newWorld(t)
		w.start(Config{Idle: 30 * time.Millisecond})
		key, id := w.key(1000)
		w.complete(key, hi)
		w.eventually("it is claimed", func() bool {
			w.chain.block()
			j, _ := w.chain.Job(context.Background(), id)
			return j.State == job.StateClaimed
		})
		w.claimed(id)
	})
	t.Run("due", func(t *testing.T) {
		w := newWorld(t)
		key, id := w.key(1000)
		w.complete(key, hi)
		w.chain.mu.Lock()
		w.chain.height += 100_000 - margin(100_000)
		w.chain.mu.Unlock()
		w.chain.block()
		w.eventually("it is claimed", func() bool {
			j, _ := w.chain.Job(context.Background(), id)
			return j.State == job.StateClaimed
		})
		w.claimed(id)
	})
	t.Run("log full", func(t *testing.T) {
		w := newWorld(t)
		key, id := w.key(1000)
		w.complete(key, hi)
		s := w.g.session(id)
		if why := s.over(2, 0); why != "" {
			t.Errorf("over: %s", why)
		}
		s.calls = fullLog / 512
		if why := s.over(2, 0); why != "log full" {
			t.Errorf("over: %q", why)
		}
	})
	t.Run("without a call", func(t *testing.T) {
		w := newWorld(t)
		_, id := w.key(1000)
		if err := w.g.Settle(context.Background(), id); err != nil {
			t.Fatal(err)
		}
		if c, _ := w.claimed(id); c.Units != 0 {
			t.Errorf("%d units", c.Units)
		}
	})
	t.Run("asked twice at once", func(t *testing.T) {
		w := newWorld(t)
		_, id := w.key(1000)
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				if err := w.g.Settle(context.Background(), id); err != nil && !errors.Is(err, ErrNoSession) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if w.chain.claims != 1 {
			t.Errorf("%d claims", w.chain.claims)
		}
	})
}

func TestAClaimThatFails(t *testing.T) {
	w := newWorld(t)
	key, id := w.key(1000)
	w.complete(key, hi)
	w.chain.mu.Lock()
	w.chain.refuse = errors.New("no node answers")
	w.chain.mu.Unlock()
	if err := w.g.Settle(context.Background(), id); err == nil {
		t.Fatal("no error")
	}
	w.chain.block()
	w.eventually("Run claims it again", func() bool {
		j, _ := w.chain.Job(context.Background(), id)
		return j.State == job.StateClaimed
	})
	// The chain has got the claim, but its answer was lost.
	_, id = w.key(1000)
	w.chain.mu.Lock()
	w.chain.refuse, w.chain.heed = errors.New("no node answers"), true
	w.chain.mu.Unlock()
	if err := w.g.Settle(context.Background(), id); err != nil || w.chain.claims != 2 {
		t.Errorf("%v, %d claims", err, w.chain.claims)
	}
	// The chain has ended the job.
	_, id = w.key(1000)
	w.chain.set(id, job.StateFailed)
	w.eventually("the session is dropped", func() bool { return w.g.session(id) == nil })
	if err := w.g.Settle(context.Background(), id); !errors.Is(err, ErrNoSession) {
		t.Error(err)
	}
}

// TestAKeyIsFilledUp posts a second job for a key whose first job was paid. The gateway removes what it had
// kept for the first one.
func TestAKeyIsFilledUp(t *testing.T) {
	w := newWorld(t)
	key, id := w.key(1000)
	w.complete(key, hi)
	if err := w.g.Settle(context.Background(), id); err != nil {
		t.Fatal(err)
	}
	c, _ := w.claimed(id)
	if err := w.store.Delete(blob.Hash(c.Result)); err == nil {
		t.Error("the log is not pinned")
	}
	w.chain.set(id, job.StatePaid)
	w.eventually("the journal is removed", func() bool {
		_, err := os.Stat(journalPath(w.dir, id))
		return errors.Is(err, os.ErrNotExist)
	})
	if err := w.store.Delete(blob.Hash(c.Result)); err != nil {
		t.Error(err)
	}
	terms := w.terms(100)
	terms.Infer.Key = KeyHash(key)
	w.chain.post(terms)
	w.eventually("the key is served again", func() bool {
		res, _ := w.do("POST", "/v1/completions", key, hi)
		return res.StatusCode == 200
	})
}

package gateway

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/minga-network/minga/infer"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/x/job"
)

var (
	errQuota  = errors.New("the key's budget does not reach")
	errEnded  = errors.New("the session of this key has ended")
	errBroken = errors.New("the session was closed before the answer was complete")
)

// session serves one API key, from taking its job to the claim.
type session struct {
	id      uint64 // of the job
	key     [32]byte
	creator string
	terms   job.Terms
	ready   chan struct{} // closed once the job is ours, or not

	// ctx ends when answers under way must end.
	ctx  context.Context
	stop context.CancelFunc

	settling sync.Mutex   // held while the session is claimed
	queued   atomic.Int32 // answers that wait for the model

	mu       sync.Mutex
	journal  *journal // nil until the job is ours
	model    *model   // nil until it is loaded
	due      int64    // height
	used     uint64   // units in the journal
	reserved uint64   // units that answers under way may still use
	calls    int
	active   int           // answers under way
	last     time.Time     // when one ended
	closed   bool          // no more answers
	quiet    chan struct{} // closed when closed and no answer is under way
	busy     bool          // a claim is under way
	claimed  bool
}

func newSession(j job.Job) *session {
	s := &session{
		id: j.Id, key: [32]byte(j.Terms.Infer.Key), creator: j.Creator, terms: j.Terms, due: j.Due,
		ready: make(chan struct{}), quiet: make(chan struct{}), last: time.Now(),
	}
	s.ctx, s.stop = context.WithCancel(context.Background())
	return s
}

// open makes the session ready with its journal.
func (s *session) open(j *journal, l infer.Log) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.journal, s.used, s.calls = j, l.Units(), len(l.Calls)
	close(s.ready)
}

// isOpen tells whether the job is ours.
func (s *session) isOpen() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.journal != nil
}

// fail tells those who wait for the session that there is none.
func (s *session) fail() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	close(s.ready)
}

// reserve takes the units that an answer may use: its prompt and at most so many tokens. With atMost, it takes fewer
// tokens when not all can be paid. It returns how many.
func (s *session) reserve(prompt, most int, atMost bool) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return 0, errEnded
	}
	left := s.terms.Units - s.used - s.reserved
	if uint64(prompt) >= left {
		return 0, errQuota
	}
	if room := left - uint64(prompt); uint64(most) > room {
		if !atMost {
			return 0, errQuota
		}
		most = int(room)
	}
	s.reserved += uint64(prompt) + uint64(most)
	s.active++
	return most, nil
}

// finish writes an answer's call down and gives back what the answer did not use. An answer that gave nothing has no
// call.
func (s *session) finish(reserved int, call *infer.Call) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	if call != nil {
		if err = s.journal.append(call.Line()); err == nil {
			s.used += call.Units()
			s.calls++
		}
	}
	s.reserved -= uint64(reserved)
	s.active--
	s.last = time.Now()
	if s.closed && s.active == 0 {
		close(s.quiet)
	}
	return err
}

// close accepts no more requests and waits for the answers under way. When ctx ends, it breaks off those that are left.
func (s *session) close(ctx context.Context) {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		if s.active == 0 {
			close(s.quiet)
		}
	}
	s.mu.Unlock()
	select {
	case <-s.quiet:
	case <-ctx.Done():
		s.stop()
		<-s.quiet
	}
}

// over tells why the session should be claimed now; empty if it should not.
func (s *session) over(height int64, idle time.Duration) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.journal == nil || s.busy:
		return ""
	case s.closed:
		return "closed"
	case height >= s.due-margin(s.terms.Work) && s.due > 0:
		return "due"
	case s.active > 0:
		return ""
	case s.terms.Units-s.used < 2:
		return "used up"
	case s.model != nil && 4*s.calls*nn.CallWords(s.model.config.Context) > fullLog:
		return "log full"
	case idle > 0 && time.Since(s.last) >= idle:
		return "idle"
	}
	return ""
}

// fullLog is the size, in bytes, of the file of calls at which a session is claimed. Checkers fetch files of twice
// that.
const fullLog = 128 << 20

// margin is how many blocks before its job is due a session is claimed.
func margin(work int64) int64 { return max(2, min(work/4, 25)) }

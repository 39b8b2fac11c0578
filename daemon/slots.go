package daemon

import (
	"context"
	"maps"
	"sync"

	"github.com/minga-network/minga/kind"
)

// slots are the works under way: as many at a time as the cores allow.
type slots struct {
	most int

	mu        sync.Mutex
	taken     map[uint64]*slot // by job
	failed    map[uint64]kind.Backoff
	last, now int // works that have ended in the last block, and in this one
}

// slot is one work under way.
type slot struct {
	role Role
	stop context.CancelCauseFunc // nil once the work has been done
}

func newSlots(most int) *slots {
	return &slots{most: most, taken: map[uint64]*slot{}, failed: map[uint64]kind.Backoff{}}
}

// take begins the work on a job if a slot is free.
func (s *slots) take(job uint64, role Role, stop context.CancelCauseFunc) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.taken) >= s.most {
		return false
	}
	s.taken[job] = &slot{role, stop}
	return true
}

// done says that nothing is executed any more for a job, and leave gives its slot back. Between the two, what came of
// it goes into the outbox.
func (s *slots) done(job uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken[job].stop = nil
}

func (s *slots) leave(job uint64, failure error, height int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.taken, job)
	s.now++
	if failure == nil {
		delete(s.failed, job)
		return
	}
	s.failed[job] = s.failed[job].After(height, hurry)
}

// waits tells that the work on a job has failed and is not tried again yet.
func (s *slots) waits(job uint64, height int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failed[job].Waits(height)
}

// lose stops the works that the chain no longer waits for: those that are not in the work queue of a board, which was
// read after they had begun.
func (s *slots) lose(queue []held) {
	s.mu.Lock()
	defer s.mu.Unlock()
	waits := map[uint64]bool{}
	for _, h := range queue {
		waits[h.Id] = true
	}
	for id, slot := range s.taken {
		if !waits[id] && slot.stop != nil {
			slot.stop(errLost)
		}
	}
	maps.DeleteFunc(s.failed, func(id uint64, _ kind.Backoff) bool { return !waits[id] })
}

// under lists the jobs that are worked on.
func (s *slots) under() (jobs []uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id := range s.taken {
		jobs = append(jobs, id)
	}
	return jobs
}

// role is what is done with a job, if it is worked on.
func (s *slots) role(job uint64) (Role, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	slot, ok := s.taken[job]
	if !ok {
		return "", false
	}
	return slot.role, true
}

// block begins with the next block.
func (s *slots) block() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last, s.now = s.now, 0
}

// pace is how many works are done in a block.
func (s *slots) pace() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return max(s.last, s.now)
}

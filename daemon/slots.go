package daemon

import (
	"context"
	"sync"

	"golang.org/x/sync/semaphore"
)

// slots are the works under way: as many at a time as the cores allow, within the memory of the machine.
type slots struct {
	most   int
	bound  int64               // of memory, in bytes; 0: none
	memory *semaphore.Weighted // of bound

	mu        sync.Mutex
	taken     map[uint64]*slot // by job
	last, now int              // works that have ended in the last block, and in this one
}

// slot is one work under way.
type slot struct {
	role Role
	stop context.CancelCauseFunc // nil once the work has been done
}

func newSlots(most int, memory int64) *slots {
	return &slots{most: most, bound: memory, memory: semaphore.NewWeighted(memory), taken: map[uint64]*slot{}}
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

func (s *slots) leave(job uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.taken, job)
	s.now++
}

// reserve waits until there is memory, and returns what gives it back. Work that needs more than all there is runs when
// nothing else does.
func (s *slots) reserve(ctx context.Context, bytes int64) (release func(), err error) {
	if s.bound == 0 {
		return func() {}, nil
	}
	bytes = min(bytes, s.bound)
	return func() { s.memory.Release(bytes) }, s.memory.Acquire(ctx, bytes)
}

// fits tells whether there is memory now.
func (s *slots) fits(bytes int64) bool {
	if s.bound == 0 {
		return true
	}
	fits := s.memory.TryAcquire(bytes)
	if fits {
		s.memory.Release(bytes)
	}
	return fits
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

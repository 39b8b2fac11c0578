package daemon

import (
	"maps"
	"slices"
	"sync"
)

// out has the messages that are on their way into a block, one at most about each job.
// They are sent beside the work: to wait for the block costs as much as a short run.
type out struct {
	mu    sync.Mutex
	about map[uint64]int // by job, how much it asks for: see load
	// no has what was refused in the present block; it is not tried again before the next.
	no   map[queue]bool
	news chan struct{} // has an entry once something has arrived or failed
	sent sync.WaitGroup
}

func newOut() *out {
	return &out{about: map[uint64]int{}, no: map[queue]bool{}, news: make(chan struct{}, 1)}
}

// send does something about a job, beside what is done here.
func (o *out) send(id uint64, load int, do func()) {
	o.mu.Lock()
	o.about[id] = load
	o.mu.Unlock()
	o.sent.Go(func() {
		do()
		o.mu.Lock()
		delete(o.about, id)
		o.mu.Unlock()
		select {
		case o.news <- struct{}{}:
		default: // somebody has not looked yet
		}
	})
}

// under lists the jobs that a message is under way about.
func (o *out) under() map[uint64]int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return maps.Clone(o.about)
}

// asked is how much is being asked for.
func (o *out) asked() (load int) {
	for _, n := range o.under() {
		load += n
	}
	return load
}

func (o *out) refuse(q queue) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.no[q] = true
}

func (o *out) refused(any ...queue) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.ContainsFunc(any, func(q queue) bool { return o.no[q] })
}

// block lets everything be tried again.
func (o *out) block() {
	o.mu.Lock()
	defer o.mu.Unlock()
	clear(o.no)
}

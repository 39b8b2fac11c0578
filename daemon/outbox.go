package daemon

import (
	"maps"
	"slices"
	"sync"
)

// outbox has the messages that are on their way into a block, one at most about each job. They are sent beside the
// work: to wait for the block costs as much as a short run.
type outbox struct {
	mu    sync.Mutex
	about map[uint64]size // by job, the work that it asks for
	// no has what was refused in the present block; it is not tried again before the next.
	no map[turn]bool
}

func newOutbox() *outbox { return &outbox{about: map[uint64]size{}, no: map[turn]bool{}} }

// send does something about a job, beside what is done here. It may ask for work of some size.
func (d *daemon) send(h held, asks size, do func()) {
	d.outbox.put(h.Id, asks)
	d.beside.Go(func() {
		do()
		d.outbox.remove(h.Id)
		d.news.tell()
	})
}

func (o *outbox) put(id uint64, asks size) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.about[id] = asks
}

func (o *outbox) remove(id uint64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.about, id)
}

// under lists the jobs that a message is under way about, and what it asks for.
func (o *outbox) under() map[uint64]size {
	o.mu.Lock()
	defer o.mu.Unlock()
	return maps.Clone(o.about)
}

func (o *outbox) refuse(t turn) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.no[t] = true
}

func (o *outbox) refused(turns ...turn) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.ContainsFunc(turns, func(t turn) bool { return o.no[t] })
}

// block lets everything be tried again.
func (o *outbox) block() {
	o.mu.Lock()
	defer o.mu.Unlock()
	clear(o.no)
}

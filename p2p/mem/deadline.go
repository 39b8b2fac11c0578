package mem

import (
	"sync"
	"time"
)

// A waiter has goroutines that wait for its state to change, or for a deadline.
// It is the part that connections and packet connections have in common.
type waiter struct {
	changed     *sync.Cond
	read, write deadline
}

// A deadline wakes who waits when its time has come.
type deadline struct {
	at    time.Time
	timer *time.Timer
}

func (d *deadline) over() bool { return !d.at.IsZero() && !time.Now().Before(d.at) }

// SetDeadline, SetReadDeadline and SetWriteDeadline are those of net.Conn.
func (w *waiter) SetDeadline(at time.Time) error      { return w.set(at, &w.read, &w.write) }
func (w *waiter) SetReadDeadline(at time.Time) error  { return w.set(at, &w.read) }
func (w *waiter) SetWriteDeadline(at time.Time) error { return w.set(at, &w.write) }

func (w *waiter) set(at time.Time, deadlines ...*deadline) error {
	w.changed.L.Lock()
	defer w.changed.L.Unlock()
	w.stop(deadlines...)
	for _, d := range deadlines {
		d.at = at
		if !at.IsZero() {
			d.timer = time.AfterFunc(time.Until(at), w.wake)
		}
	}
	w.changed.Broadcast()
	return nil
}

func (w *waiter) stop(deadlines ...*deadline) {
	for _, d := range deadlines {
		if d.timer != nil {
			d.timer.Stop()
		}
	}
}

func (w *waiter) wake() {
	w.changed.L.Lock()
	defer w.changed.L.Unlock()
	w.changed.Broadcast()
}

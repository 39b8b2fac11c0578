package kernel

import (
	"runtime"
	"sync/atomic"
)

// A crew is the goroutines that help a Backend. They live as long as it does:
// an operator lasts microseconds, and starting a goroutine or waking a sleeping
// one costs a good part of that, so a helper looks out for the next task for a
// while before it sleeps.
//
// A task is cut into parts, and whoever is free takes the next. The caller works
// too, so a helper that comes late costs nothing but its help, and on one
// processor the caller does everything by itself.
type crew struct {
	helpers []*helper
	looks   int // before somebody sleeps

	f        func(worker, lo, hi int)
	n, parts int
	left     atomic.Int32 // parts that nobody has taken; below 0 if looked for in vain
	open     atomic.Int32 // parts that are not done

	asleep atomic.Bool   // the caller sleeps until done
	done   chan struct{} // who unsets asleep sends
	over   atomic.Bool   // the Backend is gone
}

// A helper sleeps until wake while asleep is set; who unsets it sends.
type helper struct {
	asleep atomic.Bool
	wake   chan struct{}
}

// patience is how often one looks before one sleeps: some 30 µs, the time from
// one operator of a training step to the next.
const patience = 60000

// gather starts helpers for a number of workers, of which the caller is one.
func gather(workers int) *crew {
	c := &crew{done: make(chan struct{}, 1)}
	if workers <= runtime.GOMAXPROCS(0) {
		c.looks = patience
	}
	for w := 1; w < workers; w++ {
		h := &helper{wake: make(chan struct{}, 1)}
		c.helpers = append(c.helpers, h)
		go c.help(h, w)
	}
	return c
}

// run calls f on parts of [0, n), at most as many as there are workers.
func (c *crew) run(n, parts int, f func(worker, lo, hi int)) {
	if c.f != nil {
		panic("kernel: a Backend does one operator at a time")
	}
	c.f, c.n, c.parts = f, n, parts
	c.open.Store(int32(parts))
	c.left.Store(int32(parts))
	for _, h := range c.helpers[:parts-1] {
		h.rouse()
	}
	defer c.wait() // if f panics too: nobody works on for a caller who is gone
	c.work(0)
}

// work does parts while there are any. Only who has taken one reads the task:
// it is not replaced before all its parts are done.
func (c *crew) work(worker int) {
	for {
		left := c.left.Add(-1)
		if left < 0 {
			return
		}
		c.do(worker, c.parts-1-int(left))
	}
}

func (c *crew) do(worker, part int) {
	defer func() {
		if c.open.Add(-1) == 0 && c.asleep.CompareAndSwap(true, false) {
			c.done <- struct{}{}
		}
	}()
	c.f(worker, part*c.n/c.parts, (part+1)*c.n/c.parts)
}

// wait returns when all parts are done. One who was late to find asleep set may
// wake the caller of a later task, so that looks again.
func (c *crew) wait() {
	for !c.look(func() bool { return c.open.Load() == 0 }) {
		c.asleep.Store(true)
		if c.open.Load() > 0 || !c.asleep.CompareAndSwap(true, false) {
			<-c.done
		}
	}
	c.f = nil // it holds the Backend
}

// look tells whether something happens before patience ends.
func (c *crew) look(happens func() bool) bool {
	for range c.looks {
		if happens() {
			return true
		}
	}
	return happens()
}

// help works until the Backend is gone.
func (c *crew) help(h *helper, worker int) {
	called := func() bool { return c.left.Load() > 0 || c.over.Load() }
	for !c.over.Load() {
		if !c.look(called) {
			h.asleep.Store(true)
			if !called() || !h.asleep.CompareAndSwap(true, false) {
				<-h.wake
			}
		}
		c.work(worker)
	}
}

func (h *helper) rouse() {
	if h.asleep.CompareAndSwap(true, false) {
		h.wake <- struct{}{}
	}
}

// dismiss ends the helpers.
func (c *crew) dismiss() {
	c.over.Store(true)
	for _, h := range c.helpers {
		h.rouse()
	}
}

package kernel

import (
	"runtime"
	"sync/atomic"
)

// A threadPool is the goroutines that help a Backend. They live as long as it
// does. An operator lasts microseconds, and to start a goroutine or wake a sleeping
// one costs a good part of that; so a helper spins for a while before it sleeps.
//
// A task is cut into parts, and whoever is free takes the next. The caller works
// too: a helper that comes late costs nothing but its help, and on one processor
// the caller does everything by itself.
type threadPool struct {
	helpers []*helper
	spins   int // before a goroutine sleeps

	f        func(worker, lo, hi int)
	n, parts int
	left     atomic.Int32 // parts that nobody has taken; below 0 if somebody looked in vain
	open     atomic.Int32 // parts that are not done

	asleep atomic.Bool   // the caller sleeps until done
	done   chan struct{} // whoever unsets asleep sends
	over   atomic.Bool   // the Backend is gone
}

// A helper sleeps until wake while asleep is set; whoever unsets it sends.
type helper struct {
	asleep atomic.Bool
	wake   chan struct{}
}

// spinsBeforeSleep take some 30 µs, the time from one operator of a training step
// to the next.
const spinsBeforeSleep = 60000

// newThreadPool starts helpers for a number of workers, of which the caller is one.
func newThreadPool(workers int) *threadPool {
	p := &threadPool{done: make(chan struct{}, 1)}
	if workers <= runtime.GOMAXPROCS(0) {
		p.spins = spinsBeforeSleep
	}
	for w := 1; w < workers; w++ {
		h := &helper{wake: make(chan struct{}, 1)}
		p.helpers = append(p.helpers, h)
		go p.help(h, w)
	}
	return p
}

// run calls f on parts of [0, n), at most as many as there are workers. It panics
// if the Backend is at work already: one that two goroutines use at once would mix
// up their buffers, and that is a mistake in the program that no caller can mend.
func (p *threadPool) run(n, parts int, f func(worker, lo, hi int)) {
	if p.f != nil {
		panic("kernel: a Backend does one operator at a time: give each goroutine its own")
	}
	p.f, p.n, p.parts = f, n, parts
	p.open.Store(int32(parts))
	p.left.Store(int32(parts))
	for _, h := range p.helpers[:parts-1] {
		h.wakeUp()
	}
	defer p.wait() // also if f panics: nobody may work on for a caller who is gone
	p.work(0)
}

// work does parts while there are any. Only whoever has taken a part reads the task:
// it is not replaced before all its parts are done.
func (p *threadPool) work(worker int) {
	for {
		left := p.left.Add(-1)
		if left < 0 {
			return
		}
		p.do(worker, p.parts-1-int(left))
	}
}

func (p *threadPool) do(worker, part int) {
	defer func() {
		if p.open.Add(-1) == 0 && p.asleep.CompareAndSwap(true, false) {
			p.done <- struct{}{}
		}
	}()
	p.f(worker, part*p.n/p.parts, (part+1)*p.n/p.parts)
}

// wait returns when all parts are done. A helper that was late to find asleep set
// may wake the caller of a later task, which therefore looks again.
func (p *threadPool) wait() {
	for !p.spin(func() bool { return p.open.Load() == 0 }) {
		p.asleep.Store(true)
		if p.open.Load() > 0 || !p.asleep.CompareAndSwap(true, false) {
			<-p.done
		}
	}
	p.f = nil // it holds the Backend
}

// spin tells whether something happens before it is time to sleep.
func (p *threadPool) spin(happens func() bool) bool {
	for range p.spins {
		if happens() {
			return true
		}
	}
	return happens()
}

// help works until the Backend is gone.
func (p *threadPool) help(h *helper, worker int) {
	called := func() bool { return p.left.Load() > 0 || p.over.Load() }
	for !p.over.Load() {
		if !p.spin(called) {
			h.asleep.Store(true)
			if !called() || !h.asleep.CompareAndSwap(true, false) {
				<-h.wake
			}
		}
		p.work(worker)
	}
}

func (h *helper) wakeUp() {
	if h.asleep.CompareAndSwap(true, false) {
		h.wake <- struct{}{}
	}
}

// close ends the helpers.
func (p *threadPool) close() {
	p.over.Store(true)
	for _, h := range p.helpers {
		h.wakeUp()
	}
}

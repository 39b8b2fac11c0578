package mem

import (
	"container/heap"
	"time"
)

// now is the time since the network was made.
func (n *Network) now() time.Duration { return time.Since(n.start) }

// An event happens at a time, under the network's lock; those of one instant
// happen in the order in which they were planned.
type event struct {
	at    time.Duration
	order uint64
	do    func()
}

type events struct {
	list    []event
	planned uint64
}

func (e *events) Len() int      { return len(e.list) }
func (e *events) Swap(i, j int) { e.list[i], e.list[j] = e.list[j], e.list[i] }
func (e *events) Push(x any)    { e.list = append(e.list, x.(event)) }

func (e *events) Less(i, j int) bool {
	a, b := e.list[i], e.list[j]
	return a.at < b.at || a.at == b.at && a.order < b.order
}

func (e *events) Pop() any {
	last := len(e.list) - 1
	x := e.list[last]
	e.list[last] = event{}
	e.list = e.list[:last]
	return x
}

// at plans an event.
func (n *Network) at(at time.Duration, do func()) {
	n.events.planned++
	heap.Push(&n.events, event{at, n.events.planned, do})
	if n.events.list[0].order == n.events.planned {
		n.timer.Reset(at - n.now())
	}
}

// ring does what is due.
func (n *Network) ring() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for n.events.Len() > 0 && n.events.list[0].at <= n.now() {
		heap.Pop(&n.events).(event).do()
	}
	if n.events.Len() > 0 {
		n.timer.Reset(n.events.list[0].at - n.now())
	}
}

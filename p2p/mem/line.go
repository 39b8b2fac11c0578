package mem

import (
	"math/rand/v2"
	"time"
)

// A Line connects a node to the network. What goes from one node to another
// passes through the lines of both. The zero Line is perfect.
type Line struct {
	Delay    time.Duration // of each packet, on its way from the node or to it
	Jitter   time.Duration // each packet takes longer by up to this much
	Up, Down int64         // bits a second that the node can send and receive; 0: without limit
	Loss     float64       // chance that a packet is lost
	Reset    float64       // chance that a packet breaks its connection
}

// A queue is one direction of a line: bytes pass at a rate, one after another.
type queue struct {
	rate int64
	free time.Duration // when all that came before has passed
}

// pass returns when so many bytes that come now have passed.
func (q *queue) pass(now time.Duration, bytes int) time.Duration {
	q.free = max(q.free, now)
	if q.rate > 0 {
		q.free += time.Duration(float64(bytes) * 8 / float64(q.rate) * float64(time.Second))
	}
	return q.free
}

// A path goes from one node to another.
type path struct {
	from, to *Node
	draw     *rand.Rand
	drops    bool // a packet that finds a long queue is dropped
}

// carry takes a packet along the path. It returns when the packet leaves the
// sender; then is called when the packet arrives, or would if it were not lost.
func (p *path) carry(bytes int, then func(arrived bool)) (leaves time.Duration) {
	net := p.from.net
	leaves = net.now()
	lost := p.full(&p.from.up)
	if !lost {
		leaves = p.from.up.pass(leaves, bytes)
		lost = p.chance(p.from.line.Loss) || p.chance(p.to.line.Loss)
	}
	net.at(leaves+p.travel(), func() {
		if lost || !p.open() || p.full(&p.to.down) {
			then(false)
			return
		}
		if passed := p.to.down.pass(net.now(), bytes); passed > net.now() {
			net.at(passed, func() { then(p.open()) })
			return
		}
		then(true)
	})
	return leaves
}

// full reports whether a queue is so long that routers would drop a packet.
func (p *path) full(q *queue) bool { return p.drops && q.free-p.from.net.now() > time.Second }

// chance draws whether something of this chance happens.
func (p *path) chance(of float64) bool { return of > 0 && p.draw.Float64() < of }

// travel draws how long a packet is under way between the two queues.
func (p *path) travel() time.Duration {
	way := p.from.line.Delay + p.to.line.Delay
	if jitter := p.from.line.Jitter + p.to.line.Jitter; jitter > 0 {
		way += time.Duration(p.draw.Int64N(int64(jitter)))
	}
	return way
}

// longest is the longest time that travel can draw.
func (p *path) longest() time.Duration {
	return p.from.line.Delay + p.to.line.Delay + p.from.line.Jitter + p.to.line.Jitter
}

// open reports whether packets get through at all: both nodes are up and no
// partition is between them.
func (p *path) open() bool {
	sides := p.from.net.sides
	return !p.from.off && !p.to.off && sides[p.from] == sides[p.to]
}

// fill is how many bytes of one connection may be under way: what keeps its part
// of the receiver's line busy, and some packets. More would only make a queue
// there, which real connections avoid by watching for loss.
func (p *path) fill() int {
	rate := p.to.down.rate
	if rate == 0 {
		return window
	}
	share := float64(rate) / 8 * p.longest().Seconds() / float64(max(1, p.to.arriving))
	return min(window, 4*packetSize+int(share))
}

// again is how long a sender waits before it sends a lost packet once more.
func (p *path) again() time.Duration { return max(200*time.Millisecond, 2*p.longest()) }

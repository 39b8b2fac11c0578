package mem

import (
	"context"
	"syscall"
	"time"
)

// Down takes the node off the network at once: nobody is told. Its listeners and
// connections are gone; whoever is connected to them finds out by and by.
func (d *Node) Down() {
	d.net.mu.Lock()
	defer d.net.mu.Unlock()
	d.stop()
	d.net.hear()
}

func (d *Node) stop() {
	d.off = true
	for c := range d.conns {
		c.fail(syscall.ENETDOWN)
	}
	for _, l := range d.listeners {
		l.close(syscall.ENETDOWN)
	}
	for _, s := range d.sockets {
		s.close(syscall.ENETDOWN)
	}
}

// Close takes every node down, so that nothing waits for the network any more. A
// bubble wants that: it ends when all its goroutines have.
func (n *Network) Close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, node := range n.nodes {
		node.stop()
	}
}

// Up brings the node back under its address. Its program starts anew.
func (d *Node) Up() {
	d.net.mu.Lock()
	defer d.net.mu.Unlock()
	d.off = false
	d.net.hear()
}

// Churn makes the node come and go until ctx ends, and leaves it down. It stays
// and is away for times of chance, with these means; memoryless, as the sessions
// of real peers nearly are. Whenever it comes, live runs; when it goes, live's
// context ends and Churn waits for live to return.
func (d *Node) Churn(ctx context.Context, stays, away time.Duration, live func(context.Context)) {
	draw := d.net.draws("churn", d.name)
	about := func(mean time.Duration) time.Duration { return time.Duration(draw.ExpFloat64() * float64(mean)) }
	for ctx.Err() == nil {
		d.Up()
		session, end := context.WithTimeout(ctx, about(stays))
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			live(session)
		}()
		<-session.Done()
		d.Down()
		<-ended
		end()
		rest(ctx, about(away))
	}
}

// rest returns after a while, or when ctx ends.
func rest(ctx context.Context, while time.Duration) {
	timer := time.NewTimer(while)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// Partition lets packets through only between nodes of one group. Nodes that no
// group names are a group too. It replaces the partition before.
func (n *Network) Partition(groups ...[]*Node) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.sides = map[*Node]int{}
	for i, group := range groups {
		for _, node := range group {
			n.sides[node] = i + 1
		}
	}
	n.hear()
}

// Heal ends a partition.
func (n *Network) Heal() { n.Partition() }

// hear lets every connection look again whether it hears its other end.
func (n *Network) hear() {
	for _, node := range n.nodes {
		for c := range node.conns {
			c.hear()
		}
	}
}

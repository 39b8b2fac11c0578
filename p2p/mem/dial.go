package mem

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"syscall"
)

// DialContext connects to "name:port" or "address:port" of another node, or of
// this one. It has the form that net/http's Transport asks for.
func (d *Node) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	if network != "tcp" && network != "tcp4" {
		return nil, &net.OpError{Op: "dial", Net: network, Err: net.UnknownNetworkError(network)}
	}
	d.net.mu.Lock()
	defer d.net.mu.Unlock()
	to, remote, err := d.find(address)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: err}
	}
	if d.off {
		return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ENETDOWN}
	}
	c := newConn(d, to, netip.AddrPortFrom(d.ip, d.freePort()), remote)
	c.send(0, func() { to.answer(c) })
	defer context.AfterFunc(ctx, c.wake)()
	for !c.connected && c.err == nil && ctx.Err() == nil {
		c.changed.Wait()
	}
	if !c.connected && c.err == nil {
		c.fail(ctx.Err())
	}
	if c.err != nil {
		return nil, c.failure("dial", c.err)
	}
	return c, nil
}

// answer is called at the node that is dialled.
func (d *Node) answer(c *conn) {
	l := d.listeners[uint16(c.remote.Port)]
	if l == nil {
		d.net.at(d.net.now()+c.path.travel(), func() { c.fail(syscall.ECONNREFUSED) })
		return
	}
	peer := newConn(d, c.path.from, c.remote.AddrPort(), c.local.AddrPort())
	peer.peer, peer.connected, c.peer = c, true, peer
	l.queue = append(l.queue, peer)
	l.changed.Broadcast()
	peer.send(0, func() {
		if c.err != nil { // who dialled has given up
			c.reset()
			return
		}
		c.connected = true
		c.changed.Broadcast()
	})
}

// freePort gives one of the ports that nobody listens on.
func (d *Node) freePort() uint16 {
	for {
		d.ports++
		port := 49152 + d.ports%16384
		if d.listeners[port] == nil && d.sockets[port] == nil {
			return port
		}
	}
}

type listener struct {
	node    *Node
	addr    *net.TCPAddr
	queue   []*conn
	err     error // it is closed: why
	changed *sync.Cond
}

// Listen accepts connections at ":port"; ":0" takes a free port.
func (d *Node) Listen(network, address string) (net.Listener, error) {
	d.net.mu.Lock()
	defer d.net.mu.Unlock()
	local, err := d.bind(address)
	if err == nil && d.listeners[local.Port()] != nil {
		err = syscall.EADDRINUSE
	}
	if err != nil {
		return nil, &net.OpError{Op: "listen", Net: network, Err: err}
	}
	l := &listener{node: d, addr: net.TCPAddrFromAddrPort(local), changed: sync.NewCond(&d.net.mu)}
	d.listeners[local.Port()] = l
	return l, nil
}

// bind resolves an address to listen at, which must be one of the node's own.
func (d *Node) bind(address string) (netip.AddrPort, error) {
	at, local, err := d.find(address)
	switch {
	case err != nil:
		return local, err
	case d.off:
		return local, syscall.ENETDOWN
	case at != d:
		return local, syscall.EADDRNOTAVAIL
	case local.Port() == 0:
		return netip.AddrPortFrom(d.ip, d.freePort()), nil
	}
	return local, nil
}

func (l *listener) Addr() net.Addr { return l.addr }

func (l *listener) Accept() (net.Conn, error) {
	l.node.net.mu.Lock()
	defer l.node.net.mu.Unlock()
	for len(l.queue) == 0 && l.err == nil {
		l.changed.Wait()
	}
	if l.err != nil {
		return nil, &net.OpError{Op: "accept", Net: "tcp", Addr: l.addr, Err: l.err}
	}
	c := l.queue[0]
	l.queue = l.queue[1:]
	return c, nil
}

// Close resets the connections that nobody has accepted.
func (l *listener) Close() error {
	l.node.net.mu.Lock()
	defer l.node.net.mu.Unlock()
	if l.err != nil {
		return &net.OpError{Op: "close", Net: "tcp", Addr: l.addr, Err: l.err}
	}
	l.close(net.ErrClosed)
	for _, c := range l.queue {
		c.reset()
		c.fail(net.ErrClosed)
	}
	return nil
}

func (l *listener) close(why error) {
	l.err = why
	delete(l.node.listeners, uint16(l.addr.Port))
	l.changed.Broadcast()
}

package mem

import (
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"
)

const (
	packetSize = 4 << 10
	window     = 4 << 20     // bytes that one end sends before the other reads them
	patience   = time.Minute // how long an end hears nothing before it gives up
)

// A conn is one end of a connection.
type conn struct {
	waiter
	net           *Network
	local, remote *net.TCPAddr
	path          path  // to the other end
	peer          *conn // the other end, once the other node has heard of this one

	connected bool  // the other node has answered
	closed    bool  // by the program at this end
	shut      bool  // this end sends no more
	ended     bool  // the other end sends no more
	err       error // the connection is broken
	silence   uint  // which silence of the other end lasts; 0: it can be heard

	in      [][]byte  // arrived and not yet read
	flight  []*packet // sent and not yet delivered, in order
	flying  int       // bytes in flight
	unread  int       // bytes sent that the other end has not read
	leaves  time.Duration
	writing bool // one Write at a time
}

func newConn(from, to *Node, local, remote netip.AddrPort) *conn {
	n := from.net
	c := &conn{
		waiter: waiter{changed: sync.NewCond(&n.mu)}, net: n,
		local: net.TCPAddrFromAddrPort(local), remote: net.TCPAddrFromAddrPort(remote),
		path: path{from: from, to: to, draw: n.draws("tcp", local, remote)},
	}
	from.conns[c] = true
	return c
}

func (c *conn) LocalAddr() net.Addr  { return c.local }
func (c *conn) RemoteAddr() net.Addr { return c.remote }

func (c *conn) Read(b []byte) (int, error) {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	for {
		switch {
		case c.closed:
			return 0, c.failure("read", net.ErrClosed)
		case c.read.over():
			return 0, c.failure("read", os.ErrDeadlineExceeded)
		case len(c.in) > 0:
			return c.take(b), nil
		case c.err != nil:
			return 0, c.failure("read", c.err)
		case c.ended:
			return 0, io.EOF
		case len(b) == 0:
			return 0, nil
		}
		c.changed.Wait()
	}
}

// take moves bytes that have arrived to their reader, which makes room for others.
func (c *conn) take(b []byte) int {
	n := copy(b, c.in[0])
	if c.in[0] = c.in[0][n:]; len(c.in[0]) == 0 {
		c.in = c.in[1:]
	}
	c.peer.unread -= n
	c.peer.changed.Broadcast()
	return n
}

// Write returns when the last packet stands in the line's queue.
func (c *conn) Write(b []byte) (int, error) {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	if err := c.await(func() bool { return !c.writing }); err != nil {
		return 0, err
	}
	c.writing = true
	defer func() {
		c.writing = false
		c.changed.Broadcast()
	}()
	sent := 0
	for sent < len(b) {
		if err := c.await(c.roomy); err != nil {
			return sent, err
		}
		data := append([]byte(nil), b[sent:min(len(b), sent+packetSize)]...)
		c.unread += len(data)
		c.send(len(data), func() { c.peer.receive(data) })
		sent += len(data)
	}
	return sent, nil
}

// await waits until a writer may go on, or may not write at all.
func (c *conn) await(ready func() bool) error {
	for {
		switch {
		case c.closed || c.shut:
			return c.failure("write", net.ErrClosed)
		case c.write.over():
			return c.failure("write", os.ErrDeadlineExceeded)
		case c.err != nil:
			return c.failure("write", c.err)
		case ready():
			return nil
		}
		c.changed.Wait()
	}
}

// roomy reports whether the packet before has left, so that connections take
// turns on a line, and the other end and its line keep up.
func (c *conn) roomy() bool {
	return c.leaves <= c.net.now() && c.unread < window && c.flying < c.path.fill()
}

// Close ends the connection; what was written still arrives.
func (c *conn) Close() error {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	if c.closed {
		return c.failure("close", net.ErrClosed)
	}
	c.shutdown()
	c.closed = true
	if len(c.in) > 0 {
		c.in = nil
		c.reset()
	}
	c.stop(&c.read, &c.write)
	c.changed.Broadcast()
	c.forget()
	return nil
}

// CloseWrite says to the other end that nothing more will come.
func (c *conn) CloseWrite() error {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	if c.closed || c.shut {
		return c.failure("close", net.ErrClosed)
	}
	c.shutdown()
	return nil
}

func (c *conn) shutdown() {
	if c.shut || c.err != nil {
		return
	}
	c.shut = true
	c.send(0, func() {
		c.peer.ended = true
		c.peer.changed.Broadcast()
	})
}

func (c *conn) failure(op string, err error) error {
	return &net.OpError{Op: op, Net: "tcp", Source: c.local, Addr: c.remote, Err: err}
}

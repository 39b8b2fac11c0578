package mem

import (
	"syscall"
	"time"
)

// A packet of a connection is delivered after those before it.
type packet struct {
	bytes   int
	first   time.Duration // sent for the first time
	arrived bool
	deliver func()
}

// send puts a packet on its way.
func (c *conn) send(bytes int, deliver func()) {
	p := &packet{bytes: bytes, first: c.net.now(), deliver: deliver}
	if len(c.flight) == 0 {
		c.path.to.arriving++
	}
	c.flight = append(c.flight, p)
	c.flying += bytes
	c.transmit(p)
}

// transmit sends a packet until it arrives or patience ends.
func (c *conn) transmit(p *packet) {
	if c.err != nil {
		return
	}
	reset := c.path.chance(c.path.from.line.Reset) || c.path.chance(c.path.to.line.Reset)
	c.leaves = c.path.carry(p.bytes, func(arrived bool) {
		switch {
		case c.err != nil:
		case reset:
			c.fail(syscall.ECONNRESET)
			c.reset()
		case arrived:
			p.arrived = true
			c.settle()
		case c.net.now()-p.first >= patience:
			c.fail(syscall.ETIMEDOUT)
		default:
			c.net.at(c.net.now()+c.path.again(), func() { c.transmit(p) })
		}
	})
	if c.leaves > c.net.now() {
		c.net.at(c.leaves, c.changed.Broadcast)
	}
}

// settle delivers what has arrived and waits for nothing before it.
func (c *conn) settle() {
	for len(c.flight) > 0 && c.flight[0].arrived {
		p := c.flight[0]
		c.land(1)
		p.deliver()
	}
	c.changed.Broadcast()
	c.forget()
}

// land takes the first packets out of the air.
func (c *conn) land(packets int) {
	for _, p := range c.flight[:packets] {
		c.flying -= p.bytes
	}
	c.flight = c.flight[packets:]
	if packets > 0 && len(c.flight) == 0 {
		c.path.to.arriving--
	}
}

// receive is called at the other end. Who sends to an end that is gone hears so.
func (c *conn) receive(data []byte) {
	if c.closed || c.err != nil {
		c.reset()
		return
	}
	c.in = append(c.in, data)
	c.changed.Broadcast()
}

// reset tells the other end that this one is gone.
func (c *conn) reset() {
	if peer := c.peer; peer != nil {
		c.net.at(c.net.now()+c.path.travel(), func() { peer.fail(syscall.ECONNRESET) })
	}
}

// fail breaks this end. What was not read is lost, as in TCP.
func (c *conn) fail(err error) {
	if c.err != nil {
		return
	}
	c.err, c.in = err, nil
	c.land(len(c.flight))
	c.changed.Broadcast()
	c.forget()
	if c.peer != nil {
		c.peer.hear()
	}
}

// hear is called when the other end may have fallen silent, or be back. An end
// that hears nothing for long breaks.
func (c *conn) hear() {
	switch {
	case c.err != nil:
	case c.path.open() && (c.peer == nil || c.peer.err == nil):
		c.silence = 0
	case c.silence == 0:
		c.net.silences++
		this := c.net.silences
		c.silence = this
		c.net.at(c.net.now()+patience, func() {
			if c.silence == this {
				c.fail(syscall.ETIMEDOUT)
			}
		})
	}
}

// forget takes a connection that has nothing more to do off its node.
func (c *conn) forget() {
	if c.err != nil || c.closed && len(c.flight) == 0 {
		delete(c.path.from.conns, c)
	}
}

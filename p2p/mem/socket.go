package mem

import (
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
)

const (
	maxDatagram = 65507   // bytes, as in UDP over IPv4
	maxWaiting  = 1 << 20 // bytes of datagrams that nobody has read; what comes on top is dropped
)

// A socket sends and receives datagrams.
type socket struct {
	waiter
	node  *Node
	addr  *net.UDPAddr
	in    []datagram
	bytes int
	err   error // it is closed: why
	paths map[netip.AddrPort]*path
}

type datagram struct {
	from *net.UDPAddr
	data []byte
}

// ListenPacket sends and receives datagrams at ":port"; ":0" takes a free port.
func (d *Node) ListenPacket(network, address string) (net.PacketConn, error) {
	d.net.mu.Lock()
	defer d.net.mu.Unlock()
	local, err := d.bind(address)
	if err == nil && d.sockets[local.Port()] != nil {
		err = syscall.EADDRINUSE
	}
	if err != nil {
		return nil, &net.OpError{Op: "listen", Net: network, Err: err}
	}
	s := &socket{
		waiter: waiter{changed: sync.NewCond(&d.net.mu)}, node: d,
		addr: net.UDPAddrFromAddrPort(local), paths: map[netip.AddrPort]*path{},
	}
	d.sockets[local.Port()] = s
	return s, nil
}

func (s *socket) LocalAddr() net.Addr { return s.addr }

// ReadFrom waits for a datagram; of one that is longer than b, the rest is lost.
func (s *socket) ReadFrom(b []byte) (int, net.Addr, error) {
	s.node.net.mu.Lock()
	defer s.node.net.mu.Unlock()
	for {
		switch {
		case s.err != nil:
			return 0, nil, s.failure("read", s.err)
		case s.read.over():
			return 0, nil, s.failure("read", os.ErrDeadlineExceeded)
		case len(s.in) > 0:
			first := s.in[0]
			s.in = s.in[1:]
			s.bytes -= len(first.data)
			return copy(b, first.data), first.from, nil
		}
		s.changed.Wait()
	}
}

// WriteTo never waits. Nobody tells a sender that a datagram did not arrive.
func (s *socket) WriteTo(b []byte, addr net.Addr) (int, error) {
	s.node.net.mu.Lock()
	defer s.node.net.mu.Unlock()
	to, remote, err := s.node.find(addr.String())
	switch {
	case s.err != nil:
		return 0, s.failure("write", s.err)
	case s.write.over():
		return 0, s.failure("write", os.ErrDeadlineExceeded)
	case len(b) > maxDatagram:
		return 0, s.failure("write", syscall.EMSGSIZE)
	case err != nil:
		return 0, s.failure("write", err)
	}
	packet := datagram{s.addr, append([]byte(nil), b...)}
	s.path(to, remote).carry(len(b), func(arrived bool) {
		if arrived {
			to.receive(remote.Port(), packet)
		}
	})
	return len(b), nil
}

func (s *socket) path(to *Node, remote netip.AddrPort) *path {
	if s.paths[remote] == nil {
		s.paths[remote] = &path{
			from: s.node, to: to, drops: true,
			draw: s.node.net.draws("udp", s.addr, remote),
		}
	}
	return s.paths[remote]
}

func (d *Node) receive(port uint16, packet datagram) {
	s := d.sockets[port]
	if s == nil || s.bytes+len(packet.data) > maxWaiting {
		return
	}
	s.in = append(s.in, packet)
	s.bytes += len(packet.data)
	s.changed.Broadcast()
}

func (s *socket) Close() error {
	s.node.net.mu.Lock()
	defer s.node.net.mu.Unlock()
	if s.err != nil {
		return s.failure("close", s.err)
	}
	s.close(net.ErrClosed)
	return nil
}

func (s *socket) close(why error) {
	s.err = why
	s.stop(&s.read, &s.write)
	delete(s.node.sockets, uint16(s.addr.Port))
	s.changed.Broadcast()
}

func (s *socket) failure(op string, err error) error {
	return &net.OpError{Op: op, Net: "udp", Source: s.addr, Err: err}
}

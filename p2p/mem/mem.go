// Package mem is a bad network in memory: nodes with addresses, lines with delay,
// jitter, bandwidth and loss, partitions, and nodes that go and come back. It is
// for tests and simulations of many peers. A node dials and listens as package
// net does, so net/http and other protocols run over it unchanged:
//
//	func TestSlowPeers(t *testing.T) {
//		synctest.Test(t, func(t *testing.T) { // virtual time: hours pass in milliseconds
//			network := mem.New(7) // all chance comes from this seed
//			defer network.Close()
//			slow := mem.Line{Delay: 100 * time.Millisecond, Up: 1e6, Down: 20e6, Loss: 0.01}
//			server, peer := network.Node("server", mem.Line{}), network.Node("peer", slow)
//			listener, _ := server.Listen("tcp", ":80")
//			go http.Serve(listener, handler)
//			client := http.Client{Transport: &http.Transport{DialContext: peer.DialContext}}
//			client.Get("http://server/")
//		})
//	}
//
// # Time
//
// The network takes time from package time only. In a bubble of testing/synctest
// time is virtual: it advances when every goroutine of the bubble waits. The
// timeouts of the code under test are virtual too, and it needs no injected clock.
// Outside of a bubble the same network runs in real time. Computing takes no
// virtual time; a simulation sleeps for as long as the computing should take.
//
// Two things stop a bubble's clock. First, a goroutine that waits for a
// sync.Mutex does not count as waiting. Code that holds a mutex while it writes
// to a slow connection hangs if another goroutine wants that mutex; net/http's
// client does so with HTTP/2, and does not with HTTP/1. Second, a goroutine that
// waits for something outside the bubble holds the clock until it has happened.
//
// # What a packet meets
//
// A packet is a datagram, or up to 4 KiB of a connection. It waits for the
// sender's Up, travels for the Delay and Jitter of both nodes, and waits for the
// receiver's Down. All connections of a node share its line and take turns, one
// packet each. Headers and acknowledgements cost nothing, and a connection uses
// its part of the lines at once: there is no slow start and no congestion.
//
// A lost datagram is gone, and datagrams may overtake each other. A lost packet
// of a connection is sent again, and those behind it wait, as in TCP. After one
// minute without success the connection breaks. It also breaks when the other
// node is down or behind a partition for a minute, even if nothing is sent. A
// node that was down has forgotten its connections, and resets one when it gets
// a packet of it.
//
// # What a seed decides
//
// Every connection and every pair of datagram addresses draws from a source of
// its own, made of the seed and both addresses. Packets that arrive at one
// virtual instant do so in the order in which they were sent. So a run repeats
// itself as far as the programs on the nodes do. The scheduler still decides
// which of two goroutines comes first if both write to one connection, share one
// line, or dial from one node, at the same instant.
package mem

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"time"
)

// A Network connects nodes. One lock guards all of it: what waits, waits for a
// condition under this lock, since waiting for a mutex would stop virtual time.
type Network struct {
	mu    sync.Mutex
	seed  uint64
	start time.Time
	names map[string]*Node
	nodes []*Node       // by address: node i has 10.0.0.0 + i + 1
	sides map[*Node]int // of a partition

	silences uint // of connections, so far
	events   events
	timer    *time.Timer // rings when the first event is due
}

// New makes a network without nodes, whose chances all follow from the seed.
func New(seed uint64) *Network {
	n := &Network{seed: seed, start: time.Now(), names: map[string]*Node{}}
	n.timer = time.AfterFunc(time.Hour, n.ring)
	n.timer.Stop()
	return n
}

// A Node is a machine on the network. It starts up. Its address is reachable
// under its name too.
type Node struct {
	net       *Network
	name      string
	ip        netip.Addr
	line      Line
	up, down  queue
	off       bool
	arriving  int    // connections with packets on their way to this node
	ports     uint16 // given to connections that it dials, and to ":0"
	listeners map[uint16]*listener
	sockets   map[uint16]*socket
	conns     map[*conn]bool
}

// Node adds a node. It panics if the name is taken.
func (n *Network) Node(name string, line Line) *Node {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.names[name] != nil {
		panic(fmt.Sprintf("mem: there is a node %q already", name))
	}
	i := len(n.nodes) + 1
	d := &Node{
		net: n, name: name, line: line, ip: netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}),
		up: queue{rate: line.Up}, down: queue{rate: line.Down},
		listeners: map[uint16]*listener{}, sockets: map[uint16]*socket{}, conns: map[*conn]bool{},
	}
	n.names[name] = d
	n.nodes = append(n.nodes, d)
	return d
}

// Addr is the node's address.
func (d *Node) Addr() netip.Addr { return d.ip }

// find resolves "name:port" or "address:port"; no host means the node itself.
func (d *Node) find(address string) (*Node, netip.AddrPort, error) {
	host, service, err := net.SplitHostPort(address)
	if err != nil {
		return nil, netip.AddrPort{}, err
	}
	port, err := strconv.ParseUint(service, 10, 16)
	if err != nil {
		return nil, netip.AddrPort{}, err
	}
	found := d.net.names[host]
	if ip, err := netip.ParseAddr(host); err == nil {
		found = d.net.byAddr(ip)
	}
	if host == "" || host == "0.0.0.0" {
		found = d
	}
	if found == nil {
		return nil, netip.AddrPort{}, &net.DNSError{Err: "no such node", Name: host, IsNotFound: true}
	}
	return found, netip.AddrPortFrom(found.ip, uint16(port)), nil
}

func (n *Network) byAddr(ip netip.Addr) *Node {
	if !ip.Is4() {
		return nil
	}
	b := ip.As4()
	i := int(b[1])<<16 | int(b[2])<<8 | int(b[3])
	if b[0] != 10 || i < 1 || i > len(n.nodes) {
		return nil
	}
	return n.nodes[i-1]
}

// draws is a source of chance for one purpose.
func (n *Network) draws(purpose ...any) *rand.Rand {
	h := fnv.New64a()
	fmt.Fprint(h, purpose...)
	return rand.New(rand.NewPCG(n.seed, h.Sum64()))
}

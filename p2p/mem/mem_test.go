package mem_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/nettest"

	"github.com/minga-network/minga/p2p/mem"
)

// newNetwork makes a network that ends with the test.
func newNetwork(t *testing.T, seed uint64) *mem.Network {
	network := mem.New(seed)
	t.Cleanup(network.Close)
	return network
}

// serve answers every connection to the node with f until the test ends.
func serve(t *testing.T, node *mem.Node, address string, f func(net.Conn)) {
	t.Helper()
	listener, err := node.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				f(c)
			}()
		}
	}()
}

// dial connects to another node.
func dial(t *testing.T, node *mem.Node, address string) net.Conn {
	t.Helper()
	c, err := node.DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// took fails if something did not take as long as it should, but for a part.
func took(t *testing.T, what string, start time.Time, want time.Duration, tolerance float64) {
	t.Helper()
	got := time.Since(start)
	if diff := (got - want).Abs(); diff.Seconds() > want.Seconds()*tolerance {
		t.Errorf("%s took %v of virtual time, want %v", what, got, want)
	}
}

func TestHTTPTakesTheTimeThatTheLineGives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := newNetwork(t, 1)
		server := network.Node("server", mem.Line{Delay: 100 * time.Millisecond, Up: 1e6})
		peer := network.Node("peer", mem.Line{Delay: 100 * time.Millisecond})
		body := bytes.Repeat([]byte("minga"), 200_000)
		listener, err := server.Listen("tcp", ":80")
		if err != nil {
			t.Fatal(err)
		}
		site := http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write(body) })}
		go site.Serve(listener)
		defer site.Close()
		transport := &http.Transport{DialContext: peer.DialContext}
		defer transport.CloseIdleConnections()
		get := func() {
			answer, err := (&http.Client{Transport: transport}).Get("http://server/")
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			if got, err := io.ReadAll(answer.Body); err != nil || !bytes.Equal(got, body) {
				t.Fatalf("got %d bytes and error %v", len(got), err)
			}
		}
		// 1 MB at 1 Mbit/s is 8 s; a way is 200 ms, to connect takes two, to ask two.
		start := time.Now()
		get()
		took(t, "the first request", start, 8800*time.Millisecond, 0.005)
		start = time.Now()
		get()
		took(t, "the second request", start, 8400*time.Millisecond, 0.005)
	})
}

// transfer sends bytes from one node to another and waits until all are there.
func transfer(t *testing.T, from, to *mem.Node, port, size int) {
	done := make(chan error, 1)
	address := fmt.Sprintf("%v:%d", to.Addr(), port)
	serve(t, to, address, func(c net.Conn) {
		n, err := io.Copy(io.Discard, c)
		if err == nil && n != int64(size) {
			err = fmt.Errorf("%d bytes arrived, not %d", n, size)
		}
		done <- err
	})
	c := dial(t, from, address)
	if _, err := c.Write(make([]byte, size)); err != nil {
		t.Error(err)
	}
	c.Close()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestConnectionsShareALine(t *testing.T) {
	fast, slow := mem.Line{Delay: 20 * time.Millisecond}, mem.Line{Delay: 20 * time.Millisecond, Up: 8e6, Down: 8e6}
	for _, test := range []struct {
		name           string
		center, others mem.Line
		send           bool
		want           time.Duration // for 10 transfers of 1 MB
	}{
		{"one sends", slow, fast, true, 10120 * time.Millisecond},
		{"one receives", slow, fast, false, 10120 * time.Millisecond},
		{"the others are slow", fast, slow, false, 1120 * time.Millisecond},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				network, all, start := newNetwork(t, 1), sync.WaitGroup{}, time.Now()
				center := network.Node("center", test.center)
				for i := range 10 {
					from, to := network.Node(fmt.Sprint("other", i), test.others), center
					if test.send {
						from, to = to, from
					}
					all.Go(func() {
						transfer(t, from, to, 1000+i, 1e6)
						took(t, "a transfer", start, test.want, 0.05)
					})
				}
				all.Wait()
			})
		})
	}
}

// TestSmallMessagesPassBulk asks for an answer beside 20 transfers to one node.
func TestSmallMessagesPassBulk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network, all := newNetwork(t, 1), sync.WaitGroup{}
		center := network.Node("center", mem.Line{Up: 20e6, Down: 20e6, Delay: 20 * time.Millisecond})
		for i := range 20 {
			other := network.Node(fmt.Sprint("other", i), mem.Line{Delay: 30 * time.Millisecond})
			all.Go(func() { transfer(t, other, center, 1000+i, 1e6) })
		}
		serve(t, center, ":7", func(c net.Conn) { io.Copy(c, c) })
		c := dial(t, network.Node("asks", mem.Line{}), "center:7")
		start := time.Now()
		io.WriteString(c, "x")
		io.ReadFull(c, make([]byte, 1))
		if waited := time.Since(start); waited > time.Second {
			t.Errorf("one byte was under way for %v beside 20 transfers", waited)
		}
		all.Wait()
	})
}

func TestConnectionsSurviveLoss(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := newNetwork(t, 1)
		lossy := mem.Line{Delay: 20 * time.Millisecond, Jitter: 10 * time.Millisecond, Loss: 0.05}
		a, b := network.Node("a", lossy), network.Node("b", lossy)
		sent := bytes.Repeat([]byte("some words in order, "), 50_000)
		serve(t, a, ":80", func(c net.Conn) { c.Write(sent) })
		got, err := io.ReadAll(dial(t, b, "a:80"))
		if err != nil || !bytes.Equal(got, sent) {
			t.Errorf("%d of %d bytes arrived in order, error %v", len(got), len(sent), err)
		}
	})
}

func TestALineThatLosesAllBreaksConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network, start := newNetwork(t, 1), time.Now()
		a := network.Node("a", mem.Line{Loss: 1})
		network.Node("b", mem.Line{})
		_, err := a.DialContext(t.Context(), "tcp", "b:80")
		if !errors.Is(err, syscall.ETIMEDOUT) {
			t.Errorf("dialling gives %v", err)
		}
		took(t, "giving up", start, time.Minute, 0.01)
	})
}

func TestResetBreaksBothEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := newNetwork(t, 1)
		a, b := network.Node("a", mem.Line{Reset: 0.2}), network.Node("b", mem.Line{})
		ends := make(chan error, 1)
		serve(t, a, ":80", func(c net.Conn) {
			_, err := io.Copy(io.Discard, c)
			ends <- err
		})
		c := dial(t, b, "a:80")
		var err error
		for err == nil {
			_, err = c.Write([]byte("again"))
			time.Sleep(time.Second)
		}
		if other := <-ends; !errors.Is(err, syscall.ECONNRESET) || !errors.Is(other, syscall.ECONNRESET) {
			t.Errorf("one end says %v, the other %v", err, other)
		}
	})
}

// delays sends datagrams and says when each arrived, in order of arrival.
func delays(t *testing.T, seed uint64, line mem.Line, count int) (log []string) {
	synctest.Test(t, func(t *testing.T) {
		network := newNetwork(t, seed)
		a, b := network.Node("a", line), network.Node("b", line)
		from, _ := a.ListenPacket("udp", ":9")
		to, err := b.ListenPacket("udp", ":9")
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		for i := range count {
			if _, err := from.WriteTo(fmt.Append(nil, i), to.LocalAddr()); err != nil {
				t.Fatal(err)
			}
		}
		to.SetReadDeadline(time.Now().Add(time.Minute))
		for buffer := make([]byte, 10); ; {
			n, _, err := to.ReadFrom(buffer)
			if err != nil {
				break
			}
			log = append(log, fmt.Sprintf("%s after %v", buffer[:n], time.Since(start)))
		}
		from.Close()
		to.Close()
	})
	return log
}

func TestASeedRepeatsLossAndJitter(t *testing.T) {
	line := mem.Line{Delay: 10 * time.Millisecond, Jitter: 5 * time.Millisecond, Loss: 0.1}
	first, again, other := delays(t, 1, line, 1000), delays(t, 1, line, 1000), delays(t, 2, line, 1000)
	if !slices.Equal(first, again) {
		t.Error("one seed gives two different runs")
	}
	if slices.Equal(first, other) {
		t.Error("two seeds give one run")
	}
	if n := len(first); n < 760 || n > 860 { // both lines lose a tenth: 810 arrive
		t.Errorf("%d of 1000 datagrams arrived", n)
	}
	if ordered := slices.IsSortedFunc(first, strings.Compare); ordered {
		t.Error("no datagram overtook another")
	}
}

func TestAFullLineDropsDatagrams(t *testing.T) {
	// 4 bytes of a datagram at 320 bit/s take 100 ms, and a queue holds one second.
	arrived := delays(t, 1, mem.Line{Up: 320}, 1000)
	if n := len(arrived); n < 10 || n > 50 {
		t.Errorf("%d datagrams passed a line that holds a second", n)
	}
}

func TestPartitions(t *testing.T) {
	for _, test := range []struct {
		lasts  time.Duration
		breaks bool
	}{
		{30 * time.Second, false},
		{2 * time.Minute, true},
	} {
		t.Run(test.lasts.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				network := newNetwork(t, 1)
				a, b, c := network.Node("a", mem.Line{}), network.Node("b", mem.Line{}), network.Node("c", mem.Line{})
				serve(t, a, ":7", func(c net.Conn) { io.Copy(c, c) })
				over, beside, idle := dial(t, b, "a:7"), dial(t, c, "a:7"), dial(t, b, "a:7")
				network.Partition([]*mem.Node{a, c}, []*mem.Node{b})
				time.AfterFunc(test.lasts, network.Heal)
				start := time.Now()
				echo := func(c net.Conn) error {
					io.WriteString(c, "x")
					_, err := io.ReadFull(c, make([]byte, 1))
					return err
				}
				if err := echo(beside); err != nil || time.Since(start) > 0 {
					t.Errorf("on one side: %v after %v", err, time.Since(start))
				}
				if err := echo(over); errors.Is(err, syscall.ETIMEDOUT) != test.breaks {
					t.Errorf("from one side to the other: %v", err)
				}
				took(t, "the word across", start, min(test.lasts, time.Minute), 0.02)
				time.Sleep(test.lasts)
				if err := echo(idle); (err != nil) != test.breaks {
					t.Errorf("what sent nothing meanwhile: %v", err)
				}
			})
		})
	}
}

func TestANodeThatGoesIsMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network, line := newNetwork(t, 1), mem.Line{Delay: 50 * time.Millisecond}
		a, b := network.Node("a", line), network.Node("b", line)
		gone := make(chan error, 2)
		hold := func(c net.Conn) {
			_, err := io.Copy(io.Discard, c)
			gone <- err
		}
		serve(t, a, ":7", hold)
		speaks, listens := dial(t, b, "a:7"), dial(t, b, "a:7")
		a.Down()
		if err := <-gone; !errors.Is(err, syscall.ENETDOWN) {
			t.Errorf("at the node itself: %v", err)
		}
		soon, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := b.DialContext(soon, "tcp", "a:7"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("dialling a node that is down: %v", err)
		}
		a.Up()
		if _, err := b.DialContext(t.Context(), "tcp", "a:7"); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("dialling where nobody listens any more: %v", err)
		}
		serve(t, a, ":7", hold)
		start := time.Now()
		speaks.Write([]byte("are you there?"))
		if _, err := speaks.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("who speaks to a node that forgot: %v", err)
		}
		took(t, "the answer of a node that forgot", start, 200*time.Millisecond, 0)
		if _, err := listens.Read(make([]byte, 1)); !errors.Is(err, syscall.ETIMEDOUT) {
			t.Errorf("who only listens: %v", err)
		}
		dial(t, b, "a:7").Close()
	})
}

func TestChurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := newNetwork(t, 1)
		node, other := network.Node("node", mem.Line{}), network.Node("other", mem.Line{})
		day, end := context.WithTimeout(t.Context(), 1000*time.Hour)
		defer end()
		sessions, up := 0, time.Duration(0)
		node.Churn(day, 3*time.Hour, time.Hour, func(ctx context.Context) {
			sessions++
			start := time.Now()
			serve(t, node, ":7", func(net.Conn) {})
			if _, err := other.DialContext(ctx, "tcp", "node:7"); err != nil {
				t.Error(err)
			}
			<-ctx.Done()
			up += time.Since(start)
		})
		if sessions < 200 || sessions > 300 || up < 700*time.Hour || up > 800*time.Hour {
			t.Errorf("in 1000 hours it was there %d times and %v, want about 250 times and 750 h", sessions, up)
		}
	})
}

// TestThousandNodes spreads a word: whoever hears it first tells ten others.
func TestThousandNodes(t *testing.T) {
	const nodes = 1000
	synctest.Test(t, func(t *testing.T) {
		network, heard, all := newNetwork(t, 1), make(chan int, nodes), sync.WaitGroup{}
		var sockets []net.PacketConn
		for i := range nodes {
			line := mem.Line{Delay: time.Duration(i%100) * time.Millisecond, Up: 1e6, Down: 1e6, Loss: 0.05}
			socket, err := network.Node(fmt.Sprint("node", i), line).ListenPacket("udp", ":9")
			if err != nil {
				t.Fatal(err)
			}
			sockets = append(sockets, socket)
		}
		for i, socket := range sockets {
			all.Go(func() {
				word := make([]byte, 1000)
				if _, _, err := socket.ReadFrom(word); err != nil {
					return
				}
				heard <- i
				for k := range 10 {
					socket.WriteTo(word, sockets[(i*37+k*101+1)%nodes].LocalAddr())
				}
			})
		}
		start := time.Now()
		sockets[nodes-1].WriteTo(make([]byte, 1000), sockets[0].LocalAddr())
		time.Sleep(time.Minute)
		if len(heard) < nodes*99/100 {
			t.Errorf("only %d nodes heard", len(heard))
		}
		if time.Since(start) != time.Minute {
			t.Error("time is not virtual")
		}
		for _, socket := range sockets {
			socket.Close()
		}
		all.Wait()
	})
}

func TestRefusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := newNetwork(t, 1)
		a, b := network.Node("a", mem.Line{}), network.Node("b", mem.Line{})
		serve(t, a, ":80", func(net.Conn) {})
		off := network.Node("off", mem.Line{})
		off.Down()
		call := func(from *mem.Node, address string) error {
			_, err := from.DialContext(t.Context(), "tcp", address)
			return err
		}
		listen := func(at *mem.Node, address string) error {
			_, err := at.Listen("tcp", address)
			return err
		}
		var unknown *net.DNSError
		for _, test := range []struct {
			name string
			err  error
			want error
		}{
			{"nobody listens", call(b, "a:81"), syscall.ECONNREFUSED},
			{"this node is down", call(off, "a:80"), syscall.ENETDOWN},
			{"a port twice", listen(a, ":80"), syscall.EADDRINUSE},
			{"another's address", listen(b, "a:80"), syscall.EADDRNOTAVAIL},
			{"to listen while down", listen(off, ":80"), syscall.ENETDOWN},
		} {
			if !errors.Is(test.err, test.want) {
				t.Errorf("%s: got %v, want %v", test.name, test.err, test.want)
			}
		}
		for _, address := range []string{"c:80", "10.0.0.4:80", "10.0.0.0:80", "192.168.0.1:80", "[::1]:80"} {
			if err := call(b, address); !errors.As(err, &unknown) {
				t.Errorf("%s: got %v, want that there is no such node", address, err)
			}
		}
	})
}

// TestConnectionsAreNetConns runs the checks that x/net has for every net.Conn,
// in real time.
func TestConnectionsAreNetConns(t *testing.T) {
	nettest.TestConn(t, func() (c1, c2 net.Conn, stop func(), err error) {
		network := mem.New(1)
		a, b := network.Node("a", mem.Line{}), network.Node("b", mem.Line{})
		listener, err := a.Listen("tcp", ":0")
		if err != nil {
			return nil, nil, nil, err
		}
		c1, err = b.DialContext(t.Context(), "tcp", listener.Addr().String())
		if err != nil {
			return nil, nil, nil, err
		}
		c2, err = listener.Accept()
		return c1, c2, network.Close, err
	})
}

package mem_test

import (
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/minga-network/minga/p2p/mem"
)

// In a test this would stand in a synctest bubble, and take no real time.
func Example() {
	network := mem.New(7)
	defer network.Close()
	server := network.Node("server", mem.Line{Delay: 20 * time.Millisecond})
	peer := network.Node("peer", mem.Line{Delay: 5 * time.Millisecond, Down: 10e6})

	listener, err := server.Listen("tcp", ":80")
	if err != nil {
		fmt.Println(err)
		return
	}
	go http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "hello, peer")
	}))

	client := http.Client{Transport: &http.Transport{DialContext: peer.DialContext}}
	start := time.Now()
	answer, err := client.Get("http://server/")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer answer.Body.Close()
	words, err := io.ReadAll(answer.Body)
	fmt.Println(string(words), err, time.Since(start) >= 100*time.Millisecond)
	// Output: hello, peer <nil> true
}

package kernel_test

import (
	"fmt"

	"github.com/minga-network/minga/kernel"
)

// Every implementation that this machine can run gives the same bits, with any
// number of threads.
func Example() {
	x := []float32{1, 2, 3, 4, 5, 6} // (2,3)
	w := []float32{0.1, 0.2, 0.3, 0.4, 0.5, 0.6}
	same := true
	var first [4]float32
	for i, name := range kernel.Names() {
		b, err := kernel.New(name, 1+i)
		if err != nil {
			fmt.Println(err)
			return
		}
		var c [4]float32 // (2,2)
		b.MatMul(c[:], x, w, 2, 2, 3)
		if i == 0 {
			first = c
		}
		same = same && c == first
	}
	fmt.Println(first, same)
	// Output: [2.2 2.8000002 4.9 6.4] true
}

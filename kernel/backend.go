package kernel

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
)

// A Backend is one implementation of all operators, with the number of threads
// and the buffers it works in. It is used by one goroutine at a time.
type Backend struct {
	name      string
	threads   int
	reference bool        // the slow definition of every operator
	micro     *micro      // the register tile of the products
	scratch   [][]float32 // one growing buffer for each thread
	pool      *threadPool // from the first operator on that is worth it
	cut       split       // the product at work

	takePieces func(worker, lo, hi int) // fillPieces, made once
}

// New returns a backend by name, or this machine's fastest for "". An unknown
// or unsupported name is an error that lists what runs here. At least one
// thread is used; more do not change a result.
func New(name string, threads int) (*Backend, error) {
	names := Names()
	if name == "" {
		name = names[0]
	}
	if !slices.Contains(names, name) {
		return nil, fmt.Errorf("kernel %q does not run on this machine: choose one of %s", name, strings.Join(names, ", "))
	}
	threads = max(threads, 1)
	b := &Backend{
		name:      name,
		threads:   threads,
		reference: name == "reference",
		micro:     micros()[name],
		scratch:   make([][]float32, threads),
	}
	b.cut.taken = make([]atomic.Bool, threads*morePieces)
	b.takePieces = b.fillPieces
	return b, nil
}

// Names lists the backends that run on this machine, best first.
func Names() []string {
	var names []string
	for _, name := range []string{"avx512", "avx2", "portable"} {
		if micros()[name] != nil {
			names = append(names, name)
		}
	}
	return append(names, "reference")
}

// Name is the name of the implementation, one of Names.
func (b *Backend) Name() string { return b.name }

// Threads is the number of threads that an operator may use.
func (b *Backend) Threads() int { return b.threads }

// parallel calls f on consecutive ranges that cover [0, n), at most one for
// each thread and none shorter than grain while another exists. n counts
// output elements or rows, so that no fold is ever split. The worker, from 0,
// says whose buffer f may use.
func (b *Backend) parallel(n, grain int, f func(worker, lo, hi int)) {
	parts := min(b.threads, n/max(grain, 1))
	if parts <= 1 {
		f(0, 0, n)
		return
	}
	if b.pool == nil {
		b.pool = newThreadPool(b.threads)
		runtime.AddCleanup(b, (*threadPool).close, b.pool)
	}
	b.pool.run(n, parts, f)
}

// buffer is n floats of a thread's scratch, with whatever was in them.
func (b *Backend) buffer(worker, n int) []float32 {
	if len(b.scratch[worker]) < n {
		b.scratch[worker] = make([]float32, n)
	}
	return b.scratch[worker][:n]
}

package kernel

import (
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestNewNamesWhatRunsHere(t *testing.T) {
	best := backend(t, "", 0)
	if best.Name() != Names()[0] || best.Threads() != 1 {
		t.Fatalf("New(\"\", 0) is %s with %d threads", best.Name(), best.Threads())
	}
	_, err := New("abacus", 1)
	if err == nil || !strings.Contains(err.Error(), strings.Join(Names(), ", ")) {
		t.Fatalf("error %v does not list %v", err, Names())
	}
}

func TestParallelCoversEachElementOnce(t *testing.T) {
	for threads := 1; threads <= 5; threads++ {
		b := backend(t, "portable", threads)
		for _, n := range []int{0, 1, 2, 7, 100} {
			for _, grain := range []int{0, 1, 3, 60} {
				seen, calls := make([]atomic.Int32, n), atomic.Int32{}
				b.parallel(n, grain, func(_, lo, hi int) {
					calls.Add(1)
					for i := lo; i < hi; i++ {
						seen[i].Add(1)
					}
				})
				for i := range seen {
					if seen[i].Load() != 1 {
						t.Fatalf("n %d grain %d threads %d: element %d seen %d times", n, grain, threads, i, seen[i].Load())
					}
				}
				if most := max(1, min(threads, n/max(grain, 1))); int(calls.Load()) > most {
					t.Fatalf("n %d grain %d threads %d: %d calls", n, grain, threads, calls.Load())
				}
			}
		}
	}
}

// TestBuffersAreKept allows one closure for a piece of work, and no buffers.
func TestBuffersAreKept(t *testing.T) {
	const rows, count, hd = 64, 2, 32
	x := make([]float32, 4*rows*rows*count*hd)
	at := func(i int) []float32 { return x[i*len(x)/16:] }
	b := backend(t, "", 1)
	for name, f := range map[string]func(){
		"MatMul":    func() { b.MatMul(at(0), at(1), at(2), rows, rows, rows) },
		"MatMulNT":  func() { b.MatMulNT(at(0), at(1), at(2), 1, rows, rows) },
		"Attention": func() { b.Attention(at(0), at(1), at(2), at(3), at(4), at(5), at(6), 1, rows, count, hd) },
		"AttentionStep": func() {
			b.AttentionStep(at(0), at(1), at(2), at(3), rows-1, count, hd)
		},
		"AttentionGrad": func() {
			b.AttentionGrad(at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7), at(8), at(9), at(10), 1, rows, count, hd)
		},
	} {
		if allocs := testing.AllocsPerRun(20, f); allocs > 1 {
			t.Errorf("%s allocates %v times", name, allocs)
		}
	}
}

// TestHelpersComeAndGo runs many short tasks one after the other, so that
// helpers are found looking out, asleep and late, then lets the Backend go.
func TestHelpersComeAndGo(t *testing.T) {
	before := runtime.NumGoroutine()
	func() {
		b := backend(t, "portable", 4)
		var sum atomic.Int64
		const tasks, n = 3000, 8
		for task := range tasks {
			if task%100 == 0 {
				time.Sleep(time.Millisecond) // long enough to fall asleep
			}
			seen := sum.Load()
			b.parallel(n, 1, func(worker, lo, hi int) { sum.Add(int64(len(b.buffer(worker, hi-lo)))) })
			if got := sum.Load() - seen; got != n {
				t.Fatalf("task %d: %d elements when it returned, want %d", task, got, n)
			}
		}
	}()
	for range 1000 {
		runtime.GC()
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("%d goroutines before the Backend, %d after", before, runtime.NumGoroutine())
}

// TestPanicLeavesNobodyBehind: a task that panics in the caller is over when the
// panic is caught.
func TestPanicLeavesNobodyBehind(t *testing.T) {
	b := backend(t, "portable", 2)
	for range 200 {
		var helped atomic.Int32
		func() {
			defer func() { _ = recover() }()
			b.parallel(2, 1, func(worker, lo, _ int) {
				if worker == 0 {
					panic("on purpose")
				}
				helped.Add(1)
			})
		}()
		if helped.Load() == 0 {
			t.Fatal("the other part is not done")
		}
		var sum atomic.Int32
		b.parallel(10, 1, func(_, lo, hi int) { sum.Add(int32(hi - lo)) })
		if sum.Load() != 10 {
			t.Fatalf("the next task did %d of 10", sum.Load())
		}
	}
}

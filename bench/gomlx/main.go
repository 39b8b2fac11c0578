// Command gomlx compares the products of package kernel with those of GoMLX's
// backend in pure Go, "go" or SimpleGo: rounds of both alternate, and the ratio
// is the median of the rounds' ratios, so that a busy machine takes from both
// alike. Ours is the machine's fastest kernel, which may be assembly.
//
//	cd bench/gomlx && go run .
package main

import (
	"flag"
	"fmt"
	"log"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/minga-network/minga/kernel"
)

// A shape is c (m,n) = x (m,k) · w (k,n).
type shape struct{ m, n, k int }

func (s shape) String() string { return fmt.Sprintf("%d x %d x %d", s.m, s.n, s.k) }

var shapes = []shape{{512, 512, 512}, {1024, 128, 128}, {1024, 344, 128}, {1024, 1024, 128}}

func main() {
	rounds := flag.Int("rounds", 21, "rounds of a shape")
	limit := flag.Duration("limit", time.Minute, "give up a shape after this time")
	flag.Parse()
	fmt.Println(processor())
	for threads := 1; threads <= 2; threads++ {
		compare(threads, *rounds, *limit)
	}
}

// compare lets Go itself have as many threads, for GoMLX starts more goroutines
// than it is told.
func compare(threads, rounds int, limit time.Duration) {
	runtime.GOMAXPROCS(threads)
	ours, err := kernel.New("", threads)
	if err != nil {
		log.Fatal(err)
	}
	theirs, err := newPeer(threads)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("\nkernel %s beside GoMLX %s %s, threads %d\n", ours.Name(), version(), theirs.Name(), threads)
	fmt.Printf("    %-20s %8s %8s %6s  %s\n", "(GFLOP/s, medians)", "kernel", "GoMLX", "ratio", "largest difference")
	for _, s := range shapes {
		watch := time.AfterFunc(limit, func() {
			log.Fatalf("%v with %d threads took more than %v: GoMLX may hang, see -limit", s, threads, limit)
		})
		if err := report(ours, theirs, s, rounds); err != nil {
			log.Fatalf("%v: %v", s, err)
		}
		watch.Stop()
	}
}

func report(ours *kernel.Backend, theirs *peer, s shape, rounds int) error {
	x, w, c := numbers(s.m*s.k), numbers(s.k*s.n), make([]float32, s.m*s.n)
	product, err := theirs.product(s, x, w)
	if err != nil {
		return err
	}
	ours.MatMul(c, x, w, s.m, s.n, s.k)
	d := make([]float32, len(c))
	if err := product.read(d); err != nil {
		return err
	}
	apart := difference(c, d)
	if !(apart <= 1e-4*float64(s.k)) { // nor a NaN
		return fmt.Errorf("results differ by %g", apart)
	}
	mine := func() error { ours.MatMul(c, x, w, s.m, s.n, s.k); return nil }
	a, o, ratio, err := measure(s, rounds, mine, product.run)
	if err != nil {
		return err
	}
	fmt.Printf("    %-20v %8.1f %8.1f %6.2f  %.1e\n", s, a, o, ratio, apart)
	return nil
}

// measure returns medians of both speeds, in GFLOP/s, and of their ratio.
func measure(s shape, rounds int, mine, other func() error) (ours, theirs, ratio float64, err error) {
	work := 2 * float64(s.m) * float64(s.n) * float64(s.k)
	repeats := 1 + int(1e8/work)
	var a, o, r []float64
	for range rounds {
		x, err := rate(mine, repeats)
		if err != nil {
			return 0, 0, 0, err
		}
		y, err := rate(other, repeats)
		if err != nil {
			return 0, 0, 0, err
		}
		a, o, r = append(a, x*work), append(o, y*work), append(r, x/y)
	}
	return median(a), median(o), median(r), nil
}

// rate is how many times in a nanosecond f runs, with threads awake.
func rate(f func() error, repeats int) (float64, error) {
	if err := f(); err != nil {
		return 0, err
	}
	start := time.Now()
	for range repeats {
		if err := f(); err != nil {
			return 0, err
		}
	}
	return float64(repeats) / float64(time.Since(start).Nanoseconds()), nil
}

func median(x []float64) float64 {
	slices.Sort(x)
	return x[len(x)/2]
}

// difference is the largest between elements of a and b, or NaN if one is.
func difference(a, b []float32) float64 {
	var most float64
	for i := range a {
		most = max(most, math.Abs(float64(a[i])-float64(b[i])))
	}
	return most
}

func numbers(n int) []float32 {
	random := rand.New(rand.NewPCG(1, uint64(n)))
	x := make([]float32, n)
	for i := range x {
		x[i] = 2*random.Float32() - 1
	}
	return x
}

// version is that of GoMLX, as this program was built.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == "github.com/gomlx/gomlx" {
				return m.Version
			}
		}
	}
	return "of unknown version"
}

// processor is the name that Linux gives it.
func processor() string {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "unknown processor"
	}
	_, rest, _ := strings.Cut(string(info), "model name")
	name, _, _ := strings.Cut(rest, "\n")
	return strings.Trim(name, "\t :")
}

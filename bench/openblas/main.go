// Command openblas compares the products of package kernel with OpenBLAS's
// sgemm and sgemv (Debian's libopenblas-dev), each instruction set with the
// same: rounds of both alternate, and the ratio is the median of the rounds'
// ratios, so that a busy machine takes from both alike.
//
//	cd bench/openblas && go run .
//
// OpenBLAS chooses its core when it is loaded, so each comparison is a process
// of its own.
package main

import (
	"flag"
	"fmt"
	"log"
	"math"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/minga-network/minga/kernel"
)

// A shape is c (m,n) = x (m,k) · w (k,n), where NT has w transposed in memory
// and TN x.
type shape struct {
	form    string
	m, n, k int
}

var groups = []struct {
	name   string
	shapes []shape
}{
	{"squares, few rows, one row", []shape{
		{"NN", 512, 512, 512}, {"NN", 1024, 1024, 1024}, {"NN", 32, 512, 512}, {"NN", 1, 2048, 2048}, {"NT", 1, 2048, 2048},
	}},
	{"generation, d=256", []shape{
		{"NN", 1, 256, 256}, {"NN", 1, 688, 256}, {"NN", 1, 256, 688}, {"NT", 1, 1024, 256}, {"NN", 1, 1024, 256},
	}},
	{"training, d=128", []shape{
		{"NN", 1024, 128, 128}, {"NN", 1024, 344, 128}, {"NN", 1024, 128, 344}, {"NN", 1024, 128, 1024},
		{"NT", 1024, 128, 128}, {"NT", 1024, 344, 128}, {"NT", 1024, 128, 344}, {"NT", 1024, 1024, 128},
		{"TN", 128, 128, 1024}, {"TN", 128, 344, 1024}, {"TN", 344, 128, 1024}, {"TN", 1024, 128, 1024}}},
	{"training, d=256", []shape{
		{"NN", 1024, 256, 256}, {"NN", 1024, 688, 256}, {"NN", 1024, 256, 688},
		{"NT", 1024, 256, 256}, {"NT", 1024, 256, 688}, {"NT", 1024, 1024, 256},
		{"TN", 256, 256, 1024}, {"TN", 256, 688, 1024}, {"TN", 1024, 256, 1024}}},
}

func main() {
	name := flag.String("kernel", "", "compare this kernel with the OpenBLAS of this process; else all that have a peer")
	rounds := flag.Int("rounds", 75, "rounds of a shape")
	only := flag.String("only", "", "only shapes whose line contains this")
	threads := flag.String("threads", "12", "1, 2 or 12")
	flag.Parse()
	if *name != "" {
		compare(*name, *rounds, *only, *threads)
		return
	}
	fmt.Println(processor())
	peers := map[string]string{"avx512": "SkylakeX", "avx2": "Haswell"}
	for _, name := range kernel.Names() {
		if core := peers[name]; core != "" {
			again(core, append(os.Args[1:], "-kernel", name))
		}
	}
}

// again runs this program with another core of OpenBLAS, whose threads are told
// to look out for more work for 2^17 ticks, about as long as ours; by themselves
// they would spin through our rounds.
func again(core string, args []string) {
	self, err := os.Executable()
	if err != nil {
		log.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "OPENBLAS_") })
	cmd.Env = append(cmd.Env, "OPENBLAS_CORETYPE="+core, "OPENBLAS_NUM_THREADS=2", "OPENBLAS_THREAD_TIMEOUT=17")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		log.Fatal(err)
	}
}

func compare(name string, rounds int, only, threads string) {
	for n := 1; n <= 2; n++ {
		if !strings.Contains(threads, fmt.Sprint(n)) {
			continue
		}
		b, err := kernel.New(name, n)
		if err != nil {
			log.Fatal(err)
		}
		setThreads(n)
		fmt.Printf("\nkernel %s beside OpenBLAS %s, threads %d\n", name, coreName(), n)
		for _, g := range groups {
			fmt.Printf("  %-30s %8s %8s  %s\n", g.name, "kernel", "OpenBLAS", "ratio  (GFLOP/s, medians)")
			for _, s := range g.shapes {
				report(b, s, "", sgemm, rounds, only)
				if s.m == 1 {
					report(b, s, " sgemv", sgemv, rounds, only)
				}
			}
		}
	}
}

func report(b *kernel.Backend, s shape, name string, peer func(s shape, c, x, w []float32), rounds int, only string) {
	line := fmt.Sprintf("%s %d x %d x %d%s", s.form, s.m, s.n, s.k, name)
	if !strings.Contains(line, only) {
		return
	}
	ours, theirs, ratio := measure(b, s, peer, rounds)
	fmt.Printf("    %-28s %8.1f %8.1f  %.2f\n", line, ours, theirs, ratio)
}

// measure returns medians of both speeds, in GFLOP/s, and of their ratio.
func measure(
	b *kernel.Backend, s shape, peer func(s shape, c, x, w []float32), rounds int,
) (ours, theirs, ratio float64) {
	x, w := numbers(s.m*s.k), numbers(s.k*s.n)
	c, d := make([]float32, s.m*s.n), make([]float32, s.m*s.n)
	product := map[string]func(c, x, w []float32, m, n, k int){"NN": b.MatMul, "NT": b.MatMulNT, "TN": b.MatMulTN}[s.form]
	mine, other := func() { product(c, x, w, s.m, s.n, s.k) }, func() { peer(s, d, x, w) }
	mine()
	other()
	for i := range c {
		if math.Abs(float64(c[i]-d[i])) > 1e-3*float64(s.k) {
			log.Fatalf("%v: element %d is %g here and %g in OpenBLAS", s, i, c[i], d[i])
		}
	}
	work := 2 * float64(s.m) * float64(s.n) * float64(s.k)
	repeats := 1 + int(1e8/work) // a millisecond
	var a, o, r []float64
	for range rounds {
		x, y := rate(mine, repeats)*work, rate(other, repeats)*work
		a, o, r = append(a, x), append(o, y), append(r, x/y)
	}
	return median(a), median(o), median(r)
}

// rate is how many times in a nanosecond f runs, with threads awake.
func rate(f func(), repeats int) float64 {
	f()
	start := time.Now()
	for range repeats {
		f()
	}
	return float64(repeats) / float64(time.Since(start).Nanoseconds())
}

func median(x []float64) float64 {
	slices.Sort(x)
	return x[len(x)/2]
}

func numbers(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(i*7919%2048)/1024 - 1
	}
	return x
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

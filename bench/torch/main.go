// Command torch measures a training step of ours beside the same step in
// PyTorch: same architecture, weights, tokens and optimiser. Both run in turns
// of a few steps, so that a busy machine takes from both alike, and never at
// the same time. It ends with an error if the losses do not agree.
//
//	cd bench/torch && go run .
//
// It needs Debian's python3-torch and libopenblas0-openmp; MINGA_KERNEL chooses our
// instruction set.
package main

import (
	"flag"
	"fmt"
	"log"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/nn"
)

var models = []struct {
	name string
	nn.Config
}{
	{"2 layers, width 128", nn.Config{
		Vocab: 1024, Layers: 2, Dim: 128, Heads: 4, Hidden: 344, Context: 128, Tied: true, Theta: 10000, Eps: 1e-5,
	}},
	{"6 layers, width 256", nn.Config{
		Vocab: 1024, Layers: 6, Dim: 256, Heads: 8, Hidden: 688, Context: 128, Tied: true, Theta: 10000, Eps: 1e-5,
	}},
}

// batch is the number of windows in a step.
const batch = 8

// within is how far the losses of the first steps may lie apart: the same
// numbers, rounded in another order.
const within = 1e-4

func main() {
	log.SetFlags(0)
	rounds := flag.Int("rounds", 31, "turns of each side")
	seconds := flag.Float64("seconds", 0.25, "about how long a turn is")
	flag.Parse()
	fmt.Printf("%s\n", processor())
	for i, m := range models {
		for threads := 1; threads <= runtime.NumCPU(); threads++ {
			r, err := compare(m.Config, threads, *rounds, *seconds)
			if err != nil {
				log.Fatal(err)
			}
			if i == 0 && threads == 1 {
				fmt.Printf("PyTorch %s, BLAS: %s\n%s\n", r.peer.Version, r.peer.BLAS, r.peer.Config)
				fmt.Printf("%-21s %7s %7s %15s %15s %12s %9s  %s\n", "model, medians (best)", "threads", "kernel",
					"ours tokens/s", "torch tokens/s", "ratio", "CPU ratio", "losses apart")
			}
			fmt.Printf("%-21s %7d %7s %7.0f (%5.0f) %7.0f (%5.0f) %5.2f (%.2f) %9.2f  %.1e\n", m.name, threads, r.kernel,
				r.ours.median, r.ours.best, r.torch.median, r.torch.best, r.ratio.median, r.ours.best/r.torch.best, r.cpu.median,
				r.apart)
			if r.apart > within {
				log.Fatalf("the losses differ by %g, at most %g is rounding: the two do not do the same step", r.apart, within)
			}
		}
	}
}

// A result is of all rounds: tokens a second, and the ratio of neighbouring
// turns. Medians are what the machine gave; the best turns are those that
// nobody else disturbed.
type result struct {
	kernel             string
	peer               about
	ours, torch, ratio spread
	cpu                spread  // ratio of the time that processors worked, whoever else wanted them
	apart              float64 // the most that losses of the same step differ
}

type spread struct{ median, best float64 }

// compare runs both sides in turns. The first turn checks the losses and says
// how many steps fill the time.
func compare(c nn.Config, threads, rounds int, seconds float64) (*result, error) {
	b, err := kernel.New(os.Getenv("MINGA_KERNEL"), threads)
	if err != nil {
		return nil, err
	}
	w := newWork(c, b)
	we, err := newTrainer(w, b)
	if err != nil {
		return nil, err
	}
	they, err := startPeer(w, threads)
	if err != nil {
		return nil, err
	}
	defer they.stop()
	const first = 12
	ours := we.run(first)
	torch, err := they.run(first)
	if err != nil {
		return nil, err
	}
	r := &result{kernel: b.Name(), peer: they.about, apart: apart(ours.Losses, torch.Losses)}
	steps := max(2, int(seconds*first/torch.Seconds))
	var speeds [4][]float64
	for range rounds {
		// Threads of the other side may spin for some milliseconds after their
		// last work, so a turn begins with a step that is not counted.
		we.run(1)
		ours := we.run(steps)
		if _, err := they.run(1); err != nil {
			return nil, err
		}
		torch, err := they.run(steps)
		if err != nil {
			return nil, err
		}
		tokens := float64(steps * batch * c.Context)
		for i, x := range []float64{
			tokens / ours.Seconds, tokens / torch.Seconds, torch.Seconds / ours.Seconds, torch.CPU / ours.CPU,
		} {
			speeds[i] = append(speeds[i], x)
		}
	}
	r.ours, r.torch, r.ratio = spreadOf(speeds[0]), spreadOf(speeds[1]), spreadOf(speeds[2])
	r.cpu = spreadOf(speeds[3])
	return r, nil
}

func apart(a, b []float64) float64 {
	most := 0.0
	for i := range a {
		most = max(most, math.Abs(a[i]-b[i]))
	}
	return most
}

func spreadOf(x []float64) spread {
	slices.Sort(x)
	return spread{(x[len(x)/2] + x[(len(x)-1)/2]) / 2, x[len(x)-1]}
}

// processor names the machine.
func processor() string {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err == nil {
		for line := range strings.Lines(string(info)) {
			if key, name, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
				return fmt.Sprintf("%s, %d processors", strings.TrimSpace(name), runtime.NumCPU())
			}
		}
	}
	return fmt.Sprintf("%s, %d processors", runtime.GOARCH, runtime.NumCPU())
}

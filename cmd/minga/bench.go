package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/train"
)

func benchCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "bench", Short: "Measure this machine",
		Long: "Measure this machine. MINGA_KERNEL chooses one instruction set; otherwise all that it\n" +
			"has are measured, with one thread and with as many as it has processors.",
	}
	cmd.AddCommand(benchMatMul(), benchTrain(), benchContribution())
	return cmd
}

func benchMatMul() *cobra.Command {
	return &cobra.Command{
		Use: "matmul", Short: "Speed of matrix products, beside the most that the processor can do",
		Example: "  minga bench matmul\n  MINGA_KERNEL=avx2 minga bench matmul", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			out := cmd.OutOrStdout()
			fmt.Fprintf(out, "%s\n%-12s %8s  %-18s %10s %10s %8s\n",
				processor(), "kernel", "threads", "product", "GFLOP/s", "FMA peak", "share")
			return eachBackend(func(b *kernel.Backend) error {
				benchShapes(out, b)
				return nil
			})
		},
	}
}

// benchShapes measures a cube, and the shapes of a small transformer's layers. The
// slow kernels get one round of the cube.
func benchShapes(out io.Writer, b *kernel.Backend) {
	start := time.Now()
	clock := func() float64 { return time.Since(start).Seconds() }
	shapes, rounds := [][3]int{{512, 512, 512}, {1024, 344, 128}, {1024, 1024, 128}, {1, 1024, 1024}}, 150
	if !strings.HasPrefix(b.Name(), "avx") {
		shapes, rounds = shapes[:1], 1
	}
	for _, s := range shapes {
		r := b.MatMulBench(s[0], s[1], s[2], rounds, clock)
		fmt.Fprintf(out, "%-12s %8d  %-18s %10.2f %10.2f %8.2f\n", b.Name(), b.Threads(),
			fmt.Sprintf("%d×%d×%d", s[0], s[1], s[2]), r.GFLOPS, r.Peak, r.Share())
	}
}

func benchTrain() *cobra.Command {
	return &cobra.Command{
		Use: "train", Short: "Speed of training a small transformer, in tokens a second",
		Long: "Train a transformer of 2 layers, width 128 and vocabulary 1024 on windows of 128 tokens,\n" +
			"8 of them a step: forward, backward and optimiser. Then train it again with the root of\n" +
			"the whole state after each step, as jobs do, and once more with a look at what the data\n" +
			"does after every 16th step, as jobs do that measure it. Each share is of the one before.",
		Example: "  minga bench train\n  MINGA_KERNEL=avx2 minga bench train", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			out := cmd.OutOrStdout()
			fmt.Fprintf(out, "%s\n%-12s %8s %10s %10s %8s %10s %8s\n",
				processor(), "kernel", "threads", "tokens/s", "traced", "share", "live", "share")
			cfg := nn.Config{
				Vocab: 1024, Layers: 2, Dim: 128, Heads: 4, Hidden: 344, Context: 128, Tied: true, Theta: 10000, Eps: 1e-5,
			}
			return eachBackend(func(b *kernel.Backend) error {
				steps := 60
				if !strings.HasPrefix(b.Name(), "avx") {
					steps = 1
				}
				speed, err := train.Bench(cfg, 8, steps, b, time.Now)
				if err == nil {
					fmt.Fprintf(out, "%-12s %8d %10.0f %10.0f %8.2f %10.0f %8.2f\n", b.Name(), b.Threads(),
						speed.Plain, speed.Traced, speed.Traced/speed.Plain, speed.Live, speed.Live/speed.Traced)
				}
				return err
			})
		},
	}
}

// eachBackend calls f with the kernels to measure: all but the reference, which is
// there to be read.
func eachBackend(f func(*kernel.Backend) error) error {
	chosen, err := kernelName()
	if err != nil {
		return err
	}
	for _, name := range kernel.Names() {
		if (chosen == "" && name == "reference") || (chosen != "" && chosen != name) {
			continue
		}
		for threads := 1; threads <= runtime.NumCPU(); threads += max(1, runtime.NumCPU()-1) {
			b, err := kernel.New(name, threads)
			if err != nil {
				return err
			}
			if err := f(b); err != nil {
				return err
			}
		}
	}
	return nil
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

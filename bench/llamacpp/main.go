// Command llamacpp measures generation of ours beside llama.cpp's on the same
// model, exported as GGUF in float32: one stream, the most likely token each
// time. Both generate in turns, never at the same time.
//
//	cd bench/llamacpp && npm install && go run .
//
// MINGA_KERNEL chooses our instruction set.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/minga-network/minga/infer"
	"github.com/minga-network/minga/kernel"
	"github.com/minga-network/minga/nn"
	"github.com/minga-network/minga/nn/file"
	"github.com/minga-network/minga/nn/token"
)

var config = nn.Config{
	Vocab: 1024, Layers: 6, Dim: 256, Heads: 8, Hidden: 688, Context: 512, Tied: true, Theta: 10000, Eps: 1e-5,
}

// What is written in a turn: a short prompt, and most of the context.
const (
	prompt = 16
	tokens = 128
)

func main() {
	log.SetFlags(0)
	rounds := flag.Int("rounds", 15, "turns of each side")
	flag.Parse()
	fmt.Printf("%s\n%d layers, width %d, %d tokens after %d\n", processor(), config.Layers, config.Dim, tokens, prompt)
	for threads := 1; threads <= runtime.NumCPU(); threads++ {
		if err := compare(threads, *rounds); err != nil {
			log.Fatal(err)
		}
	}
}

// compare prints tokens a second of both sides, medians and best of the rounds.
func compare(threads, rounds int) error {
	b, err := kernel.New(os.Getenv("MINGA_KERNEL"), threads)
	if err != nil {
		return err
	}
	m, err := newModel(b)
	if err != nil {
		return err
	}
	they, err := startPeer(m, threads)
	if err != nil {
		return err
	}
	defer they.stop()
	we := infer.New(m, b)
	if threads == 1 {
		fmt.Printf("llama.cpp: %s\n%-7s %7s %17s %17s %12s  %-30s %9s %s\n", they.about.System,
			"threads", "kernel", "ours tokens/s", "llama.cpp", "ratio", "without JavaScript, ratio", "CPU ratio", "same tokens")
	}
	var speeds [3][]float64 // ours, llama.cpp's, llama.cpp's without JavaScript
	var cpu []float64       // ratios
	same := 0
	for i := range rounds + 1 {
		ours, err := generate(we, b, i)
		if err != nil {
			return err
		}
		theirs, err := they.generate(ours.prompt)
		if err != nil {
			return err
		}
		if i == 0 {
			continue // warms both
		}
		cpu = append(cpu, theirs.CPU/ours.CPU)
		same = max(same, agree(ours.Written, theirs.Written))
		for s, seconds := range []float64{ours.Seconds, theirs.Seconds, theirs.Own} {
			speeds[s] = append(speeds[s], (tokens-1)/seconds)
		}
	}
	ratio, own := ratios(speeds[0], speeds[1]), ratios(speeds[0], speeds[2])
	var s [3]spread
	for i, x := range speeds {
		s[i] = spreadOf(x)
	}
	fmt.Printf("%-7d %7s %8.0f (%6.0f) %8.0f (%6.0f) %5.2f (%.2f)  %8.0f (%6.0f) %5.2f (%.2f)  %9.2f %d of %d\n",
		threads, b.Name(), s[0].median, s[0].best, s[1].median, s[1].best, ratio, s[0].best/s[1].best,
		s[2].median, s[2].best, own, s[0].best/s[2].best, spreadOf(cpu).median, same, tokens)
	return nil
}

// newModel is an untrained model: what it writes makes no sense, but costs as
// much as what does.
func newModel(b *kernel.Backend) (*file.Model, error) {
	text := make([]byte, 1<<16)
	for i := range text {
		text[i] = "etaoin shrdlu cmfwyp"[int(kernel.Uniform(1, 0, uint64(i))*20)]
	}
	tok, err := token.Train([][]byte{text}, config.Vocab)
	if err != nil {
		return nil, err
	}
	return &file.Model{Config: config, Tensors: nn.Initial(config, 1, b), Tokenizer: tok}, nil
}

// A turn is one generation.
type turn struct {
	prompt  []int32
	Written []int32 `json:"written"`
	Seconds float64 `json:"seconds"` // from the first token to the last
	CPU     float64 `json:"cpu"`     // of all threads
	Own     float64 `json:"own"`     // llama.cpp's own count
}

func generate(g *infer.Generator, b *kernel.Backend, seed int) (*turn, error) {
	t := &turn{prompt: make([]int32, prompt)}
	for i := range t.prompt {
		t.prompt[i] = int32(kernel.Uniform(2, uint64(seed), uint64(i)) * 256)
	}
	var start time.Time
	var cpu float64
	ask := infer.Request{Prompt: t.prompt, MaxTokens: tokens}
	_, err := g.Generate(context.Background(), ask, func(tok infer.Token) error {
		if len(t.Written) == 0 {
			start, cpu = time.Now(), cpuTime()
		}
		t.Written = append(t.Written, tok.ID)
		return nil
	})
	t.Seconds, t.CPU = time.Since(start).Seconds(), cpuTime()-cpu
	if err == nil && len(t.Written) < tokens {
		err = fmt.Errorf("the model ended after %d tokens; choose another seed", len(t.Written))
	}
	return t, err
}

// cpuTime is the seconds that this process has worked.
func cpuTime() float64 {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		panic(err) // the arguments are right
	}
	return float64(r.Utime.Nano()+r.Stime.Nano()) / 1e9
}

// agree is the number of first tokens that are the same.
func agree(a, b []int32) int {
	for i := range a {
		if i == len(b) || a[i] != b[i] {
			return i
		}
	}
	return len(a)
}

// ratios is the median ratio of neighbouring turns.
func ratios(a, b []float64) float64 {
	r := make([]float64, len(a))
	for i := range r {
		r[i] = a[i] / b[i]
	}
	return spreadOf(r).median
}

type spread struct{ median, best float64 }

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

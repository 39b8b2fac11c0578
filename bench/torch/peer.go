package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// A peer is PyTorch's side: step.py in a process of its own.
type peer struct {
	about   about
	process *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	folder  string // of the files it reads
}

// about is what the peer says of itself.
type about struct {
	Version string `json:"version"`
	Config  string `json:"config"`
	BLAS    string `json:"blas"`
	Threads int    `json:"threads"`
}

// openBLAS is the folder of the OpenBLAS that shares PyTorch's OpenMP threads.
// The one with threads of its own is several times slower here on two: both
// sets of threads spin for work at the same time.
const openBLAS = "/usr/lib/x86_64-linux-gnu/openblas-openmp"

// startPeer gives a new process the work and waits until it is ready. OpenBLAS
// picks its kernel by itself: what the environment says of that is left out.
func startPeer(w *work, threads int) (*peer, error) {
	if _, err := os.Stat(openBLAS); err != nil {
		return nil, fmt.Errorf("%w; install Debian's libopenblas0-openmp", err)
	}
	folder, err := os.MkdirTemp("", "minga-torch-")
	if err != nil {
		return nil, err
	}
	p := &peer{folder: folder, process: exec.Command("/usr/bin/python3", "step.py")}
	p.process.Stderr = os.Stderr
	p.process.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "OPENBLAS_CORETYPE=") || strings.HasPrefix(v, "OPENBLAS_L2_SIZE=")
	}), "LD_LIBRARY_PATH="+openBLAS, fmt.Sprintf("OMP_NUM_THREADS=%d", threads))
	if p.in, err = p.process.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.out = bufio.NewReader(out)
	if err := p.process.Start(); err != nil {
		return nil, fmt.Errorf("starting PyTorch: %w; install Debian's python3-torch", err)
	}
	return p, p.order(w, threads)
}

// order writes the files and sends the first line.
func (p *peer) order(w *work, threads int) error {
	var weights, batches bytes.Buffer
	for _, t := range w.weights {
		if err := binary.Write(&weights, binary.LittleEndian, t.Data); err != nil {
			return err
		}
	}
	for _, ids := range w.batches {
		if err := binary.Write(&batches, binary.LittleEndian, ids); err != nil {
			return err
		}
	}
	files := map[string]*bytes.Buffer{"weights": &weights, "batches": &batches}
	order := map[string]any{"threads": threads, "config": w.config, "optimizer": optimizer, "batch": batch}
	for name, content := range files {
		file := filepath.Join(p.folder, name)
		if err := os.WriteFile(file, content.Bytes(), 0o600); err != nil {
			return err
		}
		order[name] = file
	}
	line, err := json.Marshal(order)
	if err != nil {
		return err
	}
	return p.ask(string(line), &p.about)
}

// run has the peer do some steps.
func (p *peer) run(steps int) (turn, error) {
	var t turn
	err := p.ask(fmt.Sprint(steps), &t)
	return t, err
}

func (p *peer) ask(line string, answer any) error {
	if _, err := fmt.Fprintln(p.in, line); err != nil {
		return fmt.Errorf("PyTorch has ended: %w; its own words are above", err)
	}
	reply, err := p.out.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("PyTorch has ended: %w; its own words are above", err)
	}
	return json.Unmarshal(reply, answer)
}

// stop ends the process and removes its files.
func (p *peer) stop() {
	p.in.Close()
	p.process.Wait()
	os.RemoveAll(p.folder)
}

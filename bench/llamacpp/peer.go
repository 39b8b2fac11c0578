package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/minga-network/minga/nn/file"
)

// A peer is llama.cpp: speed.mjs in a process of its own.
type peer struct {
	about struct {
		System string `json:"system"`
	}
	process *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	folder  string // of the exported model
}

func startPeer(m *file.Model, threads int) (*peer, error) {
	gguf, err := m.GGUF(false)
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "minga-llamacpp-")
	if err != nil {
		return nil, err
	}
	file := filepath.Join(folder, "model.gguf")
	if err := os.WriteFile(file, gguf, 0o600); err != nil {
		return nil, err
	}
	p := &peer{folder: folder, process: exec.Command("node", "speed.mjs")}
	p.process.Stderr = os.Stderr
	if p.in, err = p.process.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.out = bufio.NewReader(out)
	if err := p.process.Start(); err != nil {
		return nil, fmt.Errorf("starting llama.cpp: %w; install Node.js and run npm install here", err)
	}
	return p, p.ask(map[string]any{"model": file, "threads": threads, "context": m.Config.Context}, &p.about)
}

func (p *peer) generate(prompt []int32) (turn, error) {
	var t turn
	err := p.ask(map[string]any{"prompt": prompt, "tokens": tokens}, &t)
	return t, err
}

func (p *peer) ask(order, answer any) error {
	if err := json.NewEncoder(p.in).Encode(order); err != nil {
		return fmt.Errorf("llama.cpp has ended: %w; its own words are above", err)
	}
	reply, err := p.out.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("llama.cpp has ended: %w; its own words are above", err)
	}
	return json.Unmarshal(reply, answer)
}

// stop ends the process and removes its files.
func (p *peer) stop() {
	p.in.Close()
	p.process.Wait()
	os.RemoveAll(p.folder)
}

package main

import (
	"fmt"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/backends/simplego"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	matrix "github.com/gomlx/gomlx/pkg/core/shapes"
)

// A peer is GoMLX's backend.
type peer struct{ backends.Backend }

// newPeer returns GoMLX's backend for a number of threads, where none of its
// workers is one thread. Its operators run one after another: in parallel, an
// operator holds a worker while it waits for others, and with few of them
// nobody might be left to work.
func newPeer(threads int) (*peer, error) {
	workers := threads
	if threads == 1 {
		workers = 0
	}
	b, err := simplego.New(fmt.Sprintf("ops_sequential,parallelism=%d", workers))
	return &peer{b}, err
}

// A product is one that GoMLX has compiled, with its inputs.
type product struct {
	backend backends.Backend
	program backends.Executable
	inputs  []backends.Buffer
}

func (p *peer) product(s shape, x, w []float32) (*product, error) {
	left, right := matrix.Make(dtypes.Float32, s.m, s.k), matrix.Make(dtypes.Float32, s.k, s.n)
	program, err := p.compile(left, right)
	if err != nil {
		return nil, err
	}
	a, err := p.BufferFromFlatData(0, x, left)
	if err != nil {
		return nil, err
	}
	b, err := p.BufferFromFlatData(0, w, right)
	if err != nil {
		return nil, err
	}
	return &product{p.Backend, program, []backends.Buffer{a, b}}, nil
}

func (p *peer) compile(left, right matrix.Shape) (backends.Executable, error) {
	b := p.Builder("product")
	x, err := b.Parameter("x", left, nil)
	if err != nil {
		return nil, err
	}
	w, err := b.Parameter("w", right, nil)
	if err != nil {
		return nil, err
	}
	c, err := b.Dot(x, w)
	if err != nil {
		return nil, err
	}
	return b.Compile([]backends.Op{c}, nil)
}

// run computes the product and lets the backend use its memory again.
func (p *product) run() error {
	out, err := p.program.Execute(p.inputs, nil, 0)
	if err != nil {
		return err
	}
	return p.backend.BufferFinalize(out[0])
}

// read computes the product into c.
func (p *product) read(c []float32) error {
	out, err := p.program.Execute(p.inputs, nil, 0)
	if err != nil {
		return err
	}
	if err := p.backend.BufferToFlatData(out[0], c); err != nil {
		return err
	}
	return p.backend.BufferFinalize(out[0])
}

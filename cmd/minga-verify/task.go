package main

import (
	"encoding/binary"
	"errors"
)

// task is the part of a job's task that says where in the trace things stand.
type task struct {
	phases []phase
	states int
	inputs []input
	start  file
	result uint64 // bytes of the file that a run makes
	sound  bool   // it is a session's
}

type phase struct{ steps, outputs int }

type input struct {
	words uint64
	each  bool
}

type file struct {
	root hash
	size uint64
}

var errTask = errors.New("is not a task")

// parseTask reads the task of a run of Programs: numbers are uvarints in their shortest form,
// lists a count and the items, hashes 32 bytes.
func parseTask(b []byte) (*task, error) {
	const magic = "minga task 2\x08programs"
	r := &taskReader{b: b}
	if string(r.take(len(magic))) != magic {
		return nil, errTask
	}
	t := &task{}
	steps := uint64(0)
	for range r.number(16) {
		r.hash()
		r.number(1 << 16) // nodes
		p := phase{int(r.number(1 << 24)), int(r.number(1 << 14))}
		steps += uint64(p.steps)
		t.phases = append(t.phases, p)
	}
	t.states = int(r.number(1 << 14))
	for range r.number(16) {
		r.hash()
		t.inputs = append(t.inputs, input{r.number(1 << 40), r.number(1) == 1})
	}
	t.start = file{r.hash(), r.number(1 << 40)}
	r.number(1 << 40) // where in the start the states begin
	r.hash()
	header := r.number(1 << 40)
	r.number(1 << 40) // where in the header it begins
	t.result = header + 4*r.number(1<<40)
	t.sound = r.number(1) == 1
	if r.bad || len(r.b) > 0 || t.states < 1 || steps < 1 || steps > 1<<24 {
		return nil, errTask
	}
	return t, nil
}

// steps is the number of steps of the whole run.
func (t *task) steps() int {
	n := 0
	for _, p := range t.phases {
		n += p.steps
	}
	return n
}

// width is how many values the last step commits to: the states and its outputs.
func (t *task) width() int { return t.states + t.phases[len(t.phases)-1].outputs }

// taskReader takes from the front of b. After the first mistake it gives zeros.
type taskReader struct {
	b   []byte
	bad bool
}

func (r *taskReader) take(n int) []byte {
	if n > len(r.b) {
		r.b, r.bad = nil, true
		return make([]byte, n)
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

func (r *taskReader) hash() hash { return hash(r.take(len(hash{}))) }

func (r *taskReader) number(most uint64) uint64 {
	x, n := binary.Uvarint(r.b)
	if n <= 0 || n > 1 && r.b[n-1] == 0 || x > most {
		r.b, r.bad = nil, true
		return 0
	}
	r.b = r.b[n:]
	return x
}

package main

import (
	"bytes"
	"encoding/binary"
	"math"
)

// This file checks that a claim's parts belong together: what a job says it measured or
// used is one of the values that its last step committed to, and that step is the last
// of its trace.

// unitsBits: a session counts its tokens in two float32, the lower one up to 2^20.
const unitsBits = 20

// checkEnd checks that a claim's path leads from its state to its trace, and first, for a
// session, from its units to its state, for a proxy from its measured words.
func (j *job) checkEnd(what string) error {
	t, err := parseTask(j.terms.task)
	if err != nil {
		return refuse(what, "its task %s", err)
	}
	end, steps := j.claim.end, t.steps()
	switch {
	case t.sound:
		end, steps, err = j.checkUnits(what, t)
	case j.terms.kind == "measure":
		end, err = j.checkMeasured(what, t)
	}
	if err != nil {
		return err
	}
	return leadsToTrace(what, &j.claim, end, steps)
}

// leadsToTrace checks the path from the state of the last step to the root of all steps.
func leadsToTrace(what string, c *claim, end [][]byte, steps int) error {
	if len(c.state) != len(hash{}) || !leads(hash(c.state), steps, steps+1, end, c.trace) {
		return refuse(what, "the claim's state does not lead to its trace")
	}
	return nil
}

// checkUnits checks that the tokens a session is paid for are those that its last call
// left, and returns the rest of the path and how many calls there were.
func (j *job) checkUnits(what string, t *task) (rest [][]byte, steps int, err error) {
	if len(t.inputs) != 1 || t.inputs[0].words == 0 {
		return nil, 0, refuse(what, "its task is not a session's")
	}
	steps = int(min(j.claim.bytes/(4*t.inputs[0].words), 1<<24))
	at, width := t.states-1, t.width()
	words := binary.LittleEndian.AppendUint32(nil, math.Float32bits(float32(j.claim.units%(1<<unitsBits))))
	words = binary.LittleEndian.AppendUint32(words, math.Float32bits(float32(j.claim.units>>unitsBits)))
	n := min(pathLength(at, width), len(j.claim.end))
	if !leads(valueName(words), at, width, j.claim.end[:n], j.claim.state) {
		return nil, 0, refuse(what, "its units do not lead to the claim's state")
	}
	return j.claim.end[n:], steps, nil
}

// checkMeasured checks that the words a proxy measured are the means that its last step
// left, and returns the rest of the path. A training's states are the weights, the curve
// of the loss, the means and two moments of each weight.
func (j *job) checkMeasured(what string, t *task) (rest [][]byte, err error) {
	weights := (t.states - 2) / 3
	if weights < 1 || t.states != 3*weights+2 {
		return nil, refuse(what, "its task is not a training's")
	}
	name, _, _, err := blobName(bytes.NewReader(j.claim.words))
	if err != nil {
		return nil, refuse(what, "%s", err)
	}
	at, width := weights+1, t.width()
	n := min(pathLength(at, width), len(j.claim.end))
	if !leads(name, at, width, j.claim.end[:n], j.claim.state) {
		return nil, refuse(what, "measured words do not lead to the claim's state")
	}
	return j.claim.end[n:], nil
}

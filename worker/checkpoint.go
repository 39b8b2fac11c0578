package worker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The names of the files in Dir: a run's checkpoints, and one being written.
const (
	savedPrefix  = "job-"
	savingPrefix = "saving-"
)

// checkpoints are the files that a run under way is saved in, one for each of
// some steps. They outlive the run: until the chain has decided about the claim,
// a killed process or a dispute needs them.
type checkpoints struct {
	dir string
	job uint64
}

func (c checkpoints) path(step int) string {
	return filepath.Join(c.dir, fmt.Sprintf("%s%d-%d", savedPrefix, c.job, step))
}

// Steps lists the steps that there are files for, rising.
func (c checkpoints) Steps() ([]int, error) {
	files, err := filepath.Glob(filepath.Join(c.dir, fmt.Sprintf("%s%d-*", savedPrefix, c.job)))
	if err != nil {
		return nil, err
	}
	var steps []int
	for _, f := range files {
		var step int
		if _, err := fmt.Sscanf(f[strings.LastIndexByte(f, '-')+1:], "%d", &step); err == nil && c.path(step) == f {
			steps = append(steps, step)
		}
	}
	slices.Sort(steps)
	return steps, nil
}

func (c checkpoints) Load(step int) ([]byte, error) { return os.ReadFile(c.path(step)) }
func (c checkpoints) Drop(step int) error           { return os.Remove(c.path(step)) }

// Save writes a file in one step: a crash leaves it whole or leaves none.
func (c checkpoints) Save(step int, data []byte) error {
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(c.dir, savingPrefix)
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // after the rename there is nothing to remove
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), c.path(step))
}

// sweep removes all checkpoints. It is called when the chain waits for nothing
// from this worker, so that their work has ended, well or not.
func (d *daemon) sweep(context.Context, board) (bool, error) {
	for _, prefix := range []string{savedPrefix, savingPrefix} {
		files, err := filepath.Glob(filepath.Join(d.Dir, prefix+"*"))
		if err != nil {
			return false, fmt.Errorf("look for old checkpoints: %w", err)
		}
		for _, f := range files {
			if err := os.Remove(f); err != nil {
				return false, fmt.Errorf("remove an old checkpoint: %w", err)
			}
		}
	}
	return false, nil
}

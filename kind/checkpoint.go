package kind

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The names of the files in a host's folder: a run's checkpoints, and one being written.
const (
	savedPrefix  = "job-"
	savingPrefix = "saving-"
)

// Checkpoints are the files that the run of a job is saved in, one for each of some steps. They outlive the run: until
// the chain has decided about the claim, a killed process or a dispute needs them. It is a train.Store.
type Checkpoints struct {
	Dir string
	Job uint64
}

func (c Checkpoints) path(step int) string {
	return filepath.Join(c.Dir, fmt.Sprintf("%s%d-%d", savedPrefix, c.Job, step))
}

// Steps lists the steps that there are files for, rising.
func (c Checkpoints) Steps() ([]int, error) {
	files, err := filepath.Glob(filepath.Join(c.Dir, fmt.Sprintf("%s%d-*", savedPrefix, c.Job)))
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

// Load reads a checkpoint, and Drop removes one.
func (c Checkpoints) Load(step int) ([]byte, error) { return os.ReadFile(c.path(step)) }
func (c Checkpoints) Drop(step int) error           { return os.Remove(c.path(step)) }

// Save writes a file in one step: a crash leaves it whole or leaves none.
func (c Checkpoints) Save(step int, data []byte) error {
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(c.Dir, savingPrefix)
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

// Saved lists the jobs that a folder has checkpoints of.
func Saved(dir string) ([]uint64, error) {
	files, err := filepath.Glob(filepath.Join(dir, savedPrefix+"*"))
	if err != nil {
		return nil, err
	}
	var jobs []uint64
	for _, f := range files {
		var id uint64
		if _, err := fmt.Sscanf(filepath.Base(f), savedPrefix+"%d", &id); err == nil && !slices.Contains(jobs, id) {
			jobs = append(jobs, id)
		}
	}
	return jobs, nil
}

// Remove removes the checkpoints of the job.
func (c Checkpoints) Remove() error {
	steps, err := c.Steps()
	for _, step := range steps {
		err = errors.Join(err, c.Drop(step))
	}
	return err
}

// Tidy removes from a folder what was being written when the process before this one ended.
func Tidy(dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, savingPrefix+"*"))
	for _, f := range files {
		err = errors.Join(err, os.Remove(f))
	}
	return err
}

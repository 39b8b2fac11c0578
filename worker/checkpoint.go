package worker

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// The names of the files in Dir: a run's checkpoint, and one being written.
const (
	savedPrefix  = "job-"
	savingPrefix = "saving-"
)

// checkpoint is the file that a run under way is saved in. It outlives the run:
// until the chain has the claim, a killed process needs it.
type checkpoint struct{ path string }

// Load returns what was saved last; nil if nothing was.
func (c checkpoint) Load() ([]byte, error) {
	data, err := os.ReadFile(c.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}

// Save replaces the file in one step: a crash leaves the old one or the new one.
func (c checkpoint) Save(data []byte) error {
	if err := os.MkdirAll(filepath.Dir(c.path), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(c.path), savingPrefix)
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // after the rename there is nothing to remove
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), c.path)
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

package daemon

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/minga-network/minga/x/job"
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

// sweep removes the checkpoints of jobs that are over: until then one of them may be
// needed to go on, to defend a claim or to deny one.
func (d *daemon) sweep(ctx context.Context, b board) error {
	files, err := filepath.Glob(filepath.Join(d.Dir, savedPrefix+"*"))
	if err != nil {
		return fmt.Errorf("look for old checkpoints: %w", err)
	}
	over := map[uint64]bool{}
	for _, j := range slices.Concat(b.open, b.taken, b.claimed) {
		over[j.Id] = false
	}
	for _, f := range files {
		var id uint64
		if _, err := fmt.Sscanf(filepath.Base(f), savedPrefix+"%d", &id); err != nil {
			continue // not ours
		}
		if _, known := over[id]; !known {
			if over[id], err = d.over(ctx, id); err != nil {
				return err
			}
		}
		if !over[id] {
			continue
		}
		if err := os.Remove(f); err != nil {
			return fmt.Errorf("remove an old checkpoint: %w", err)
		}
	}
	return nil
}

// over tells that nothing more happens to a job.
func (d *daemon) over(ctx context.Context, id uint64) (bool, error) {
	r, err := job.NewQueryClient(d.Client).Job(ctx, &job.QueryJobRequest{Id: id})
	if status.Code(err) == codes.NotFound {
		return true, nil // of a chain that is no more
	}
	if err != nil {
		return false, fmt.Errorf("job %d: %w", id, err)
	}
	return r.Job.State.Final(), nil
}

// tidy removes what was being written when the process before this one ended.
func (d *daemon) tidy() error {
	files, err := filepath.Glob(filepath.Join(d.Dir, savingPrefix+"*"))
	for _, f := range files {
		err = errors.Join(err, os.Remove(f))
	}
	if err != nil {
		return fmt.Errorf("remove a checkpoint that was not finished: %w", err)
	}
	return nil
}

package fit

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// Left is a job that a machine leaves alone.
type Left struct {
	Job    uint64 `json:"job"`
	Role   string `json:"role"` // what it would do with the job
	Reason Reason `json:"reason"`
	Why    string `json:"why"`
}

// List is a file in a machine's folder that says which jobs it leaves alone, for its owner.
type List struct {
	Dir string

	written []byte
}

const (
	listFile = "left-alone.json"
	// mostListed bounds how many jobs are written down, the newest.
	mostListed = 1000
)

// Write writes down which jobs are left alone, if that is news. Without any there is no file.
func (l *List) Write(all []Left) error {
	slices.SortFunc(all, func(a, b Left) int { return cmp.Or(cmp.Compare(a.Job, b.Job), cmp.Compare(a.Role, b.Role)) })
	all = all[max(0, len(all)-mostListed):]
	text, err := json.MarshalIndent(all, "", "\t")
	if err != nil || bytes.Equal(text, l.written) {
		return err
	}
	if err := l.replace(text, len(all) == 0); err != nil {
		return fmt.Errorf("write down which jobs are left alone: %w", err)
	}
	l.written = text
	return nil
}

// replace writes the file in one step, or removes it.
func (l *List) replace(text []byte, none bool) error {
	path := filepath.Join(l.Dir, listFile)
	if none {
		if err := os.Remove(path); !errors.Is(err, os.ErrNotExist) {
			return err
		}
		return nil
	}
	if err := os.MkdirAll(l.Dir, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(path+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// ReadList reads which jobs the machine of a folder leaves alone.
func ReadList(dir string) (all []Left, err error) {
	text, err := os.ReadFile(filepath.Join(dir, listFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, fmt.Errorf("%s in %s: %w", listFile, dir, err)
	}
	return all, nil
}

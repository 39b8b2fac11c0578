package gateway

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/minga-network/minga/infer"
)

// journal is the log of a session on disk, an infer.Log.
type journal struct {
	file *os.File
	size int64 // of what is whole
}

const (
	journalPrefix = "session-"
	journalSuffix = ".log"
)

func journalPath(dir string, id uint64) string {
	return filepath.Join(dir, journalPrefix+strconv.FormatUint(id, 10)+journalSuffix)
}

// journals lists the jobs that have a journal in a folder.
func journals(dir string) (map[uint64]bool, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	found := map[uint64]bool{}
	for _, e := range entries {
		name, begins := strings.CutPrefix(e.Name(), journalPrefix)
		digits, ends := strings.CutSuffix(name, journalSuffix)
		if id, err := strconv.ParseUint(digits, 10, 64); begins && ends && err == nil {
			found[id] = true
		}
	}
	return found, nil
}

// openJournal opens or begins the journal of a job and returns the log so far. It cuts off what follows the last whole
// line; torn is how many bytes that was.
func openJournal(dir string, id uint64) (j *journal, l infer.Log, torn int64, err error) {
	file, err := os.OpenFile(journalPath(dir, id), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, l, 0, fmt.Errorf("journal: %w", err)
	}
	data, err := io.ReadAll(file)
	if err != nil {
		return nil, l, 0, errors.Join(fmt.Errorf("journal: %w", err), file.Close())
	}
	l, _ = infer.ParseLog(data) // what is not whole counts as torn
	whole := l.Encode()
	j = &journal{file: file, size: int64(len(whole))}
	if err = file.Truncate(j.size); err == nil {
		err = syncFolder(dir)
	}
	if err != nil {
		return nil, l, 0, errors.Join(fmt.Errorf("journal: %w", err), file.Close())
	}
	return j, l, int64(len(data) - len(whole)), nil
}

// syncFolder makes sure that the name of a new file is on disk.
func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// append writes a line and returns when the disk has it. If the disk does not take it, the file is as before.
func (j *journal) append(line []byte) error {
	_, err := j.file.WriteAt(line, j.size)
	if err == nil {
		err = j.file.Truncate(j.size + int64(len(line)))
	}
	if err == nil {
		err = j.file.Sync()
	}
	if err != nil {
		return errors.Join(fmt.Errorf("journal: %w", err), j.file.Truncate(j.size))
	}
	j.size += int64(len(line))
	return nil
}

// read returns what was written so far.
func (j *journal) read() ([]byte, error) {
	data := make([]byte, j.size)
	if _, err := j.file.ReadAt(data, 0); err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	return data, nil
}

func (j *journal) close() error { return j.file.Close() }

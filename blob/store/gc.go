package store

import (
	"errors"
	"fmt"
	"io/fs"
	"sort"
)

// GC removes what may be removed, least recently used first, until at most keep
// bytes are used or nothing more may go. It returns the bytes it freed.
// GC(0) removes everything that is neither pinned nor in use.
func (s *Store) GC(keep int64) (freed int64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.collect(keep)
}

// collect is GC for a caller that holds mu.
func (s *Store) collect(keep int64) (freed int64, err error) {
	if s.used <= keep {
		return 0, nil
	}
	for _, e := range s.victims() {
		if s.used <= keep {
			break
		}
		if err := s.remove(e); err != nil {
			return freed, err
		}
		freed += e.size
	}
	return freed, nil
}

// victims lists what may be removed, the least missed first. The folders are
// named so that this is their order: aside, partial, whole.
func (s *Store) victims() []*entry {
	var list []*entry
	for _, e := range s.entries {
		kept := e.busy > 0 || e.dir == whole && s.pinned[e.hash]
		if !kept {
			list = append(list, e)
		}
	}
	sort.Slice(list, func(i, j int) bool {
		if list[i].dir != list[j].dir {
			return list[i].dir < list[j].dir
		}
		return list[i].used < list[j].used
	})
	return list
}

// remove deletes the file of e. The caller holds mu.
func (s *Store) remove(e *entry) error {
	if err := s.root.Remove(e.path()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("store: remove %s: %w", e.path(), err)
	}
	s.forget(e)
	return nil
}

// forget takes e off the books, unless it is off already. The caller holds mu.
func (s *Store) forget(e *entry) {
	if s.entries[e.key] == e {
		delete(s.entries, e.key)
		s.used -= e.size
	}
}

// reserve takes n bytes of the limit, making room if it must, or fails with
// ErrFull. The caller holds mu.
func (s *Store) reserve(n int64) error {
	if n > s.limit {
		return fmt.Errorf("%d bytes and a limit of %d: %w", n, s.limit, ErrFull)
	}
	if _, err := s.collect(s.limit - n); err != nil {
		return err
	}
	if s.used+n > s.limit {
		return fmt.Errorf("%d of %d bytes used, %d more wanted: %w", s.used, s.limit, n, ErrFull)
	}
	s.used += n
	return nil
}

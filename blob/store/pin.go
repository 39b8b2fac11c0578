package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/minga-network/minga/blob"
)

// Pin keeps a blob from being collected or deleted until Unpin, also after a
// restart. Pinning twice is pinning once. The blob need not be here yet: pinning
// before a fetch leaves no moment in which it could be collected.
func (s *Store) Pin(h blob.Hash) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pinned[h] {
		return nil
	}
	f, err := s.root.OpenFile(key{pins, h}.path(), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("store: pin %s: %w", h, err)
	}
	if err := errors.Join(f.Close(), s.syncDir(pins)); err != nil {
		return fmt.Errorf("store: pin %s: %w", h, err)
	}
	s.pinned[h] = true
	return nil
}

// Unpin lets a blob be collected again. Of a blob that is not pinned it is
// nothing to do.
func (s *Store) Unpin(h blob.Hash) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.pinned[h] {
		return nil
	}
	if err := s.root.Remove(key{pins, h}.path()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("store: unpin %s: %w", h, err)
	}
	if err := s.syncDir(pins); err != nil {
		return fmt.Errorf("store: unpin %s: %w", h, err)
	}
	delete(s.pinned, h)
	return nil
}

func (s *Store) loadPins() error {
	files, err := s.files(pins)
	if err != nil {
		return err
	}
	for h := range files {
		s.pinned[h] = true
	}
	return nil
}

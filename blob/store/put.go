package store

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"

	"github.com/minga-network/minga/blob"
)

// PutBytes stores data and returns its name; see Put.
func (s *Store) PutBytes(data []byte) (blob.Hash, error) {
	return s.Put(bytes.NewReader(data))
}

// Put stores everything r yields and returns its name. When it returns without
// error the blob is on the disk, not only in the machine's memory. What is here
// already is written again, which also repairs a copy that has rotted. Of a
// reader that fails, or of one that yields more than the limit allows (ErrFull),
// nothing remains.
func (s *Store) Put(r io.Reader) (blob.Hash, error) {
	w, err := s.newIncoming()
	if err != nil {
		return blob.Hash{}, fmt.Errorf("store: put: %w", err)
	}
	h, err := w.fill(r)
	if err != nil {
		return blob.Hash{}, errors.Join(fmt.Errorf("store: put: %w", err), w.discard())
	}
	return h, nil
}

// incomingFile is a blob whose name is not known yet.
type incomingFile struct {
	store *Store
	file  *os.File
	path  string
	size  int64 // reserved so far
}

func (s *Store) newIncoming() (*incomingFile, error) {
	p := path.Join(incoming, rand.Text())
	f, err := s.root.OpenFile(p, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	return &incomingFile{store: s, file: f, path: p}, nil
}

func (w *incomingFile) fill(r io.Reader) (blob.Hash, error) {
	tree := blob.NewTree()
	buf := newPieceBuffer()
	defer freePieceBuffer(buf)
	for {
		n, err := io.ReadFull(r, *buf)
		if n > 0 {
			_, _ = tree.Write((*buf)[:n]) // never fails
			if err := w.write((*buf)[:n]); err != nil {
				return blob.Hash{}, err
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		if err != nil {
			return blob.Hash{}, err
		}
	}
	pieces := tree.Pieces()
	if err := w.write(pieces.Encode()); err != nil {
		return blob.Hash{}, err
	}
	h := pieces.Root()
	return h, w.install(h)
}

func (w *incomingFile) write(p []byte) error {
	w.store.mu.Lock()
	err := w.store.reserve(int64(len(p)))
	w.store.mu.Unlock()
	if err != nil {
		return err
	}
	w.size += int64(len(p))
	_, err = w.file.Write(p)
	return err
}

// install gives the finished file its name, replacing a file that is there,
// whose readers go on with the old one.
func (w *incomingFile) install(h blob.Hash) error {
	if err := errors.Join(w.file.Sync(), w.file.Close()); err != nil {
		return err
	}
	s := w.store
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.rename(w.path, key{whole, h}, w.size); err != nil {
		return err
	}
	w.size = 0 // the books have it now
	return s.syncDir(whole)
}

// rename moves the file at path from, whose size bytes are reserved already, to
// its place and enters it in the books. The caller holds mu.
func (s *Store) rename(from string, to key, size int64) error {
	if err := s.root.Rename(from, to.path()); err != nil {
		return err
	}
	e := s.entries[to]
	if e == nil {
		e = &entry{key: to}
		s.entries[to] = e
	}
	s.used -= e.size // of a file that was replaced
	e.size = size
	s.touch(e)
	return nil
}

// discard removes what fill could not finish.
func (w *incomingFile) discard() error {
	w.file.Close() // closed already if install got that far
	w.store.mu.Lock()
	defer w.store.mu.Unlock()
	w.store.used -= w.size
	if err := w.store.root.Remove(w.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

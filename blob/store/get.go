package store

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/minga-network/minga/blob"
)

// Get opens a blob for reading and returns its size in bytes. Every piece is
// checked when it is read: a Read that would yield damaged bytes fails with
// ErrCorrupt and sets the copy aside. The reader holds one piece in memory, is
// for one goroutine, and keeps the blob from being collected until it is closed.
func (s *Store) Get(h blob.Hash) (io.ReadSeekCloser, int64, error) {
	r, err := s.open(h)
	if err != nil {
		return nil, 0, fmt.Errorf("store: get %s: %w", h, err)
	}
	return r, r.pieces.Size, nil
}

// Bytes is the whole blob in memory. Look at the size with Get first if the blob
// is a stranger's.
func (s *Store) Bytes(h blob.Hash) ([]byte, error) {
	r, size, err := s.Get(h)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	data := make([]byte, size)
	if _, err := io.ReadFull(r, data); err != nil {
		return nil, err
	}
	return data, nil
}

// Pieces is the piece list of a blob. The list is shared: do not change it.
func (s *Store) Pieces(h blob.Hash) (blob.Pieces, error) {
	r, err := s.open(h)
	if err != nil {
		return blob.Pieces{}, fmt.Errorf("store: pieces of %s: %w", h, err)
	}
	return r.pieces, r.Close()
}

func (s *Store) open(h blob.Hash) (*reader, error) {
	s.mu.Lock()
	e := s.entries[key{whole, h}]
	if e == nil {
		s.mu.Unlock()
		return nil, ErrNotFound
	}
	e.busy++
	s.touch(e)
	s.mu.Unlock()

	file, pieces, err := s.openFile(e)
	if err != nil {
		s.release(e)
		return nil, err
	}
	// Only the order of collection after a restart hangs on this.
	now := time.Now()
	_ = s.root.Chtimes(e.path(), now, now)
	return &reader{store: s, entry: e, file: file, pieces: pieces, held: -1}, nil
}

// openFile opens the file of a blob and reads its piece list.
func (s *Store) openFile(e *entry) (*os.File, blob.Pieces, error) {
	info, err := s.root.Lstat(e.path())
	if errors.Is(err, fs.ErrNotExist) {
		s.mu.Lock()
		s.forget(e)
		s.mu.Unlock()
		return nil, blob.Pieces{}, ErrNotFound
	}
	if err == nil && !info.Mode().IsRegular() {
		return nil, blob.Pieces{}, s.setAside(e, nil)
	}
	file, err := s.root.Open(e.path())
	if err != nil {
		return nil, blob.Pieces{}, err
	}
	pieces, err := s.readPieces(e, file)
	if errors.Is(err, blob.ErrMismatch) || errors.Is(err, blob.ErrMalformed) {
		err = s.setAside(e, file)
	}
	if err != nil {
		return nil, blob.Pieces{}, errors.Join(err, file.Close())
	}
	return file, pieces, nil
}

func (s *Store) readPieces(e *entry, file *os.File) (blob.Pieces, error) {
	s.mu.Lock()
	known := e.pieces
	s.mu.Unlock()
	if known != nil {
		return *known, nil
	}
	info, err := file.Stat()
	if err != nil {
		return blob.Pieces{}, err
	}
	size, ok := blobSize(info.Size())
	if !ok {
		return blob.Pieces{}, blob.ErrMalformed
	}
	list := make([]byte, info.Size()-size)
	if _, err := file.ReadAt(list, size); err != nil {
		return blob.Pieces{}, err
	}
	pieces, err := blob.DecodePieces(e.hash, list)
	if err != nil {
		return blob.Pieces{}, err
	}
	if pieces.Size != size {
		return blob.Pieces{}, blob.ErrMalformed
	}
	s.mu.Lock()
	e.pieces = &pieces
	s.mu.Unlock()
	return pieces, nil
}

// fileSize is the length of the file that holds a blob of size bytes.
func fileSize(size int64) int64 { return size + blob.EncodedLen(size) }

// blobSize is the inverse of fileSize. Each started piece adds its hash to the
// file, so the length alone tells the number of pieces.
func blobSize(length int64) (size int64, ok bool) {
	const perPiece = blob.PieceSize + int64(len(blob.Hash{}))
	list := length - 8
	if list < 1 {
		return 0, false
	}
	pieces := (list-1)/perPiece + 1
	size = list - pieces*int64(len(blob.Hash{}))
	return size, size >= 0 && fileSize(size) == length
}

// setAside moves a damaged copy out of the way and returns ErrCorrupt. file is
// what was found damaged; if the name has gone to another file since, that one
// stays. What is no regular file is removed.
func (s *Store) setAside(e *entry, file *os.File) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.entries[e.key] != e {
		return ErrCorrupt
	}
	now, err := s.root.Lstat(e.path())
	if err != nil {
		return errors.Join(ErrCorrupt, err)
	}
	if !now.Mode().IsRegular() {
		return errors.Join(ErrCorrupt, s.remove(e))
	}
	found, err := file.Stat()
	if err != nil || !os.SameFile(now, found) {
		return errors.Join(ErrCorrupt, err)
	}
	if err := s.rename(e.path(), key{aside, e.hash}, e.size); err != nil {
		return errors.Join(ErrCorrupt, err)
	}
	delete(s.entries, e.key) // its bytes are on the books as the copy set aside
	return ErrCorrupt
}

func (s *Store) release(e *entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e.busy--
}

// reader reads a blob piece by piece.
type reader struct {
	store  *Store
	entry  *entry
	file   *os.File
	pieces blob.Pieces
	offset int64
	buf    *[]byte // the piece held; nil before the first read
	held   int     // its number, or -1
	closed bool
}

// Read fills p from one piece at most.
func (r *reader) Read(p []byte) (int, error) {
	if r.closed {
		return 0, fs.ErrClosed
	}
	if r.offset >= r.pieces.Size {
		return 0, io.EOF
	}
	i := int(r.offset / blob.PieceSize)
	start, length := r.pieces.Span(i)
	if r.held != i {
		if err := r.load(i, start, length); err != nil {
			return 0, fmt.Errorf("store: read %s, piece %d: %w", r.entry.hash, i, err)
		}
	}
	n := copy(p, (*r.buf)[r.offset-start:length])
	r.offset += int64(n)
	return n, nil
}

func (r *reader) load(i int, start, length int64) error {
	if r.buf == nil {
		r.buf = newPieceBuffer()
	}
	r.held = -1
	data := (*r.buf)[:length]
	if _, err := r.file.ReadAt(data, start); err != nil && !errors.Is(err, io.EOF) {
		return err
	} else if err != nil || r.pieces.Check(i, data) != nil {
		return r.store.setAside(r.entry, r.file)
	}
	r.held = i
	return nil
}

// Seek is as in io.Seeker. Nothing is read before the next Read.
func (r *reader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += r.offset
	case io.SeekEnd:
		offset += r.pieces.Size
	}
	if offset < 0 || whence < io.SeekStart || whence > io.SeekEnd {
		return 0, fmt.Errorf("store: seek to %d (whence %d): no such place", offset, whence)
	}
	r.offset = offset
	return offset, nil
}

// Close gives the blob free. Closing twice is an error and does nothing.
func (r *reader) Close() error {
	if r.closed {
		return fs.ErrClosed
	}
	r.closed = true
	if r.buf != nil {
		freePieceBuffer(r.buf)
	}
	r.store.release(r.entry)
	return r.file.Close()
}

// pieceBuffers saves allocating a mebibyte for every request served.
var pieceBuffers = sync.Pool{New: func() any {
	b := make([]byte, blob.PieceSize)
	return &b
}}

func newPieceBuffer() *[]byte   { return pieceBuffers.Get().(*[]byte) }
func freePieceBuffer(b *[]byte) { pieceBuffers.Put(b) }

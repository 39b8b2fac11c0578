package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"

	"github.com/minga-network/minga/blob"
)

// ErrExists says that the blob is here, so there is nothing to download.
var ErrExists = errors.New("the store has this blob already")

// Partial is a blob that arrives piece by piece, in any order. It stays on disk
// until Commit makes it a blob, also through a restart, or until its room is
// needed while nobody works on it. It is safe for concurrent use.
type Partial struct {
	store  *Store
	hash   blob.Hash
	entry  *entry
	file   *os.File
	pieces blob.Pieces

	mu     sync.Mutex
	have   []bool
	closed bool
}

// Begin starts or resumes the download of blob h, whose piece list is pieces,
// and takes its room at once: ErrFull if there is none. What an earlier attempt
// left is checked piece by piece, so nothing else need be remembered. One
// Partial of a blob is open at a time: Begin waits for it; ErrExists if the blob
// is, or has become, complete.
func (s *Store) Begin(ctx context.Context, h blob.Hash, pieces blob.Pieces) (*Partial, error) {
	if pieces.Root() != h {
		return nil, fmt.Errorf("store: begin %s: piece list %w", h, blob.ErrMismatch)
	}
	if err := s.takeTurn(ctx, h); err != nil {
		return nil, fmt.Errorf("store: begin %s: %w", h, err)
	}
	p := &Partial{store: s, hash: h, pieces: pieces, have: make([]bool, len(pieces.Hashes))}
	if err := p.open(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("store: begin %s: %w", h, err), p.Close())
	}
	return p, nil
}

// takeTurn waits until nobody else writes h, and fails if h is here by then.
func (s *Store) takeTurn(ctx context.Context, h blob.Hash) error {
	for {
		s.mu.Lock()
		if s.entries[key{whole, h}] != nil {
			s.mu.Unlock()
			return ErrExists
		}
		other := s.writing[h]
		if other == nil {
			s.writing[h] = make(chan struct{})
			s.mu.Unlock()
			return nil
		}
		s.mu.Unlock()
		select {
		case <-other:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (p *Partial) open(ctx context.Context) error {
	resumed, err := p.claim()
	if err != nil {
		return err
	}
	name := p.entry.path()
	if info, err := p.store.root.Lstat(name); err == nil && !info.Mode().IsRegular() {
		if err := p.store.root.Remove(name); err != nil { // a planted link: do not write through it
			return err
		}
	}
	p.file, err = p.store.root.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	// Full length from the start (sparse where the system can), so that Open
	// counts the room that is taken.
	if err := p.file.Truncate(p.entry.size); err != nil {
		return err
	}
	if resumed || p.pieces.Size == 0 {
		return p.check(ctx)
	}
	return nil
}

// claim enters the download in the books, or finds it there.
func (p *Partial) claim() (resumed bool, err error) {
	s, k, size := p.store, key{partial, p.hash}, fileSize(p.pieces.Size)
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.entries[k]
	if e != nil && e.size != size { // another length than the blob has: not ours
		if err := s.remove(e); err != nil {
			return false, err
		}
		e = nil
	}
	resumed = e != nil
	if e == nil {
		if err := s.reserve(size); err != nil {
			return false, err
		}
		e = &entry{key: k, size: size}
		s.entries[k] = e
	}
	e.busy++
	s.touch(e)
	p.entry = e
	return resumed, nil
}

// check finds out which pieces are there already.
func (p *Partial) check(ctx context.Context) error {
	buf := newPieceBuffer()
	defer freePieceBuffer(buf)
	for i := range p.have {
		if err := ctx.Err(); err != nil {
			return err
		}
		offset, length := p.pieces.Span(i)
		data := (*buf)[:length]
		if _, err := p.file.ReadAt(data, offset); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		p.have[i] = p.pieces.Check(i, data) == nil
	}
	return nil
}

// Missing lists the pieces that are still to come, in order.
func (p *Partial) Missing() []int {
	p.mu.Lock()
	defer p.mu.Unlock()
	var list []int
	for i, have := range p.have {
		if !have {
			list = append(list, i)
		}
	}
	return list
}

// WritePiece stores piece i if data is that piece, else blob.ErrMismatch.
func (p *Partial) WritePiece(i int, data []byte) error {
	if err := p.pieces.Check(i, data); err != nil {
		return err
	}
	offset, _ := p.pieces.Span(i)
	if _, err := p.file.WriteAt(data, offset); err != nil {
		return fmt.Errorf("store: write piece %d of %s: %w", i, p.hash, err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.have[i] = true
	return nil
}

// Commit makes the download a blob and closes the Partial. It is an error while
// pieces are missing.
func (p *Partial) Commit() error {
	if n := len(p.Missing()); n > 0 {
		return fmt.Errorf("store: commit %s: %d pieces are missing", p.hash, n)
	}
	if _, err := p.file.WriteAt(p.pieces.Encode(), p.pieces.Size); err != nil {
		return fmt.Errorf("store: commit %s: %w", p.hash, err)
	}
	if err := p.file.Sync(); err != nil {
		return fmt.Errorf("store: commit %s: %w", p.hash, err)
	}
	if err := p.promote(); err != nil {
		return fmt.Errorf("store: commit %s: %w", p.hash, err)
	}
	return p.Close()
}

func (p *Partial) promote() error {
	s := p.store
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.rename(p.entry.path(), key{whole, p.hash}, p.entry.size); err != nil {
		return err
	}
	delete(s.entries, p.entry.key) // its bytes are on the books as the blob
	return s.syncDir(whole)
}

// Close ends the work. What has arrived stays on disk for the next Begin.
// Closing again does nothing.
func (p *Partial) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil
	}
	p.closed = true
	s := p.store
	s.mu.Lock()
	if p.entry != nil {
		p.entry.busy--
	}
	close(s.writing[p.hash])
	delete(s.writing, p.hash)
	s.mu.Unlock()
	if p.file == nil {
		return nil
	}
	if err := p.file.Close(); err != nil && !errors.Is(err, fs.ErrClosed) {
		return fmt.Errorf("store: close the download of %s: %w", p.hash, err)
	}
	return nil
}

// Package store keeps blobs in a folder on disk, within a limit, and hands them
// back only if they are still what their name says.
//
//	s, err := store.Open(dir, 10<<30)
//	name, err := s.Put(file)
//	s.Pin(name)                  // until Unpin it stays, whatever comes
//	r, size, err := s.Get(name)  // verified as it is read
//
// How the pieces meet: the folder holds one file a blob, named by its hash: the
// bytes, then the piece list (blob.Pieces). Reading checks each piece against
// the list, and the list against the name. Being one file, a blob appears in one
// rename, after its bytes have reached the disk: kill -9 at any moment leaves
// whole blobs and leftovers that the next Open removes. A download in progress
// is a Partial, which survives a restart with the pieces it has.
//
// When the limit is reached, room is made in this order: damaged copies that
// were set aside, abandoned downloads, then blobs least recently used. Never a
// pinned blob, nor one that is being read or written. If that is not enough the
// new blob is refused with ErrFull.
//
// What can go wrong: ErrNotFound, ErrFull, ErrCorrupt (the copy here is damaged:
// it is set aside, fetch the blob again), ErrInUse, ErrLocked (one process a
// folder). Names from outside are blob.Hash values, never strings, and every
// file is reached through an os.Root: no path, and no link planted in the
// folder, leads out of it. A Store is safe for concurrent use.
package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"sort"
	"sync"

	"github.com/minga-network/minga/blob"
)

var (
	// ErrNotFound says that the blob is not in this store.
	ErrNotFound = errors.New("the store does not have this blob: fetch it from a source")
	// ErrFull says that the limit stands against a new blob.
	ErrFull = errors.New("the store is full and the rest is pinned or in use: unpin or delete blobs, or raise the limit")
	// ErrCorrupt says that the copy on disk was damaged and has been set aside.
	ErrCorrupt = errors.New("the copy in the store is damaged and was set aside: fetch the blob again")
	// ErrInUse says that a blob is pinned or being read and may not be deleted.
	ErrInUse = errors.New("the blob is pinned or being read: unpin it or close its readers first")
	// ErrLocked says that another process has the folder open.
	ErrLocked = errors.New("another process has this store open: stop it or use another folder")
)

// The folders of a store. A file in the first three is named by its hash.
const (
	aside    = "aside"    // damaged copies, for whoever wants to look
	partial  = "partial"  // downloads in progress
	whole    = "whole"    // blobs
	pins     = "pins"     // an empty file for each pinned hash
	incoming = "incoming" // what Put is writing, under random names
)

// Store is an open folder of blobs.
type Store struct {
	root  *os.Root
	lock  *os.File
	limit int64

	mu      sync.Mutex
	entries map[key]*entry
	pinned  map[blob.Hash]bool
	used    int64                       // bytes of all entries and of what Put is writing
	clock   uint64                      // counts uses, to order them
	writing map[blob.Hash]chan struct{} // closed when the Partial of the hash is
}

// key says where a file is; path is its name in the root.
type key struct {
	dir  string
	hash blob.Hash
}

func (k key) path() string { return path.Join(k.dir, k.hash.String()) }

// entry is a file that counts towards the limit.
type entry struct {
	key
	size int64  // bytes on disk: the blob and its piece list
	used uint64 // Store.clock at the last use
	busy int    // readers, or the one writer

	// pieces is kept once it has been read and checked: 32 bytes a mebibyte.
	pieces *blob.Pieces
}

// Open opens the store in dir, making the folder if need be, for at most limit
// bytes on disk. It removes what a killed process left behind, and, if the
// limit was lowered, what no longer fits.
func Open(dir string, limit int64) (*Store, error) {
	if limit <= 0 {
		return nil, fmt.Errorf("store: a limit of %d bytes holds nothing: give a positive one", limit)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("store: make the folder: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("store: open the folder: %w", err)
	}
	s := &Store{
		root: root, limit: limit,
		entries: map[key]*entry{},
		pinned:  map[blob.Hash]bool{},
		writing: map[blob.Hash]chan struct{}{},
	}
	if err := s.load(); err != nil {
		s.Close()
		return nil, fmt.Errorf("store: open %s: %w", dir, err)
	}
	return s, nil
}

// Close gives the folder back. Readers that are open stay readable.
func (s *Store) Close() error {
	var unlock error
	if s.lock != nil {
		unlock = s.lock.Close()
	}
	return errors.Join(unlock, s.root.Close())
}

func (s *Store) load() error {
	lock, err := lockFile(s.root, "lock")
	if err != nil {
		return err
	}
	s.lock = lock
	if err := s.root.RemoveAll(incoming); err != nil {
		return err
	}
	for _, dir := range []string{aside, partial, whole, pins, incoming} {
		if err := s.root.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	if err := s.loadPins(); err != nil {
		return err
	}
	if err := s.loadEntries(); err != nil {
		return err
	}
	_, err = s.GC(s.limit)
	return err
}

// files lists the regular files in dir that are named by a hash. Anything else
// there is not ours and is left alone.
func (s *Store) files(dir string) (map[blob.Hash]fs.FileInfo, error) {
	list, err := fs.ReadDir(s.root.FS(), dir)
	if err != nil {
		return nil, err
	}
	found := map[blob.Hash]fs.FileInfo{}
	for _, f := range list {
		h, err := blob.ParseHash(f.Name())
		if err != nil || !f.Type().IsRegular() {
			continue
		}
		info, err := f.Info()
		if err != nil {
			return nil, err
		}
		found[h] = info
	}
	return found, nil
}

// loadEntries orders what is there by the time of its last use, which is kept
// as the time of its last change.
func (s *Store) loadEntries() error {
	times := map[*entry]int64{}
	var order []*entry
	for _, dir := range []string{aside, partial, whole} {
		files, err := s.files(dir)
		if err != nil {
			return err
		}
		for h, info := range files {
			e := &entry{key: key{dir, h}, size: info.Size()}
			s.entries[e.key] = e
			s.used += e.size
			times[e] = info.ModTime().UnixNano()
			order = append(order, e)
		}
	}
	sort.Slice(order, func(i, j int) bool {
		a, b := order[i], order[j]
		if times[a] != times[b] {
			return times[a] < times[b]
		}
		return a.path() < b.path()
	})
	for _, e := range order {
		s.touch(e)
	}
	return nil
}

// touch marks e as just used. The caller holds mu, or is alone.
func (s *Store) touch(e *entry) {
	s.clock++
	e.used = s.clock
}

// Size is the number of bytes on disk that count towards the limit: blobs, their
// piece lists, downloads in progress and damaged copies.
func (s *Store) Size() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.used
}

// Limit is the most bytes that the store may have on disk.
func (s *Store) Limit() int64 { return s.limit }

// Has tells whether the blob is here. It reads nothing: a damaged copy counts
// until a read finds it out.
func (s *Store) Has(h blob.Hash) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.entries[key{whole, h}] != nil
}

// Delete removes a blob: ErrInUse if it is pinned or being read, ErrNotFound if
// it is not here.
func (s *Store) Delete(h blob.Hash) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.entries[key{whole, h}]
	if e == nil {
		return fmt.Errorf("store: delete %s: %w", h, ErrNotFound)
	}
	if s.pinned[h] || e.busy > 0 {
		return fmt.Errorf("store: delete %s: %w", h, ErrInUse)
	}
	return s.remove(e)
}

// syncDir makes a rename, a new file or a removal in dir last through a power
// cut.
func (s *Store) syncDir(dir string) error {
	d, err := s.root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

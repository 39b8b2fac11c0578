package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/minga-network/minga/blob"
)

func randomBytes(seed uint64, n int) []byte {
	var key [32]byte
	binary.BigEndian.PutUint64(key[:], seed)
	b := make([]byte, n)
	rand.NewChaCha8(key).Read(b)
	return b
}

func open(t testing.TB, dir string, limit int64) *Store {
	t.Helper()
	s, err := Open(dir, limit)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func put(t testing.TB, s *Store, data []byte) blob.Hash {
	t.Helper()
	h, err := s.PutBytes(data)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// onDisk is what Size must say: the bytes of the files that count.
func onDisk(t testing.TB, dir string) (sum int64) {
	t.Helper()
	for _, sub := range []string{aside, partial, whole, incoming} {
		list, err := os.ReadDir(filepath.Join(dir, sub))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range list {
			if info, err := f.Info(); err != nil {
				t.Fatal(err)
			} else if info.Mode().IsRegular() {
				sum += info.Size()
			}
		}
	}
	return sum
}

func TestPutAndGet(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, 64<<20)
	sizes := []int{0, 1, 1023, 1024, 1025, 1<<20 - 1, 1 << 20, 1<<20 + 1, 3<<20 + 17}
	for _, n := range sizes {
		data := randomBytes(uint64(n), n)
		h, err := s.Put(iotest.OneByteReader(bytes.NewReader(data[:min(n, 2000)])))
		if err != nil || h != blob.Sum(data[:min(n, 2000)]) {
			t.Fatalf("%d bytes, one by one: %s, %v", n, h, err)
		}
		if h = put(t, s, data); h != blob.Sum(data) || !s.Has(h) {
			t.Fatalf("%d bytes: name %s", n, h)
		}
		put(t, s, data) // again: takes no more room
		if back, err := s.Bytes(h); err != nil || !bytes.Equal(back, data) {
			t.Fatalf("%d bytes back: %v", n, err)
		}
		r, size, err := s.Get(h)
		if err != nil || size != int64(n) {
			t.Fatalf("get: %d, %v", size, err)
		}
		if err := iotest.TestReader(r, data); n < 5000 && err != nil {
			t.Errorf("%d bytes: %v", n, err)
		}
		r.Close()
	}
	if s.Size() != onDisk(t, dir) {
		t.Fatalf("Size %d, on disk %d", s.Size(), onDisk(t, dir))
	}
	s.Close()
	s = open(t, dir, 64<<20)
	for _, n := range sizes {
		if back, err := s.Bytes(blob.Sum(randomBytes(uint64(n), n))); err != nil || len(back) != n {
			t.Errorf("after reopening, %d bytes: %v", n, err)
		}
	}
	if s.Size() != onDisk(t, dir) {
		t.Fatalf("after reopening: Size %d, on disk %d", s.Size(), onDisk(t, dir))
	}
}

func TestReaderSeeksAcrossPieces(t *testing.T) {
	s := open(t, t.TempDir(), 64<<20)
	data := randomBytes(1, 3<<20+5)
	r, size, err := s.Get(put(t, s, data))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	rnd := rand.New(rand.NewPCG(1, 1))
	for range 100 {
		from := rnd.Int64N(size)
		n := min(size-from, 1+rnd.Int64N(2000))
		whence := rnd.IntN(3)
		at, _ := r.Seek(0, io.SeekCurrent)
		base := []int64{0, at, size}[whence]
		if got, err := r.Seek(from-base, whence); got != from || err != nil {
			t.Fatal(got, err)
		}
		b := make([]byte, n)
		if _, err := io.ReadFull(r, b); err != nil || !bytes.Equal(b, data[from:from+n]) {
			t.Fatalf("%d bytes at %d: %v", n, from, err)
		}
	}
	if _, err := r.Seek(-1, io.SeekStart); err == nil {
		t.Fatal("seek before the start")
	}
	if _, err := r.Seek(size+1, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Read(make([]byte, 1)); err != io.EOF {
		t.Fatalf("read beyond the end: %v", err)
	}
}

func TestMissing(t *testing.T) {
	s := open(t, t.TempDir(), 1<<20)
	h := blob.Sum([]byte("nobody put this"))
	_, _, err := s.Get(h)
	for name, err := range map[string]error{"get": err, "delete": s.Delete(h)} {
		if !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.Pieces(h); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	if err := s.Unpin(h); err != nil {
		t.Error(err)
	}
}

func TestFailedPutLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, 4<<20)
	pulled := errors.New("cable pulled")
	_, err := s.Put(io.MultiReader(bytes.NewReader(randomBytes(1, 2<<20)), iotest.ErrReader(pulled)))
	if !errors.Is(err, pulled) {
		t.Fatal(err)
	}
	if _, err := s.PutBytes(randomBytes(2, 5<<20)); !errors.Is(err, ErrFull) ||
		!strings.Contains(err.Error(), "raise the limit") {
		t.Fatal(err)
	}
	if s.Size() != 0 || onDisk(t, dir) != 0 {
		t.Fatalf("%d bytes on the books, %d on disk", s.Size(), onDisk(t, dir))
	}
}

func TestLeastRecentlyUsedGoesFirst(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, 4<<20)
	a := put(t, s, randomBytes(1, 1<<20))
	b := put(t, s, randomBytes(2, 1<<20))
	c := put(t, s, randomBytes(3, 1<<20))
	if _, err := s.Bytes(a); err != nil { // now b is the oldest
		t.Fatal(err)
	}
	put(t, s, randomBytes(4, 1<<20))
	if !s.Has(a) || s.Has(b) || !s.Has(c) {
		t.Fatalf("a %v b %v c %v: want b gone", s.Has(a), s.Has(b), s.Has(c))
	}
	s.Close()
	s = open(t, dir, 4<<20) // the order outlives the process: c before a
	put(t, s, randomBytes(5, 1<<20))
	if !s.Has(a) || s.Has(c) {
		t.Fatalf("a %v c %v: want c gone", s.Has(a), s.Has(c))
	}
	s.Close()
	if s = open(t, dir, 2<<20); s.Size() > 2<<20 {
		t.Fatalf("limit lowered to 2 MiB, %d bytes kept", s.Size())
	}
}

func TestPinnedAndReadBlobsStay(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, 3<<20+4096)
	early := randomBytes(9, 100)
	if err := s.Pin(blob.Sum(early)); err != nil { // before it is here
		t.Fatal(err)
	}
	put(t, s, early)
	pinned := put(t, s, randomBytes(1, 1<<20))
	if err := errors.Join(s.Pin(pinned), s.Pin(pinned)); err != nil {
		t.Fatal(err)
	}
	read := put(t, s, randomBytes(2, 1<<20))
	r, _, err := s.Get(read)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.PutBytes(randomBytes(3, 2<<20)); !errors.Is(err, ErrFull) {
		t.Fatal(err)
	}
	if _, err := s.GC(0); err != nil || !s.Has(pinned) || !s.Has(read) || !s.Has(blob.Sum(early)) {
		t.Fatalf("collected what must stay, %v", err)
	}
	if err := s.Delete(pinned); !errors.Is(err, ErrInUse) {
		t.Fatal(err)
	}
	if err := s.Delete(read); !errors.Is(err, ErrInUse) {
		t.Fatal(err)
	}
	r.Close()
	if freed, err := s.GC(0); err != nil || s.Has(read) || freed < 1<<20 {
		t.Fatalf("the closed one stayed: freed %d, %v", freed, err)
	}
	s.Close()
	s = open(t, dir, 3<<20+4096)
	if _, err := s.GC(0); err != nil || !s.Has(pinned) {
		t.Fatalf("the pin did not outlive the process: %v", err)
	}
	if err := errors.Join(s.Unpin(pinned), s.Delete(pinned)); err != nil || s.Has(pinned) {
		t.Fatal(err)
	}
}

// Readers, writers and the collector at once: every read is right or NotFound,
// pinned blobs are always there, and the books agree with the disk at the end.
func TestCollectUnderConcurrentReaders(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, 1<<20)
	pinned := randomBytes(1000, 100_000)
	if err := s.Pin(put(t, s, pinned)); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(w), 0))
			for range 60 {
				data := randomBytes(r.Uint64N(30), 60_000)
				h := blob.Sum(data)
				back, err := s.Bytes(h)
				if errors.Is(err, ErrNotFound) {
					_, err = s.PutBytes(data)
				} else if !bytes.Equal(back, data) {
					t.Errorf("other bytes came back: %v", err)
				}
				if err != nil {
					t.Error(err)
				}
				if back, err := s.Bytes(blob.Sum(pinned)); err != nil || !bytes.Equal(back, pinned) {
					t.Errorf("pinned: %v", err)
				}
			}
		})
	}
	wg.Wait()
	if s.Size() > 1<<20 || s.Size() != onDisk(t, dir) {
		t.Fatalf("Size %d, on disk %d, limit %d", s.Size(), onDisk(t, dir), 1<<20)
	}
}

func TestOneProcessAFolder(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, 1<<20)
	if _, err := Open(dir, 1<<20); !errors.Is(err, ErrLocked) {
		t.Fatalf("second open: %v", err)
	}
	s.Close()
	open(t, dir, 1<<20)
	if _, err := Open(t.TempDir(), 0); err == nil {
		t.Fatal("a limit of nothing was accepted")
	}
}

func TestBeginResumesWhatIsThere(t *testing.T) {
	dir := t.TempDir()
	data := randomBytes(1, 3<<20+100)
	tree := blob.NewTree()
	tree.Write(data)
	h, pieces := tree.Root(), tree.Pieces()
	piece := func(i int) []byte { o, n := pieces.Span(i); return data[o : o+n] }
	s := open(t, dir, 8<<20)
	p, err := s.Begin(t.Context(), h, pieces)
	if err != nil || len(p.Missing()) != 4 {
		t.Fatalf("%v", err)
	}
	if err := p.WritePiece(1, piece(2)); !errors.Is(err, blob.ErrMismatch) {
		t.Fatal(err)
	}
	if err := errors.Join(p.WritePiece(3, piece(3)), p.WritePiece(1, piece(1))); err != nil {
		t.Fatal(err)
	}
	if err := p.Commit(); err == nil || s.Has(h) {
		t.Fatal("committed with pieces missing")
	}
	s.Close() // with the Partial open, as a killed process would

	s = open(t, dir, 8<<20)
	if _, err := s.Begin(t.Context(), blob.Sum(nil), pieces); !errors.Is(err, blob.ErrMismatch) {
		t.Fatalf("another blob's list: %v", err)
	}
	p, err = s.Begin(t.Context(), h, pieces)
	if err != nil {
		t.Fatal(err)
	}
	if m := p.Missing(); len(m) != 2 || m[0] != 0 || m[1] != 2 {
		t.Fatalf("missing %v, want 0 and 2", m)
	}
	if _, err := s.GC(0); err != nil || s.Size() == 0 {
		t.Fatal("collected a download in progress")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Begin(ctx, h, pieces); !errors.Is(err, context.Canceled) {
		t.Fatalf("second writer: %v", err)
	}
	second := make(chan error)
	go func() { _, err := s.Begin(t.Context(), h, pieces); second <- err }()
	if err := errors.Join(p.WritePiece(0, piece(0)), p.WritePiece(2, piece(2)), p.Commit()); err != nil {
		t.Fatal(err)
	}
	if err := <-second; !errors.Is(err, ErrExists) {
		t.Fatalf("the one who waited: %v", err)
	}
	if back, err := s.Bytes(h); err != nil || !bytes.Equal(back, data) || s.Size() != onDisk(t, dir) {
		t.Fatalf("%v; Size %d, on disk %d", err, s.Size(), onDisk(t, dir))
	}
}

func TestAbandonedDownloadMakesRoom(t *testing.T) {
	s := open(t, t.TempDir(), 3<<20)
	tree := blob.NewTree()
	tree.Write(randomBytes(1, 2<<20))
	p, err := s.Begin(t.Context(), tree.Root(), tree.Pieces())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.PutBytes(randomBytes(2, 2<<20)); !errors.Is(err, ErrFull) {
		t.Fatalf("while it runs: %v", err)
	}
	p.Close()
	put(t, s, randomBytes(2, 2<<20))
	if s.Size() > 3<<20 {
		t.Fatal("over the limit")
	}
}

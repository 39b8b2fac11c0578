package store

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/minga-network/minga/blob"
)

// damage changes the file of a blob behind the store's back.
func damage(t *testing.T, path string, change func([]byte) []byte) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, change(b), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestRottenFilesAreSetAside(t *testing.T) {
	for name, change := range map[string]func([]byte) []byte{
		"flipped first bit":  func(b []byte) []byte { b[0] ^= 1; return b },
		"flipped late bit":   func(b []byte) []byte { b[2<<20] ^= 1; return b },
		"flipped list":       func(b []byte) []byte { b[len(b)-1] ^= 1; return b },
		"flipped size":       func(b []byte) []byte { b[len(b)-4*32-1] ^= 1; return b },
		"cut":                func(b []byte) []byte { return b[:len(b)-1] },
		"cut by a piece":     func(b []byte) []byte { return b[1<<20:] },
		"cut to nothing":     func(b []byte) []byte { return nil },
		"longer":             func(b []byte) []byte { return append(b, 0) },
		"another blob whole": func(b []byte) []byte { d := randomBytes(5, 3<<20+9); return append(d, list(d)...) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, dir, 64<<20)
			data := randomBytes(1, 3<<20+9)
			h := put(t, s, data)
			damage(t, filepath.Join(dir, whole, h.String()), change)
			if _, err := s.Bytes(h); !errors.Is(err, ErrCorrupt) {
				t.Fatalf("read gave %v", err)
			}
			if s.Has(h) {
				t.Fatal("the damaged copy still counts as here")
			}
			if _, err := os.Stat(filepath.Join(dir, aside, h.String())); err != nil {
				t.Fatalf("not set aside: %v", err)
			}
			put(t, s, data)
			if back, err := s.Bytes(h); err != nil || !bytes.Equal(back, data) {
				t.Fatalf("after repair: %v", err)
			}
			if _, err := s.GC(0); err != nil || s.Size() != 0 {
				t.Fatalf("%d bytes remain, %v", s.Size(), err)
			}
		})
	}
}

func list(data []byte) []byte {
	tree := blob.NewTree()
	tree.Write(data)
	return tree.Pieces().Encode()
}

// A reader that meets damage must not take down the good file that a Put has
// meanwhile placed under the same name.
func TestRepairWhileReading(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, 64<<20)
	data := randomBytes(1, 2<<20)
	h := put(t, s, data)
	damage(t, filepath.Join(dir, whole, h.String()), func(b []byte) []byte { b[1<<20] ^= 1; return b })
	r, _, err := s.Get(h)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	put(t, s, data)
	if _, err := io.ReadAll(r); !errors.Is(err, ErrCorrupt) {
		t.Fatalf("the old reader: %v", err)
	}
	if back, err := s.Bytes(h); err != nil || !bytes.Equal(back, data) {
		t.Fatalf("the repaired copy: %v", err)
	}
}

func TestPlantedLinksLeadNowhere(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "secret")
	secret := randomBytes(1, 3000)
	if err := os.WriteFile(outside, append(secret, list(secret)...), 0o600); err != nil {
		t.Fatal(err)
	}
	h := blob.Sum(secret)
	for _, target := range []string{outside, "../../../../../../../../../../etc/passwd", "../lock"} {
		dir := t.TempDir()
		s := open(t, dir, 1<<20)
		s.Close()
		for _, sub := range []string{whole, partial, pins, aside} {
			if err := os.Symlink(target, filepath.Join(dir, sub, h.String())); err != nil {
				t.Fatal(err)
			}
		}
		s = open(t, dir, 1<<20)
		if _, _, err := s.Get(h); !errors.Is(err, ErrNotFound) || s.Size() != 0 {
			t.Fatalf("planted before Open: %v, %d bytes", err, s.Size())
		}
		tree := blob.NewTree()
		tree.Write(secret)
		p, err := s.Begin(t.Context(), h, tree.Pieces()) // must not write through the link
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(p.WritePiece(0, secret), p.Commit()); err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(dir, whole, h.String())
		if info, err := os.Lstat(name); err != nil || !info.Mode().IsRegular() {
			t.Fatalf("the link was not replaced: %v", err)
		}
		if err := errors.Join(os.Remove(name), os.Symlink(target, name)); err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.Get(h); !errors.Is(err, ErrCorrupt) || s.Has(h) {
			t.Fatalf("planted while open: %v", err)
		}
	}
	if b, err := os.ReadFile(outside); err != nil || !bytes.Equal(b[:3000], secret) {
		t.Fatalf("the file outside was touched: %v", err)
	}
}

func TestLinkedFoldersAreRefused(t *testing.T) {
	for _, sub := range []string{whole, partial, pins, aside} {
		dir, outside := t.TempDir(), t.TempDir()
		victim := filepath.Join(outside, blob.Sum(nil).String())
		if err := os.WriteFile(victim, []byte("not yours"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(outside, filepath.Join(dir, sub)); err != nil {
			t.Fatal(err)
		}
		if s, err := Open(dir, 1); err == nil {
			s.Close()
			t.Errorf("%s leads outside and was accepted", sub)
		}
		if _, err := os.Stat(victim); err != nil {
			t.Errorf("%s: %v", sub, err)
		}
	}
	dir, outside := t.TempDir(), t.TempDir()
	victim := filepath.Join(outside, "file")
	os.WriteFile(victim, nil, 0o600)
	os.Symlink(outside, filepath.Join(dir, incoming))
	open(t, dir, 1) // the link is a leftover: removed, not what it points to
	if _, err := os.Stat(victim); err != nil {
		t.Error(err)
	}
}

// TestKilledAtAnyMoment starts a process that puts, pins and downloads without
// end, kills it, and looks at what it left, over and over in one folder.
func TestKilledAtAnyMoment(t *testing.T) {
	if dir := os.Getenv("BLOB_STORE_TEST_CHURN"); dir != "" {
		churn(dir)
		return
	}
	if testing.Short() {
		t.Skip("skipped with -short: it starts and kills processes; run without -short")
	}
	dir := t.TempDir()
	r := rand.New(rand.NewPCG(1, 2))
	interrupted := 0
	for round := range 12 {
		killChurn(t, dir, 1+r.IntN(20), time.Duration(r.IntN(8))*time.Millisecond)
		leftovers, _ := os.ReadDir(filepath.Join(dir, incoming))
		interrupted += len(leftovers)
		s, err := Open(dir, 8<<20)
		if err != nil {
			t.Fatal(err)
		}
		if left, _ := os.ReadDir(filepath.Join(dir, incoming)); len(left) > 0 || s.Size() != onDisk(t, dir) ||
			s.Size() > 8<<20 {
			t.Fatalf("round %d: %d leftovers, Size %d, on disk %d", round, len(left), s.Size(), onDisk(t, dir))
		}
		for k := range s.entries {
			if k.dir == aside {
				t.Fatalf("round %d: a damaged copy", round)
			}
			if k.dir == whole {
				if _, err := s.Bytes(k.hash); err != nil {
					t.Fatalf("round %d: %v", round, err)
				}
			}
		}
		s.Close()
	}
	t.Logf("%d of 12 kills were in the middle of a Put", interrupted)
}

// killChurn lets the child report so many finished steps and kills it later, in
// the middle of another.
func killChurn(t *testing.T, dir string, steps int, later time.Duration) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilledAtAnyMoment$", "-test.timeout=1m")
	cmd.Env = append(os.Environ(), "BLOB_STORE_TEST_CHURN="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(out, make([]byte, steps)); err != nil {
		t.Errorf("the child ended by itself: %v", err)
	}
	time.Sleep(later)
	cmd.Process.Kill()
	cmd.Wait()
}

func churn(dir string) {
	s, err := Open(dir, 8<<20)
	if err != nil {
		panic(err)
	}
	for {
		data := randomBytes(rand.Uint64(), rand.IntN(2<<20))
		switch rand.IntN(3) {
		case 0:
			if _, err := s.PutBytes(data); err != nil {
				panic(err)
			}
		case 1:
			h, err := s.PutBytes(data[:len(data)/100])
			if err := errors.Join(err, s.Pin(h), s.Unpin(h)); err != nil {
				panic(err)
			}
		case 2:
			download(s, data)
		}
		os.Stdout.Write([]byte{'.'})
	}
}

func download(s *Store, data []byte) {
	tree := blob.NewTree()
	tree.Write(data)
	p, err := s.Begin(context.Background(), tree.Root(), tree.Pieces())
	if err != nil {
		panic(err)
	}
	for i := range p.Missing() {
		o, n := tree.Pieces().Span(i)
		if err := p.WritePiece(i, data[o:o+n]); err != nil {
			panic(err)
		}
	}
	if err := p.Commit(); err != nil {
		panic(err)
	}
}

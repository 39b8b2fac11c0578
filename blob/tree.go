package blob

import (
	"errors"
	"fmt"
	"io"
	"slices"
)

// batch is the number of bytes that are hashed together: as many leaves as the
// fastest processors take at once. It divides a piece.
const batch = 16 * LeafSize

// Sum is the name of data.
func Sum(data []byte) Hash {
	var t Tree
	t.add(data)
	return t.Root()
}

// SumReader is the name and the size in bytes of everything r yields. It holds
// a quarter of a piece in memory, which stays in a processor's cache.
func SumReader(r io.Reader) (Hash, int64, error) {
	var t Tree
	buf := make([]byte, PieceSize/4)
	for {
		n, err := io.ReadFull(r, buf)
		t.add(buf[:n])
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return t.Root(), t.Size(), nil
		case err != nil:
			return Hash{}, 0, fmt.Errorf("blob: read what is to be named: %w", err)
		}
	}
}

// Tree names bytes that arrive bit by bit. It is an io.Writer whose Write never
// fails. It keeps the piece hashes (32 bytes a mebibyte) and some 80 KiB. It
// is used by one goroutine at a time.
type Tree struct {
	size   int64
	held   []byte // not yet hashed; less than a batch
	leaves []Hash // of the unfinished piece, without those in held
	pieces []Hash // finished ones
	spare  []Hash // what Root uses up, so that a tree used again allocates nothing
}

// NewTree is a tree of no bytes yet.
func NewTree() *Tree { return new(Tree) }

// Reset makes the tree one of no bytes again. It keeps its memory.
func (t *Tree) Reset() {
	t.size, t.held, t.leaves, t.pieces = 0, t.held[:0], t.leaves[:0], t.pieces[:0]
}

// Write adds p to the blob. It keeps no reference to p.
func (t *Tree) Write(p []byte) (int, error) {
	t.add(p)
	return len(p), nil
}

// Size is the number of bytes written so far.
func (t *Tree) Size() int64 { return t.size }

// Root is the name of the bytes written so far. Writing may go on afterwards.
func (t *Tree) Root() Hash {
	last, some := t.unfinished()
	t.spare = append(t.spare[:0], t.pieces...)
	if some {
		t.spare = append(t.spare, last)
	}
	return Name(t.size, top(t.spare))
}

// Pieces lists the pieces of the bytes written so far. Writing may go on
// afterwards; the list does not change with it.
func (t *Tree) Pieces() Pieces {
	hashes := slices.Clone(t.pieces)
	if last, some := t.unfinished(); some {
		hashes = append(hashes, last)
	}
	return Pieces{Size: t.size, Hashes: hashes}
}

// unfinished is the hash of the last piece, if that is not among the finished
// ones. It uses spare.
func (t *Tree) unfinished() (h Hash, some bool) {
	t.spare = append(t.spare[:0], t.leaves...)
	if len(t.held) > 0 || t.size == 0 {
		t.spare = appendLeaves(t.spare, t.held)
	}
	return top(t.spare), len(t.spare) > 0
}

func (t *Tree) add(p []byte) {
	t.size += int64(len(p))
	if len(t.held) > 0 {
		n := min(batch-len(t.held), len(p))
		t.held = append(t.held, p[:n]...)
		p = p[n:]
		if len(t.held) < batch {
			return
		}
		t.hash(t.held)
		t.held = t.held[:0]
	}
	for len(p) >= batch {
		n := min(len(p)/batch*batch, PieceSize-len(t.leaves)*LeafSize)
		t.hash(p[:n])
		p = p[n:]
	}
	t.held = append(t.held, p...)
}

// hash adds whole batches that do not go beyond the end of the piece.
func (t *Tree) hash(p []byte) {
	t.leaves = appendLeaves(t.leaves, p)
	if len(t.leaves) == PieceSize/LeafSize {
		t.pieces = append(t.pieces, top(t.leaves))
		t.leaves = t.leaves[:0]
	}
}

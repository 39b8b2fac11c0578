package blob

import (
	"errors"
	"fmt"
	"io"
)

// Sum is the name of data.
func Sum(data []byte) Hash {
	t := NewTree()
	t.add(data)
	return t.Root()
}

// SumReader is the name and the size in bytes of everything r yields. It holds
// one piece in memory.
func SumReader(r io.Reader) (Hash, int64, error) {
	t := NewTree()
	buf := make([]byte, PieceSize)
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
// fails. It keeps the piece hashes (32 bytes a mebibyte) and one leaf.
type Tree struct {
	leaf   leafHasher
	held   []byte // the bytes of an unfinished leaf; capacity LeafSize
	size   int64
	leaves spine  // of the unfinished piece
	pieces []Hash // finished ones
}

// NewTree is a tree of no bytes yet.
func NewTree() *Tree {
	return &Tree{leaf: newLeafHasher(), held: make([]byte, 0, LeafSize)}
}

// Write adds p to the blob.
func (t *Tree) Write(p []byte) (int, error) {
	t.add(p)
	return len(p), nil
}

// Size is the number of bytes written so far.
func (t *Tree) Size() int64 { return t.size }

// Root is the name of the bytes written so far. Writing may go on afterwards.
func (t *Tree) Root() Hash { return t.Pieces().Root() }

// Pieces lists the pieces of the bytes written so far. Writing may go on
// afterwards; the list does not change with it.
func (t *Tree) Pieces() Pieces {
	hashes := append([]Hash(nil), t.pieces...)
	if len(t.held) == 0 && t.leaves.count == 0 && t.size > 0 {
		return Pieces{Size: t.size, Hashes: hashes}
	}
	last := t.leaves
	if len(t.held) > 0 || t.size == 0 {
		last.push(t.leaf.hash(t.held))
	}
	return Pieces{Size: t.size, Hashes: append(hashes, last.top())}
}

func (t *Tree) add(p []byte) {
	t.size += int64(len(p))
	if len(t.held) > 0 {
		n := min(LeafSize-len(t.held), len(p))
		t.held = append(t.held, p[:n]...)
		p = p[n:]
		if len(t.held) < LeafSize {
			return
		}
		t.push(t.held)
		t.held = t.held[:0]
	}
	for len(p) >= LeafSize {
		t.push(p[:LeafSize])
		p = p[LeafSize:]
	}
	t.held = append(t.held, p...)
}

func (t *Tree) push(leaf []byte) {
	t.leaves.push(t.leaf.hash(leaf))
	if t.leaves.count == PieceSize/LeafSize {
		t.pieces = append(t.pieces, t.leaves.top())
		t.leaves.count = 0
	}
}

// spine is the left edge of a growing tree: the tops of its finished subtrees,
// one for each bit set in count, as in a binary counter. A new node at level 0
// carries upwards like adding one.
type spine struct {
	count uint64
	nodes [64]Hash // nodes[l] is a subtree of 2^l units when bit l of count is set
}

func (s *spine) push(h Hash) {
	level := 0
	for ; s.count>>level&1 == 1; level++ {
		h = hashNode(&s.nodes[level], &h)
	}
	s.nodes[level] = h
	s.count++
}

// top joins the finished subtrees from the small right ones to the large left
// ones, which is where nodes without a right neighbour moved up to. The spine
// must not be empty.
func (s *spine) top() Hash {
	var h Hash
	first := true
	for level := range s.nodes {
		switch {
		case s.count>>level&1 == 0:
		case first:
			h, first = s.nodes[level], false
		default:
			h = hashNode(&s.nodes[level], &h)
		}
	}
	return h
}

// Package blob names bytes by their hash, so that whoever holds the name can
// tell whether bytes from a stranger are the right ones: all of them, one piece
// of them, or one kibibyte of them.
//
// A blob is cut into leaves of 1 KiB, and a binary Merkle tree is built over
// the leaves. Every 1024 leaves, aligned, make a piece of 1 MiB; the top of a
// piece's subtree is the piece's hash. A piece is what travels over a network
// and what a store checks when it reads; a leaf is what a dispute shows to the
// chain. One tree serves both, so a blob has one name:
//
//	leaf  = SHA-256(0x00 ‖ up to 1024 bytes)
//	node  = SHA-256(0x01 ‖ left ‖ right)
//	name  = SHA-256(0x02 ‖ length, 8 bytes big-endian ‖ top node)
//
// Neighbours are joined pairwise, level by level; a node without a right
// neighbour moves up unchanged (the tree of RFC 6962, section 2.1). The empty
// blob is one empty leaf. The first byte keeps the three uses apart: no leaf
// can be passed off as a node. The name commits to the length, so nobody can
// show a true leaf of a blob at an index or in a tree of another shape.
//
// How the pieces meet: [Sum], [SumReader] and [Tree] name bytes; [Pieces] is
// the list of piece hashes, which checks itself against the name; a leaf is
// proved with [Pieces.Prove] and checked with [Verify]. [Root], [Path], [Climb] and
// [Span] are the same tree over leaves of another kind: the states of a run, the
// nodes of a Program. [Word], [Encoder] and [Decoder] say how numbers and lists are
// written, so that what is equal has one hash. This package computes and does
// nothing else; bytes are kept by package store and moved by package transfer, both
// below this one.
//
// What can go wrong: bytes, lists and proofs come from strangers, and whatever
// does not match is refused with [ErrMismatch]. Nothing here panics on foreign
// bytes, and nothing allocates more than a small multiple of what it is given.
package blob

import "errors"

const (
	// LeafSize is the number of bytes in every leaf but the last.
	LeafSize = 1 << 10
	// PieceSize is the number of bytes in every piece but the last.
	PieceSize = 1 << 20
)

// ErrMismatch says that bytes, a piece list or a proof are not those of the
// blob they were offered for. Whoever sent them is wrong or lying.
var ErrMismatch = errors.New("does not match the hash")

// ErrMalformed says that a hash or a piece list is not written as it must be.
var ErrMalformed = errors.New("malformed")

// units counts the leaves or pieces, of the given size in bytes, that hold
// size bytes. The empty blob has one empty unit.
func units(size, unit int64) int64 {
	if size <= 0 {
		return 1
	}
	return (size-1)/unit + 1
}

package blob

import (
	"fmt"
	"slices"
)

// Leaves is the number of leaves in a blob of size bytes; at least one.
func Leaves(size int64) int64 { return units(size, LeafSize) }

// Prove shows one leaf: given the bytes of the piece that holds leaf index, it
// returns the leaf's bytes (a part of piece, not a copy) and the proof for
// Verify: the sibling hashes on the way from the leaf up to the top.
func (p Pieces) Prove(index int64, piece []byte) (leaf []byte, proof []Hash, err error) {
	if index < 0 || index >= Leaves(p.Size) {
		return nil, nil, fmt.Errorf("blob: prove leaf %d: the blob has %d leaves", index, Leaves(p.Size))
	}
	i := int(index / (PieceSize / LeafSize))
	if err := p.Check(i, piece); err != nil {
		return nil, nil, err
	}
	within := int(index % (PieceSize / LeafSize))
	proof = appendSiblings(nil, appendLeaves(nil, piece), within)
	proof = appendSiblings(proof, slices.Clone(p.Hashes), i)
	return leafOf(piece, within), proof, nil
}

// appendSiblings adds the siblings that node i meets on its way up from level,
// lowest first. It uses level up.
func appendSiblings(proof, level []Hash, i int) []Hash {
	for ; len(level) > 1; i /= 2 {
		if sibling := i ^ 1; sibling < len(level) {
			proof = append(proof, level[sibling])
		}
		level = parents(level)
	}
	return proof
}

// Verify tells whether leaf is the leaf number index (from 0) of the blob named
// root that has size bytes. proof is what Prove returned. It hashes at most
// LeafSize bytes and 54 nodes whatever it is given, and returns ErrMismatch for
// anything but the truth. A nil error also proves the size.
func Verify(root Hash, size int64, index int64, leaf []byte, proof []Hash) error {
	if size < 0 || index < 0 || index >= Leaves(size) {
		return fmt.Errorf("blob: no leaf %d in a blob of %d bytes: %w", index, size, ErrMismatch)
	}
	if want := min(LeafSize, size-index*LeafSize); int64(len(leaf)) != want {
		return fmt.Errorf("blob: leaf %d has %d bytes, not %d: %w", index, want, len(leaf), ErrMismatch)
	}
	h, ok := Climb(Leaf(leaf), index, Leaves(size), proof)
	if !ok {
		return fmt.Errorf("blob: proof of leaf %d has %d hashes, which is not its length: %w", index, len(proof), ErrMismatch)
	}
	if Name(size, h) != root {
		return fmt.Errorf("blob: leaf %d of %d bytes: %w %s", index, size, ErrMismatch, root)
	}
	return nil
}

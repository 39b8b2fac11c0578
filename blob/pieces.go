package blob

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// Pieces is what there is to know about a blob before its bytes: its size and
// the hash of each piece, in order. One from DecodePieces or Tree has as many
// hashes as the size asks for.
type Pieces struct {
	Size   int64 // bytes of the blob
	Hashes []Hash
}

// SumPiece is the hash of the bytes of one piece (at most PieceSize of them).
func SumPiece(data []byte) Hash {
	var level [PieceSize / LeafSize]Hash
	return top(appendLeaves(level[:0], data))
}

// Root is the name of the blob that has these pieces.
func (p Pieces) Root() Hash {
	return Name(p.Size, top(slices.Clone(p.Hashes)))
}

// Span says where in the blob piece i lies: its offset and length in bytes.
// Only the last piece is shorter than PieceSize.
func (p Pieces) Span(i int) (offset, length int64) {
	offset = int64(i) * PieceSize
	return offset, min(PieceSize, p.Size-offset)
}

// Check tells whether data are the bytes of piece i; ErrMismatch if not.
func (p Pieces) Check(i int, data []byte) error {
	if i < 0 || i >= len(p.Hashes) {
		return fmt.Errorf("blob: piece %d of %d: %w", i, len(p.Hashes), ErrMismatch)
	}
	if _, want := p.Span(i); int64(len(data)) != want {
		return fmt.Errorf("blob: piece %d has %d bytes, not %d: %w", i, want, len(data), ErrMismatch)
	}
	if SumPiece(data) != p.Hashes[i] {
		return fmt.Errorf("blob: piece %d: %w", i, ErrMismatch)
	}
	return nil
}

// EncodedLen is the number of bytes in the encoded piece list of a blob of
// size bytes.
func EncodedLen(size int64) int64 {
	return 8 + units(size, PieceSize)*int64(len(Hash{}))
}

// Encode writes the list: the size in 8 bytes, big-endian, then the hashes.
func (p Pieces) Encode() []byte {
	b := make([]byte, 0, EncodedLen(p.Size))
	b = binary.BigEndian.AppendUint64(b, uint64(p.Size))
	for i := range p.Hashes {
		b = append(b, p.Hashes[i][:]...)
	}
	return b
}

// DecodePieces reads what Encode wrote, and believes it only if it is the list
// of the blob named root: ErrMismatch if it is another's, ErrMalformed if it is
// no list. It keeps no reference to data.
func DecodePieces(root Hash, data []byte) (Pieces, error) {
	if len(data) < 8 {
		return Pieces{}, fmt.Errorf("blob: %w piece list of %d bytes", ErrMalformed, len(data))
	}
	size := int64(binary.BigEndian.Uint64(data))
	if size < 0 || EncodedLen(size) != int64(len(data)) {
		return Pieces{}, fmt.Errorf("blob: %w piece list: %d bytes of it do not fit a blob of %d bytes", ErrMalformed,
			len(data), uint64(size))
	}
	p := Pieces{Size: size, Hashes: make([]Hash, units(size, PieceSize))}
	for i := range p.Hashes {
		copy(p.Hashes[i][:], data[8+i*len(Hash{}):])
	}
	if p.Root() != root {
		return Pieces{}, fmt.Errorf("blob: piece list: %w %s", ErrMismatch, root)
	}
	return p, nil
}

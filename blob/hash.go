package blob

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
)

// Hash is the name of a blob, or of a piece or a node inside one.
type Hash [32]byte

// String is the hash as 64 lower-case hexadecimal digits.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText writes the hash as String does, for JSON and the like.
func (h Hash) MarshalText() ([]byte, error) {
	return hex.AppendEncode(nil, h[:]), nil
}

// UnmarshalText reads what MarshalText writes, and nothing else.
func (h *Hash) UnmarshalText(text []byte) error {
	parsed, err := ParseHash(string(text))
	if err != nil {
		return err
	}
	*h = parsed
	return nil
}

// ParseHash reads a hash from its 64 lower-case hexadecimal digits. A blob has
// one spelling: upper case is refused, so that a name can be a file name or a
// cache key.
func ParseHash(s string) (Hash, error) {
	var h Hash
	if len(s) != hex.EncodedLen(len(h)) {
		return Hash{}, fmt.Errorf("blob: %w hash of %d characters: a hash is 64 hexadecimal digits", ErrMalformed, len(s))
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return Hash{}, fmt.Errorf("blob: %w hash: character %d is not one of 0-9 a-f", ErrMalformed, i+1)
		}
	}
	if _, err := hex.Decode(h[:], []byte(s)); err != nil {
		return Hash{}, fmt.Errorf("blob: %w hash: %w", ErrMalformed, err)
	}
	return h, nil
}

// The first byte of whatever is hashed says what it is.
const (
	leafTag = 0x00
	nodeTag = 0x01
	nameTag = 0x02
)

// Leaf is the hash of a leaf: of at most LeafSize bytes in a blob, of any content in
// another tree.
func Leaf(content []byte) Hash {
	b := append(make([]byte, 0, 1+LeafSize), leafTag)
	return sha256.Sum256(append(b, content...))
}

func hashNode(left, right *Hash) Hash {
	var b [1 + 2*len(Hash{})]byte
	b[0] = nodeTag
	copy(b[1:], left[:])
	copy(b[1+len(left):], right[:])
	return sha256.Sum256(b[:])
}

// Name is the name of a blob of size bytes, given the top node of its tree.
func Name(size int64, top Hash) Hash {
	var b [1 + 8 + len(Hash{})]byte
	b[0] = nameTag
	binary.BigEndian.PutUint64(b[1:], uint64(size))
	copy(b[9:], top[:])
	return sha256.Sum256(b[:])
}

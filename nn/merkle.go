package nn

import "crypto/sha256"

// Root is the root of a binary SHA-256 tree over leaves, as in RFC 6962: leaves
// and inner nodes are hashed under different prefixes, so that one cannot pass
// for the other, and n leaves split at the largest power of two below n. No
// leaves hash to SHA-256 of nothing.
func Root(leaves [][32]byte) [32]byte {
	switch len(leaves) {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return leaves[0]
	}
	k := middle(len(leaves))
	return join(Root(leaves[:k]), Root(leaves[k:]))
}

// Leaf hashes the content of a leaf.
func Leaf(content []byte) [32]byte {
	h := sha256.New()
	h.Write([]byte{0})
	h.Write(content)
	return [32]byte(h.Sum(nil))
}

// Path lists the siblings on the way from leaf i up to the root.
func Path(leaves [][32]byte, i int) [][32]byte {
	if len(leaves) <= 1 {
		return nil
	}
	if k := middle(len(leaves)); i < k {
		return append(Path(leaves[:k], i), Root(leaves[k:]))
	} else {
		return append(Path(leaves[k:], i-k), Root(leaves[:k]))
	}
}

// Climb computes the root from leaf i of n and its Path. The second result is
// false when the path does not have the length that i and n require.
func Climb(leaf [32]byte, i, n int, path [][32]byte) ([32]byte, bool) {
	if i < 0 || i >= n {
		return leaf, false
	}
	if n == 1 {
		return leaf, len(path) == 0
	}
	if len(path) == 0 {
		return leaf, false
	}
	last, k := path[len(path)-1], middle(n)
	if i < k {
		below, ok := Climb(leaf, i, k, path[:len(path)-1])
		return join(below, last), ok
	}
	below, ok := Climb(leaf, i-k, n-k, path[:len(path)-1])
	return join(last, below), ok
}

// middle is the largest power of two below n, for n > 1.
func middle(n int) int {
	k := 1
	for 2*k < n {
		k *= 2
	}
	return k
}

func join(left, right [32]byte) [32]byte {
	var b [65]byte
	b[0] = 1
	copy(b[1:], left[:])
	copy(b[33:], right[:])
	return sha256.Sum256(b[:])
}

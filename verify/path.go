package verify

import "github.com/minga-network/minga/blob"

// Leads tells whether a path shows leaf i of n to be under a root, in the form that messages have: leaf, root and the
// hashes of the path as bytes of strangers.
func Leads(leaf []byte, i, n int, path [][]byte, root []byte) bool {
	hashes := make([]Hash, 0, len(path)+2)
	for _, h := range append([][]byte{leaf, root}, path...) {
		if len(h) != len(Hash{}) {
			return false
		}
		hashes = append(hashes, Hash(h))
	}
	top, ok := blob.Climb(hashes[0], i, n, hashes[2:])
	return ok && top == hashes[1]
}

// committed tells whether a path begins by showing words to be value i of the n that a step committed to as state. It
// returns the rest of the path.
func committed(words []uint32, i, n int, path [][]byte, state []byte) (rest [][]byte, ok bool) {
	name := Value(words)
	length := min(blob.PathLen(i, n), len(path))
	return path[length:], Leads(name[:], i, n, path[:length], state)
}

package blob

import "slices"

// appendLeaves adds the hashes of the leaves of data to level. There is at least
// one leaf; only the last may be short.
func appendLeaves(level []Hash, data []byte) []Hash {
	n, done := int(Leaves(int64(len(data)))), len(level)
	level = slices.Grow(level, n)[:done+n]
	leaves := level[done:]
	for i := leafLanes(leaves, data); i < n; i++ {
		leaves[i] = Leaf(leafOf(data, i))
	}
	return level
}

func leafOf(data []byte, i int) []byte {
	return data[i*LeafSize : min((i+1)*LeafSize, len(data))]
}

// parents is the level above level, in the same memory. A node without a right
// neighbour moves up unchanged.
func parents(level []Hash) []Hash {
	pairs := len(level) / 2
	for i := nodeLanes(level); i < pairs; i++ {
		level[i] = hashNode(&level[2*i], &level[2*i+1])
	}
	if len(level)%2 == 1 {
		level[pairs] = level[len(level)-1]
		pairs++
	}
	return level[:pairs]
}

// top is the top of the tree above level, and zero for none. It uses level up.
func top(level []Hash) Hash {
	if len(level) == 0 {
		return Hash{}
	}
	for len(level) > 1 {
		level = parents(level)
	}
	return level[0]
}

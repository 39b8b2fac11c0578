package blob

import (
	"crypto/sha256"
	"math/rand/v2"
	"slices"
	"testing"
)

// The tree as RFC 6962 defines it, by recursion: what the functions are compared with.

func slowRoot(leaves []Hash) Hash {
	switch n := len(leaves); n {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return leaves[0]
	default:
		k := slowMiddle(n)
		left, right := slowRoot(leaves[:k]), slowRoot(leaves[k:])
		return hashNode(&left, &right)
	}
}

func slowPath(leaves []Hash, i int) []Hash {
	if len(leaves) <= 1 {
		return nil
	}
	k := slowMiddle(len(leaves))
	if i < k {
		return append(slowPath(leaves[:k], i), slowRoot(leaves[k:]))
	}
	return append(slowPath(leaves[k:], i-k), slowRoot(leaves[:k]))
}

// slowMiddle is the largest power of two below n.
func slowMiddle(n int) int {
	k := 1
	for 2*k < n {
		k *= 2
	}
	return k
}

func someLeaves(r *rand.Rand, n int) []Hash {
	leaves := make([]Hash, n)
	for i := range leaves {
		leaves[i] = Leaf([]byte{byte(r.Uint32()), byte(i)})
	}
	return leaves
}

func TestTreesAreThoseOfRFC6962(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	for n := range 140 {
		leaves := someLeaves(r, n)
		before := slices.Clone(leaves)
		root := Root(leaves)
		if root != slowRoot(leaves) {
			t.Fatalf("%d leaves have another root", n)
		}
		for i := range n {
			path := Path(leaves, i)
			if !slices.Equal(path, slowPath(leaves, i)) || len(path) != PathLen(i, n) {
				t.Fatalf("leaf %d of %d has another path", i, n)
			}
			if got, ok := Climb(leaves[i], i, n, path); !ok || got != root {
				t.Fatalf("leaf %d of %d does not lead to the root", i, n)
			}
		}
		if !slices.Equal(leaves, before) {
			t.Fatalf("%d leaves were changed", n)
		}
	}
}

func TestClimbRefuses(t *testing.T) {
	leaves := someLeaves(rand.New(rand.NewPCG(13, 14)), 11)
	root, path := Root(leaves), Path(leaves, 5)
	for name, c := range map[string]struct {
		i, n int
		path []Hash
	}{
		"no such leaf":     {11, 11, path},
		"a negative leaf":  {-1, 11, path},
		"no tree":          {0, 0, nil},
		"another leaf":     {4, 11, path},
		"another size":     {5, 6, path},
		"a short path":     {5, 11, path[1:]},
		"a long path":      {5, 11, append(slices.Clone(path), Hash{})},
		"siblings swapped": {5, 11, []Hash{path[1], path[0], path[2], path[3]}},
	} {
		if got, ok := Climb(leaves[5], c.i, c.n, c.path); ok && got == root {
			t.Errorf("%s leads to the root", name)
		}
	}
}

func TestSpansAreSubtrees(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 16))
	for n := 1; n < 90; n++ {
		leaves := someLeaves(r, n)
		for levels := range 6 {
			checkSpan(t, leaves, Span{Top: Root(leaves), Hi: n}, levels)
		}
	}
}

// checkSpan opens a span, and the spans in it.
func checkSpan(t *testing.T, leaves []Hash, s Span, levels int) {
	t.Helper()
	parts, tops := s.Split(levels), []Hash(nil)
	for _, p := range parts {
		tops = append(tops, slowRoot(leaves[p.Lo:p.Hi]))
	}
	opened, ok := s.Open(levels, tops)
	if !ok || len(opened) > 1<<levels {
		t.Fatalf("leaves %d to %d do not open into %d spans", s.Lo, s.Hi, len(parts))
	}
	for i, p := range opened {
		for leaf := p.Lo; leaf < p.Hi; leaf++ {
			path := Path(leaves[p.Lo:p.Hi], leaf-p.Lo)
			if !p.Holds(leaves[leaf], leaf, path) || p.Holds(leaves[leaf], leaf+1, path) || p.Holds(Hash{}, leaf, path) {
				t.Fatalf("leaf %d is not held by span %d of leaves %d to %d alone", leaf, i, s.Lo, s.Hi)
			}
		}
		if levels > 0 && p.Len() > 1 && p.Len() < s.Len() {
			checkSpan(t, leaves, p, levels)
		}
		wrong := slices.Clone(tops)
		wrong[i][0] ^= 1
		if _, ok := s.Open(levels, wrong); ok {
			t.Fatalf("span %d of leaves %d to %d opens with a wrong hash", i, s.Lo, s.Hi)
		}
	}
	if _, ok := s.Open(levels, tops[1:]); ok {
		t.Fatalf("leaves %d to %d open with a hash too few", s.Lo, s.Hi)
	}
}

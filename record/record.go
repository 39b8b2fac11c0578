// Package record finds what a text repeats of earlier ones, so that whoever
// registered a record first keeps it and a copy earns nothing.
package record

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"slices"
)

// Keep returns what is left of each text when every record that an earlier one
// has too is taken out. since orders the texts, ties by index.
func Keep(texts [][]byte, since []int64) [][]byte {
	order := make([]int, len(texts))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(since[a], since[b]) })
	kept := make([][]byte, len(texts))
	known := map[[32]byte]bool{}
	for _, i := range order {
		var own [][32]byte
		for line := range bytes.Lines(texts[i]) {
			hash := sha256.Sum256(bytes.ToLower(bytes.Join(bytes.Fields(line), nil)))
			own = append(own, hash)
			if !known[hash] || len(bytes.TrimSpace(line)) < 16 {
				kept[i] = append(kept[i], line...)
			}
		}
		for _, hash := range own {
			known[hash] = true
		}
	}
	return kept
}

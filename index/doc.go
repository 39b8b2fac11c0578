// Package index tells people what happened on a chain: it turns the chain's records
// into sentences and tables, for a terminal or a page.
//
// Dispute tells how a dispute went, round by round. Coins, Thousands and Dims write
// numbers as people read them. It asks nobody: the caller brings the records, and a
// function that names addresses.
package index

import (
	"fmt"
	"strings"
)

// Coins writes uminga as MINGA with six decimals.
func Coins(uminga int64) string {
	return fmt.Sprintf("%d.%06d MINGA", uminga/1_000_000, uminga%1_000_000)
}

// Thousands writes n with separators.
func Thousands[N ~int | ~int64 | ~uint32 | ~uint64](n N) string {
	digits := fmt.Sprint(n)
	var out strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			out.WriteByte(',')
		}
		out.WriteRune(d)
	}
	return out.String()
}

// Dims writes a shape, as 128×384.
func Dims[N int | uint64](shape []N) string {
	parts := make([]string, len(shape))
	for i, n := range shape {
		parts[i] = fmt.Sprint(n)
	}
	return strings.Join(parts, "×")
}

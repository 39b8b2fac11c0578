package train

import (
	"slices"

	"github.com/minga-network/minga/contribution"
)

// countUnits is how many units data of so many bytes has: all are of the same
// size, which is as near to the one asked for as that allows.
func countUnits(total, unit uint64) uint64 { return max(1, (total+unit/2)/unit) }

// cutUnits cuts the datasets, one after the other, into n units and lists what
// each unit has of each dataset. A cut that is within a fiftieth of a unit of a
// dataset's end is moved there, so that nobody is left with a crumb. Nothing else
// about the datasets matters: who owns which bytes moves no cut by more.
func cutUnits(lengths []uint64, n uint64) []contribution.Segment {
	ends := make([]uint64, len(lengths)) // of each dataset
	total := uint64(0)
	for d, length := range lengths {
		total += length
		ends[d] = total
	}
	var segments []contribution.Segment
	at, d := uint64(0), 0
	for u := range n {
		for end := cut(ends, u+1, n); at < end; {
			if at == ends[d] {
				d++
				continue
			}
			to := min(end, ends[d])
			segments = append(segments, contribution.Segment{Unit: int(u), Dataset: d, Bytes: to - at})
			at = to
		}
	}
	return segments
}

// cut is where unit u, counted from 1, of n ends.
func cut(ends []uint64, u, n uint64) uint64 {
	total := ends[len(ends)-1]
	even := total * u / n
	i, _ := slices.BinarySearch(ends, even)
	best, nearest := even, total/n/50+1
	for _, end := range ends[max(0, i-1):min(i+1, len(ends))] {
		if off := max(end, even) - min(end, even); off < nearest {
			best, nearest = end, off
		}
	}
	return best
}

package train

import "github.com/minga-network/minga/rule/contribution"

// countPortions is how many portions there are of so many bytes of data. All are of the same size, which is as near to
// the one asked for as possible.
func countPortions(total, portion uint64) uint64 { return max(1, (total+portion/2)/portion) }

// edge is the part of a portion, at either end, that makes nobody an owner of the portion: one divided by this.
const edge = 50

// cutPortions cuts the datasets, one after the other, into n portions. It lists what each portion has of each dataset,
// and the byte of all data where that ends. What lies within a fiftieth of a portion's end goes to whoever has the byte
// there, so that nobody shares a portion for a crumb; only a dataset that is nothing but crumbs keeps them. If a
// dataset is cut in two, the two have together what the one had, except for crumbs.
func cutPortions(lengths []uint64, n uint64) (segments []contribution.Segment, ends []uint64) {
	total := uint64(0)
	for _, length := range lengths {
		total += length
	}
	crumbs := onlyCrumbs(lengths, total, n)
	for u := range n {
		begin, end := total*u/n, total*(u+1)/n
		margin := (end - begin) / edge
		from, to := uint64(0), uint64(0) // of a dataset
		for d, length := range lengths {
			from, to = to, to+length
			size := min(to, end) - min(to, end, max(from, begin))
			if size > 0 && (crumbs[d] || max(from, begin+margin) < min(to, end-margin)) {
				segments = append(segments, contribution.Segment{Portion: int(u), Dataset: d, Bytes: size})
				ends = append(ends, min(to, end))
			}
		}
		if begin < end {
			ends[len(ends)-1] = end
		}
	}
	return segments, ends
}

// onlyCrumbs tells for each dataset whether all of it lies within a fiftieth of the ends of portions.
func onlyCrumbs(lengths []uint64, total, n uint64) []bool {
	only := make([]bool, len(lengths))
	from, to := uint64(0), uint64(0)
	for d, length := range lengths {
		from, to = to, to+length
		only[d] = true
		for u := range n {
			begin, end := total*u/n, total*(u+1)/n
			margin := (end - begin) / edge
			only[d] = only[d] && max(from, begin+margin) >= min(to, end-margin)
		}
	}
	return only
}

// sliceEnds lists the byte of all data where each slice of each of n portions ends.
func sliceEnds(total, n uint64) (ends []uint64) {
	for u := range n {
		begin, end := total*u/n, total*(u+1)/n
		for k := range uint64(contribution.Slices) {
			ends = append(ends, begin+(end-begin)*(k+1)/contribution.Slices)
		}
	}
	return ends
}

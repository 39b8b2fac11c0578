package blob

import "golang.org/x/sys/cpu"

//go:generate go run -C ../tools ./hashgen -out ../blob/leaves_amd64.s -stubs ../blob/leaves_amd64.go -pkg blob

// lanes is how many messages sums16 hashes at once.
const lanes = 16

var hasLanes = cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW

// leafLanes hashes the first leaves of data as far as they fill all lanes, and
// says how many that were.
func leafLanes(sums []Hash, data []byte) (done int) {
	if !hasLanes {
		return 0
	}
	for ; (done+lanes)*LeafSize <= len(data); done += lanes {
		group := sums[done : done+lanes]
		sums16(&group[0][0], &data[done*LeafSize], LeafSize/64, leafTag)
	}
	return done
}

// nodeLanes replaces the first nodes of level by the hashes of their pairs, as
// far as those fill all lanes, and says how many that were. sums16 writes after
// it has read, so the sums may lie where the pairs were.
func nodeLanes(level []Hash) (done int) {
	if !hasLanes {
		return 0
	}
	for ; 2*(done+lanes) <= len(level); done += lanes {
		sums16(&level[done][0], &level[2*done][0], 1, nodeTag)
	}
	return done
}

// hasNaN tells whether one of xs is NaN.
func hasNaN(xs []float32) bool {
	if whole := len(xs) &^ 63; hasLanes && whole > 0 {
		if unordered(whole, &xs[0]) {
			return true
		}
		xs = xs[whole:]
	}
	return slowHasNaN(xs)
}
